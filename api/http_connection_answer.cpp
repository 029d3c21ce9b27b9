// The second half of HttpConnection: from a whole request to the last byte of its answer.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <utility>

#include "api/http_connection.h"
#include "api/http_text.h"
#include "api/router.h"

namespace klasboek::api {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kReceiveBytes = std::size_t{16} * 1024;
constexpr std::size_t kStreamBytesPerTurn = std::size_t{1024} * 1024;
constexpr std::size_t kLingerBytesMax = std::size_t{256} * 1024;
constexpr std::size_t kKeptCapacityBytes = std::size_t{32} * 1024;
constexpr std::uint32_t kRetryAfterSeconds = 1;
constexpr std::uint32_t kStreamRetryAfterSeconds = 5;

// A kept connection shouldn't hold the memory of its largest request.
void clear_buffer(std::string& buffer) {
  if (buffer.capacity() > kKeptCapacityBytes) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

bool accepts_gzip(const Headers& headers) {
  std::string_view rest = headers.find("accept-encoding").value_or("");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view coding = trimmed(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (equals_ignoring_case(coding, "gzip")) return true;  // a weighted one isn't worth it
  }
  return false;
}

}  // namespace

void HttpConnection::refuse(HttpEngine& engine, Problem problem) {
  ++door_.counters.requests_refused;
  AnswerForm form;
  if (has_head_) form.method = head_.method;
  const std::string request_id = request_id_of({}, false);
  auto answer = engine.answer(form, [&] { return to_response(problem, request_id); });
  must_linger_ = true;
  begin_answer(std::move(answer));
}

HttpConnection::Want HttpConnection::refuse_at_once(HttpEngine& engine, Problem problem) {
  refuse(engine, std::move(problem));
  return serve(engine, false);
}

Request HttpConnection::make_request() {
  Request request;
  request.method = head_.method;
  request.path = std::move(head_.target.path);
  request.segments = std::move(head_.target.segments);
  request.query = std::move(head_.target.query);
  request.headers = std::move(head_.headers);
  request.body = std::move(body_);
  const bool is_proxied = door_.proxies.contains(peer_);
  request.remote_addr = is_proxied ? door_.proxies.client(peer_, request.headers) : peer_;
  request.request_id = request_id_of(request.headers, is_proxied);
  request.traceparent = traceparent_of(request.headers);
  request.deadline = deadline_;
  return request;
}

Response HttpConnection::handled(const Request& request, bool is_shedding) {
  const auto& never_refused = door_.options.never_refused;
  if (is_shedding && std::ranges::find(never_refused, request.path) == never_refused.end()) {
    ++door_.counters.requests_shed;
    return to_response(unavailable("All threads are busy.", kRetryAfterSeconds),
                       request.request_id);
  }
  ++door_.counters.requests;
  if (request.path == "*") {
    return options_response({Method::get, Method::head, Method::post, Method::put, Method::patch,
                             Method::delete_, Method::options});
  }
  Response response;
  try {
    response = door_.handler(request);
  } catch (const std::exception& fault) {
    door_.note_fault(request.request_id, fault.what());
    return to_response(internal_error(), request.request_id);
  } catch (...) {
    door_.note_fault(request.request_id, "the handler threw something that is no exception");
    return to_response(internal_error(), request.request_id);
  }
  if (!response.stream || request.method == Method::head) return response;
  auto share = door_.streams.take(response.stream->account);
  if (share) {
    stream_share_ = std::make_unique<StreamAllowance::Share>(*std::move(share));
    return response;
  }
  switch (share.error()) {
    case StreamAllowance::Refusal::account_has_enough:
      return to_response(
          too_many_requests("This account has too many streams open.", kStreamRetryAfterSeconds),
          request.request_id);
    case StreamAllowance::Refusal::server_is_full:
      return to_response(unavailable("Too many streams are open.", kStreamRetryAfterSeconds),
                         request.request_id);
  }
  return response;
}

void HttpConnection::respond(HttpEngine& engine, bool is_shedding) {
  const Time began = steady_clock::now();
  ++requests_this_turn_;
  AnswerForm form;
  form.method = head_.method;
  form.is_http_1_0 = head_.is_http_1_0;
  form.accepts_gzip = accepts_gzip(head_.headers);
  form.keep_alive = head_.keep_alive && !head_.is_http_1_0 &&
                    ++requests_ < door_.options.requests_per_connection_max;
  // A client that said it would close needn't be listened to any more, unless it goes on sending.
  must_linger_ = head_.keep_alive || !inbox_.empty();
  const Request request = make_request();
  request_id_ = request.request_id;
  auto answer = engine.answer(form, [&] {
    Response response = handled(request, is_shedding);
    // Asked only now, since a handler may take as long as a stop takes to begin.
    if (door_.is_draining) response.closes_connection = true;
    return response;
  });
  if (door_.options.on_answered) {
    door_.options.on_answered(
        {request.request_id, request.traceparent, request.method, answer.status,
         std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began)});
  }
  begin_answer(std::move(answer));
}

void HttpConnection::begin_answer(RenderedAnswer answer) {
  forget_head();
  clear_buffer(body_);
  body_share_.give_back();
  const Time now = steady_clock::now();
  const bool is_delimited = answer.is_chunked || !answer.stream || answer.stream->length_bytes;
  keep_alive_ = answer.keep_alive && is_delimited;
  outbox_ = std::move(answer.bytes);
  sent_bytes_ = 0;
  deadline_ = now + door_.options.write_time + extra_time(outbox_.size());
  phase_ = Phase::writing;
  if (!answer.stream) {
    stream_share_.reset();
    return;
  }
  stream_ = std::make_unique<HttpStream>(std::move(*answer.stream), std::move(*stream_share_),
                                         answer.is_chunked, door_, name_, request_id_, now);
  stream_share_.reset();
  is_asleep_next_ = false;
  phase_ = Phase::streaming;
}

HttpConnection::Flush HttpConnection::flush() {
  while (sent_bytes_ < outbox_.size()) {
    const ssize_t count =
        ::send(fd_, outbox_.data() + sent_bytes_, outbox_.size() - sent_bytes_, MSG_NOSIGNAL);
    if (count >= 0) {
      sent_bytes_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Flush::blocked;
    } else if (errno != EINTR) {
      return Flush::broken;
    }
  }
  clear_buffer(outbox_);
  sent_bytes_ = 0;
  return Flush::done;
}

std::optional<HttpConnection::Want> HttpConnection::write_more() {
  switch (flush()) {
    case Flush::blocked:
      return Want::write;
    case Flush::broken:
      return closed_now();
    case Flush::done:
      break;
  }
  if (door_.options.on_sent) door_.options.on_sent();
  if (!keep_alive_) return finish_answer();
  return next_request();
}

// On to what the client sent meanwhile; to the end when it sent nothing.
std::optional<HttpConnection::Want> HttpConnection::next_request() {
  phase_ = Phase::reading;
  const Time now = steady_clock::now();
  idle_since_ = now;
  deadline_ = now + door_.options.keep_alive;
  if (inbox_.empty()) {
    clear_buffer(inbox_);
    return door_.is_draining ? closed_now() : Want::read;
  }
  begin_request(now);
  return std::nullopt;
}

// The last answer of this connection was sent. Closing with bytes unread would reset it, and the
// client might lose the answer: so first only this side is closed.
HttpConnection::Want HttpConnection::finish_answer() {
  if (!must_linger_) return closed_now();
  ::shutdown(fd_, SHUT_WR);
  clear_buffer(inbox_);
  phase_ = Phase::lingering;
  lingered_bytes_ = 0;
  deadline_ = steady_clock::now() + door_.options.linger_time;
  return linger();
}

HttpConnection::Want HttpConnection::linger() {
  thread_local std::array<char, kReceiveBytes> buffer;
  while (lingered_bytes_ < kLingerBytesMax) {
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      lingered_bytes_ += static_cast<std::size_t>(count);
    } else if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return Want::read;
    } else if (count == 0 || errno != EINTR) {
      break;
    }
  }
  return closed_now();
}

std::optional<HttpConnection::Want> HttpConnection::stream_more() {
  std::size_t bytes = 0;
  for (;;) {
    switch (flush()) {
      case Flush::blocked:
        return Want::write;
      case Flush::broken:
        return closed_now();
      case Flush::done:
        break;
    }
    if (is_asleep_next_ && !door_.is_draining && stream_->sleep()) {
      phase_ = Phase::sleeping;
      return Want::hangup;
    }
    if (is_asleep_next_ && door_.is_draining) {
      stream_->append_end(outbox_);
      keep_alive_ = false;
      stream_.reset();
      phase_ = Phase::writing;
      return std::nullopt;
    }
    if (bytes > kStreamBytesPerTurn) return Want::write;
    const Time now = steady_clock::now();
    const HttpStream::Outcome outcome = stream_->advance(outbox_, now);
    bytes += outbox_.size();
    deadline_ = now + door_.options.write_time + extra_time(outbox_.size());
    is_asleep_next_ = outcome == HttpStream::Outcome::sleepy;
    if (outcome == HttpStream::Outcome::broken) {
      cut();
      return Want::closed;
    }
    if (outcome == HttpStream::Outcome::ended) {
      stream_.reset();
      phase_ = Phase::writing;
      return std::nullopt;
    }
  }
}

}  // namespace klasboek::api
