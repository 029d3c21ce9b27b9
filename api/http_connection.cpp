#include "api/http_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <utility>

#include "api/http_text.h"

namespace klasboek::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kReceiveBytes = std::size_t{16} * 1024;
constexpr std::size_t kReceivesPerTurn = 16;  // then it is somebody else's turn
constexpr std::size_t kRequestsPerTurn = 32;
constexpr std::uint64_t kSmallBodyBytes = std::uint64_t{64} * 1024;  // not counted together
constexpr std::uint32_t kRetryAfterSeconds = 1;

bool is_served_host(std::string_view authority, const std::vector<std::string>& hosts) {
  if (hosts.empty()) return true;
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const std::string_view name = authority.substr(0, authority.find(':', bracket));
  return std::ranges::any_of(
      hosts, [&](const std::string& host) { return equals_ignoring_case(host, name); });
}

}  // namespace

void HttpConnection::open(int fd, std::string peer, StreamBells::Sleeper name, Time now) {
  fd_ = fd;
  peer_ = std::move(peer);
  name_ = name;
  phase_ = Phase::reading;
  requests_ = 0;
  keep_alive_ = true;
  must_linger_ = false;
  idle_since_ = now;
  deadline_ = now + door_.options.keep_alive;
  ++door_.counters.connections;
}

void HttpConnection::close() {
  if (fd_ < 0) return;
  ::close(fd_);
  fd_ = -1;
  stream_.reset();
  stream_share_.reset();
  forget_head();
  body_share_.give_back();
  for (std::string* buffer : {&inbox_, &outbox_, &body_, &peer_}) std::string().swap(*buffer);
  scanned_bytes_ = 0;
  sent_bytes_ = 0;
  --door_.counters.connections;
}

// With a reset instead of an orderly end, so that a part isn't taken for the whole.
void HttpConnection::cut() {
  const struct ::linger reset{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close();
}

HttpConnection::Want HttpConnection::closed_now() {
  close();
  return Want::closed;
}

HttpConnection::Want HttpConnection::serve(HttpEngine& engine, bool is_shedding) {
  if (phase_ == Phase::sleeping) {
    // Asleep, only the end of the connection is listened for.
    return closed_now();
  }
  requests_this_turn_ = 0;
  for (;;) {
    std::optional<Want> want;
    switch (phase_) {
      case Phase::reading:
        want = read_more(engine, is_shedding);
        break;
      case Phase::writing:
        want = write_more();
        break;
      case Phase::streaming:
        want = stream_more();
        break;
      case Phase::sleeping:
        want = Want::hangup;
        break;
      case Phase::lingering:
        want = linger();
        break;
    }
    if (want) return *want;
  }
}

milliseconds HttpConnection::extra_time(std::uint64_t bytes) const {
  return milliseconds(bytes * 1000 /
                      std::max<std::uint64_t>(door_.options.bytes_per_second_min, 1));
}

std::optional<HttpConnection::Time> HttpConnection::idle_since() const {
  const bool is_idle = phase_ == Phase::reading && inbox_.empty() && !has_head_;
  return is_idle ? std::optional(idle_since_) : std::nullopt;
}

void HttpConnection::forget_head() {
  has_head_ = false;
  head_ = {};
}

void HttpConnection::begin_request(Time now) {
  request_began_ = now;
  deadline_ = now + door_.options.head_time;
}

// Bytes go to the body as far as it needs them, and wait in the inbox otherwise.
void HttpConnection::take_input(const char* bytes, std::size_t count) {
  std::size_t for_body = 0;
  if (has_head_) for_body = std::min<std::size_t>(count, head_.content_length_bytes - body_.size());
  body_.append(bytes, for_body);
  inbox_.append(bytes + for_body, count - for_body);
}

std::optional<HttpConnection::Want> HttpConnection::read_more(HttpEngine& engine,
                                                              bool is_shedding) {
  // Who sends many requests at once goes to the end of the queue now and then; the socket has
  // room to send, so its turn comes again by itself.
  if (requests_this_turn_ >= kRequestsPerTurn) return Want::write;
  thread_local std::array<char, kReceiveBytes> buffer;
  for (std::size_t i = 0; i < kReceivesPerTurn; ++i) {
    if (advance_request(engine, is_shedding)) return std::nullopt;
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count == 0) {
      if (inbox_.empty() && !has_head_) return closed_now();
      refuse(engine, malformed_request("The request ended before it was whole."));
      return std::nullopt;
    }
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return Want::read;
      return closed_now();
    }
    if (inbox_.empty() && !has_head_) begin_request(steady_clock::now());
    const auto received = static_cast<std::size_t>(count);
    take_input(buffer.data(), received);
    if (received < buffer.size()) {
      // The socket is empty for now; looking again would only cost a call.
      if (advance_request(engine, is_shedding)) return std::nullopt;
      return Want::read;
    }
  }
  return Want::read;
}

// True when the phase changed: a request was answered or refused.
bool HttpConnection::advance_request(HttpEngine& engine, bool is_shedding) {
  if (!has_head_ && !take_head(engine)) return phase_ != Phase::reading;
  if (!take_body(engine)) return phase_ != Phase::reading;
  respond(engine, is_shedding);
  return true;
}

// True when the head is there and good.
bool HttpConnection::take_head(HttpEngine& engine) {
  // RFC 9112 2.2: an empty line that an old client sends after a body is passed over.
  if (scanned_bytes_ == 0 && inbox_.starts_with("\r\n")) inbox_.erase(0, 2);
  if (inbox_.empty() || inbox_ == "\r") return false;
  const HeadScan scan = scan_head(inbox_, scanned_bytes_);
  scanned_bytes_ = inbox_.size();
  if (scan.verdict == HeadScan::Verdict::incomplete) return false;
  if (scan.verdict == HeadScan::Verdict::refused) {
    refuse(engine, scan.problem);
    return false;
  }
  auto head = parse_head(std::string_view(inbox_).substr(0, scan.head_bytes));
  inbox_.erase(0, scan.head_bytes);
  scanned_bytes_ = 0;
  if (!head) {
    refuse(engine, std::move(head).error());
    return false;
  }
  head_ = *std::move(head);
  has_head_ = true;
  if (auto problem = judge_head()) {
    refuse(engine, *std::move(problem));
    return false;
  }
  deadline_ = request_began_ + door_.options.request_time + extra_time(head_.content_length_bytes);
  const std::string rest = std::exchange(inbox_, {});
  take_input(rest.data(), rest.size());
  if (head_.expects_continue && body_.empty() && !send_continue()) {
    refuse(engine, request_timeout());
    return false;
  }
  return true;
}

// What can be said against a well-formed head here.
std::optional<Problem> HttpConnection::judge_head() {
  const HttpServerOptions& options = door_.options;
  if (!is_served_host(head_.target.authority, options.served_hosts)) {
    return misdirected_request();
  }
  const std::uint64_t bytes_max =
      options.body_bytes_max_of ? options.body_bytes_max_of(head_.method, head_.target.segments)
                                : options.body_bytes_max;
  if (head_.content_length_bytes > bytes_max) return body_too_large(bytes_max);
  return std::nullopt;
}

bool HttpConnection::send_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // Everything before it was sent, so the socket has room for these few bytes.
  return ::send(fd_, kContinue.data(), kContinue.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(kContinue.size());
}

// True when the body is there.
bool HttpConnection::take_body(HttpEngine& engine) {
  if (head_.content_length_bytes > kSmallBodyBytes && !body_share_.hold(body_.size())) {
    refuse(engine, unavailable("Too many large bodies are being received.", kRetryAfterSeconds));
    return false;
  }
  return body_.size() == head_.content_length_bytes;
}

std::optional<HttpConnection::Want> HttpConnection::on_bell() {
  if (phase_ != Phase::sleeping) return std::nullopt;
  stream_->wake();
  is_asleep_next_ = false;
  phase_ = Phase::streaming;
  deadline_ = steady_clock::now() + door_.options.write_time;
  return Want::write;
}

std::optional<HttpConnection::Want> HttpConnection::check_time(HttpEngine& engine, Time now) {
  if (phase_ == Phase::sleeping) {
    return now >= stream_->heartbeat_at() ? on_bell() : std::nullopt;
  }
  if (now < deadline_) return std::nullopt;
  const bool has_begun = has_head_ || !inbox_.empty();
  if (phase_ != Phase::reading || !has_begun) return closed_now();
  return refuse_at_once(engine, request_timeout());
}

std::optional<HttpConnection::Want> HttpConnection::drain() {
  if (idle_since()) return closed_now();
  if (phase_ == Phase::lingering) {
    linger();
    return closed_now();
  }
  return on_bell();
}

}  // namespace klasboek::api
