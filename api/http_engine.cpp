#include "api/http_engine.h"

#include <httplib.h>

#include <array>
#include <charconv>
#include <ctime>
#include <exception>

#include "api/http_text.h"
#include "api/problem.h"

namespace klasboek::api {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

// Reads the request line that the door wrote, and keeps what httplib writes.
class MemoryStream final : public httplib::Stream {
 public:
  MemoryStream(std::string_view request, std::string& answer)
      : request_(request), answer_(answer) {}

  bool is_readable() const override { return !request_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* ptr, size_t size) override {
    const std::size_t count = request_.copy(ptr, size);
    request_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* ptr, size_t size) override {
    answer_.append(ptr, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  // httplib refuses descriptors above FD_SETSIZE; it has no socket here to select on.
  socket_t socket() const override { return 0; }

 private:
  std::string_view request_;
  std::string& answer_;
};

bool has_no_body(int status) { return status == 204 || status == 304; }

// One line, and a name that HTTP allows: nobody adds a second header through a value.
bool is_sendable(std::string_view name, std::string_view value) {
  return is_token(name) && !has_control(value);
}

bool is_sendable(const Response& response) {
  if (has_control(response.content_type)) return false;
  for (const auto& [name, value] : response.headers) {
    if (!is_sendable(name, value)) return false;
  }
  return true;
}

// "Sun, 01 Mar 2026 08:15:00 GMT", made once a second (RFC 9110: an origin server sends Date).
class DateText {
 public:
  const std::string& now() {
    const std::time_t second = std::time(nullptr);
    if (second != second_) {
      second_ = second;
      std::tm parts{};
      gmtime_r(&second, &parts);
      std::array<char, 40> text{};
      const std::size_t length =
          std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
      text_.assign(text.data(), length);
    }
    return text_;
  }

 private:
  std::time_t second_ = -1;
  std::string text_;
};

void erase_content_length(std::string& head) {
  constexpr std::string_view kField = "\r\nContent-Length: 0";
  const std::size_t at = head.find(kField);
  if (at != std::string::npos) head.erase(at, kField.size());
}

}  // namespace

class HttpEngine::Renderer final : public httplib::Server {
 public:
  Renderer(std::vector<std::pair<std::string, std::string>> default_headers,
           std::chrono::milliseconds keep_alive, std::size_t requests_max)
      : own_default_headers_(std::move(default_headers)) {
    set_keep_alive_timeout(duration_cast<seconds>(keep_alive).count());
    set_keep_alive_max_count(requests_max);
    // Everything is answered here, so that httplib neither routes nor reads a body.
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& answer) {
      respond(answer);
      return HandlerResponse::Handled;
    });
    // respond() lets nothing out; without this httplib would send what() to the client.
    set_exception_handler([](const httplib::Request&, httplib::Response& answer,
                             const std::exception_ptr&) { answer.status = 500; });
  }

  RenderedAnswer answer(const AnswerForm& form, const Answerer& answerer) {
    form_ = &form;
    answerer_ = &answerer;
    stream_.reset();
    RenderedAnswer rendered;
    std::string request(method_name(form.method));
    request += " / HTTP/1.1\r\n\r\n";
    MemoryStream memory(request, rendered.bytes);
    bool connection_closed = false;
    // A declined stream makes this false; the head is in `rendered` all the same.
    (this->*kRoundTrip)(memory, !form.keep_alive, connection_closed,
                        [this](httplib::Request& seen) { seen_ = &seen; });
    rendered.status = status_;
    rendered.keep_alive = form.keep_alive && !is_closing_;
    if (has_no_body(status_)) erase_content_length(rendered.bytes);
    rendered.is_chunked = stream_ && !stream_->length_bytes && !form.is_http_1_0;
    rendered.stream = std::move(stream_);
    return rendered;
  }

 private:
  // From the request line in a stream to the answer in the same stream.
  static constexpr auto kRoundTrip = &Renderer::process_request;

  void respond(httplib::Response& answer) {
    Response response = answered();
    if (!is_sendable(response)) response = to_response(internal_error(), "");
    is_closing_ = response.closes_connection;
    if (is_closing_) seen_->set_header("Connection", "close");
    status_ = response.status;
    answer.status = response.status;
    for (const auto& [name, value] : own_default_headers_) answer.set_header(name, value);
    bool has_etag = false;
    for (const auto& [name, value] : response.headers) {
      answer.set_header(name, value);
      has_etag = has_etag || equals_ignoring_case(name, "etag");
    }
    answer.set_header("Date", date_.now());
    if (form_->method == Method::head) answer.set_header("Accept-Ranges", "none");
    if (response.stream) {
      promise_stream(answer, *response.stream, response.content_type);
      if (form_->method != Method::head) stream_ = std::move(response.stream);
      return;
    }
    if (!response.content_type.empty()) {
      answer.set_header("Content-Type", response.content_type);
    }
    if (has_no_body(response.status)) return;
    if (response.may_compress && !has_etag && response.body.size() > kCompressedBytesMin) {
      answer.set_header("Vary", "Accept-Encoding");
      if (form_->accepts_gzip) seen_->set_header("Accept-Encoding", "gzip");
    }
    answer.body = std::move(response.body);
  }

  Response answered() {
    try {
      return (*answerer_)();
    } catch (...) {
      return to_response(internal_error(), "");
    }
  }

  // httplib writes the head and then asks for the body; that is declined, since the door makes
  // it while sending, without holding a thread.
  void promise_stream(httplib::Response& answer, const StreamBody& stream,
                      const std::string& type) {
    const auto decline = [](std::size_t /*offset*/, httplib::DataSink& /*sink*/) { return false; };
    if (stream.length_bytes) {
      answer.set_content_provider(static_cast<std::size_t>(*stream.length_bytes), type,
                                  [](std::size_t /*offset*/, std::size_t /*length*/,
                                     httplib::DataSink& /*sink*/) { return false; });
    } else if (form_->is_http_1_0) {
      answer.set_content_provider(type, decline);
    } else {
      answer.set_chunked_content_provider(type, decline);
    }
  }

  const std::vector<std::pair<std::string, std::string>> own_default_headers_;
  DateText date_;
  const AnswerForm* form_ = nullptr;
  const Answerer* answerer_ = nullptr;
  httplib::Request* seen_ = nullptr;
  std::optional<StreamBody> stream_;
  int status_ = 500;
  bool is_closing_ = false;
};

HttpEngine::HttpEngine(std::vector<std::pair<std::string, std::string>> default_headers,
                       std::chrono::milliseconds keep_alive, std::size_t requests_max)
    : renderer_(std::make_unique<Renderer>(std::move(default_headers), keep_alive, requests_max)) {}

HttpEngine::~HttpEngine() = default;

RenderedAnswer HttpEngine::answer(const AnswerForm& form, const Answerer& answerer) {
  return renderer_->answer(form, answerer);
}

void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), bytes.size(), 16).ptr;
  out.append(digits.begin(), end);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

}  // namespace klasboek::api
