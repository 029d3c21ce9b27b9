// HttpEngine: cpp-httplib, in quarantine. It renders answers into bytes and never sees a byte that
// a client sent: the door reads and judges requests (http_request_head.h) and hands the engine a
// request line of its own. docs/adr/0002-http-door.md says why.
//
// Thread safety: none; each thread that answers has an engine of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/http_message.h"

namespace klasboek::api {

inline constexpr std::size_t kCompressedBytesMin = 1024;  // smaller bodies are sent as they are

// What of the request decides the form of the answer.
struct AnswerForm {
  Method method = Method::get;
  bool keep_alive = false;
  bool accepts_gzip = false;
  bool is_http_1_0 = false;  // knows no chunks: a stream ends with the connection
};

// An answer as bytes. Of a streamed one `bytes` is the head, and the body is still to be made.
struct RenderedAnswer {
  std::string bytes;
  int status = 0;
  bool keep_alive = false;  // what the client was told
  std::optional<StreamBody> stream{};
  bool is_chunked = false;
};

class HttpEngine {
 public:
  using Answerer = std::function<Response()>;

  // `default_headers` go with every answer; `keep_alive` and `requests_max` are told to clients.
  HttpEngine(std::vector<std::pair<std::string, std::string>> default_headers,
             std::chrono::milliseconds keep_alive, std::size_t requests_max);
  ~HttpEngine();
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  // Calls `answerer` once and renders what it returns. Whatever it throws becomes a 500 without
  // a word of what was thrown; a header field that isn't one line of text becomes a 500, too.
  RenderedAnswer answer(const AnswerForm& form, const Answerer& answerer);

 private:
  class Renderer;
  std::unique_ptr<Renderer> renderer_;
};

// The bytes of a chunk (RFC 9112 chapter 7.1); nothing for an empty one, which would be the last.
void append_chunk(std::string& out, std::string_view bytes);

// What ends a chunked body.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace klasboek::api
