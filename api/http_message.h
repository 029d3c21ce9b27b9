// Request and Response: what handlers see of HTTP. Plain values, free of any HTTP library.
//
// Thread safety: none of these types synchronises; a request and its response belong to the one
// thread that handles them. Ownership: everything is held by value.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klasboek::api {

// The methods that the server knows. Any other token is answered 501 before a handler runs.
enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  patch,
  delete_,  // NOLINT(readability-identifier-naming): the word itself is the language's
  options
};

// "GET", "DELETE" …, as on the wire.
std::string_view method_name(Method method);

// The method of that name (methods are case-sensitive, RFC 9110), or nullopt.
std::optional<Method> method_from(std::string_view name);

// True for POST, PUT and PATCH: those must say how long their body is.
bool carries_body(Method method);

// Header fields in the order received; names are compared without regard to case.
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  void add(std::string name, std::string value);

  // Value of the first field of that name, or nullopt. The view lives as long as the fields do.
  std::optional<std::string_view> find(std::string_view name) const;

  // How many fields have that name.
  std::size_t count(std::string_view name) const;

  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

// Parameters of the query, decoded once; each name occurs at most once (the server refuses a
// request that repeats one) and both sides are UTF-8 without control characters.
class QueryParameters {
 public:
  struct Parameter {
    std::string name;
    std::string value;
  };

  // False, and nothing is added, when the name is there already.
  bool add(std::string name, std::string value);

  // Value of the parameter, or nullopt. The view lives as long as the parameters do.
  std::optional<std::string_view> find(std::string_view name) const;

  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

struct Request {
  Method method = Method::get;
  std::string path{};                   // as sent, percent-encoding included, without the query
  std::vector<std::string> segments{};  // of the path, split on '/' first and decoded once after
  QueryParameters query{};
  Headers headers{};
  std::string body{};
  std::string remote_addr{};  // the peer, or the client that a trusted proxy named
  std::string request_id{};   // of the trusted proxy, else made here; safe to log
  std::string traceparent{};  // W3C trace context of this request; always well-formed
  std::chrono::steady_clock::time_point deadline{};  // nobody waits for the answer after this
};

// Where a streaming body writes. What is written is buffered and sent as the client takes it.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  virtual void write(std::string_view bytes) = 0;

  // True once enough waits to be sent; a source does well to return StreamStep::more then.
  virtual bool is_full() const = 0;
};

// What a streaming source says when it is asked for more.
enum class StreamStep : std::uint8_t {
  more,   // there is more at once: ask again as soon as the client takes it
  wait,   // nothing for now: ask again when the bell rings or at the next heartbeat
  end,    // that was all
  broken  // it can't go on: cut the connection, so that nobody takes a part for the whole
};

// A body that is made while it is sent (NDJSON, SSE, media). No thread is held while it waits.
// The source is called by one thread at a time, but not always by the same one; it must not
// block. It is called at each heartbeat, too, so that it can end a stream whose reader has lost
// the right to it.
struct StreamBody {
  std::move_only_function<StreamStep(Sink&)> next{};
  std::string bell{};     // rung by StreamBells when there may be more; empty: never
  std::string account{};  // whose allowance of streams this uses; empty: only the server's
  std::optional<std::uint64_t> length_bytes;  // known in advance: Content-Length, not chunks
  std::chrono::milliseconds heartbeat{15'000};
  std::string heartbeat_text{};  // written when a heartbeat finds nothing to say; ": \n\n" for SSE
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string content_type{};
  std::string body{};
  std::optional<StreamBody> stream{};  // instead of `body`
  // The body is the same for everybody and holds nothing personal, so that gzip tells no secrets
  // by its length. Used above 1 KiB and without ETag (a strong tag names exact bytes).
  bool may_compress = false;
  bool closes_connection = false;  // the client is told, and must connect again

  void add_header(std::string name, std::string value);
};

// Status 200 with that body.
Response ok_json(std::string body);

// Status 204: no body, no Content-Length.
Response no_content();

// Status 200, Server-Sent Events (WHATWG): `next` writes whole events.
Response event_stream(StreamBody body);

// Status 200, one JSON document per line.
Response ndjson_stream(StreamBody body);

}  // namespace klasboek::api
