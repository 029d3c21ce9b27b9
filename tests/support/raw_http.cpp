#include "tests/support/raw_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "api/http_text.h"

namespace klasboek::tests {
namespace {

constexpr int kPatienceSeconds = 20;  // far beyond what a busy machine needs
constexpr int kSmallBufferBytes = 4096;

int connected_socket(std::uint16_t port, int receive_buffer_bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string why = std::strerror(errno);
    ::close(fd);
    throw std::runtime_error("connecting to port " + std::to_string(port) + ": " + why);
  }
  return fd;
}

}  // namespace

std::optional<std::string> RawAnswer::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (api::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::string RawAnswer::code() const {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  return json.is_object() ? json.value("code", "") : "";
}

RawClient::RawClient(std::uint16_t port) : fd_(connected_socket(port, 0)) {}

RawClient RawClient::with_small_buffer(std::uint16_t port) {
  RawClient client;
  client.fd_ = connected_socket(port, kSmallBufferBytes);
  return client;
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      received_(std::move(other.received_)),
      was_reset_(other.was_reset_) {}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

void RawClient::send(std::string_view bytes) {
  if (send_some(bytes) != bytes.size()) throw std::runtime_error("the server takes no more bytes");
}

std::size_t RawClient::send_some(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

void RawClient::end_sending() { ::shutdown(fd_, SHUT_WR); }

bool RawClient::receive() {
  std::array<char, 16384> buffer{};
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (count > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }
  if (count == 0) return false;
  if (errno == ECONNRESET || errno == EPIPE) {
    was_reset_ = true;
    return false;
  }
  throw std::runtime_error("the server sent nothing for " + std::to_string(kPatienceSeconds) +
                           " s; so far: " + received_.substr(0, 200));
}

std::string RawClient::take(std::size_t bytes) {
  while (received_.size() < bytes) {
    if (!receive()) throw std::runtime_error("the server closed inside an answer: " + received_);
  }
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return taken;
}

std::string RawClient::read_until(std::string_view text) {
  std::size_t at = received_.find(text);
  while (at == std::string::npos) {
    if (!receive()) {
      throw std::runtime_error("the server closed before \"" + std::string(text) +
                               "\"; so far: " + received_);
    }
    at = received_.find(text);
  }
  return take(at + text.size());
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

RawAnswer RawClient::read_head() {
  RawAnswer answer;
  do {
    answer.head = read_until("\r\n\r\n");
    answer.status = std::stoi(answer.head.substr(answer.head.find(' ') + 1));
  } while (answer.status == 100);
  std::size_t begin = answer.head.find("\r\n") + 2;
  while (begin + 2 < answer.head.size()) {
    const std::size_t end = answer.head.find("\r\n", begin);
    const std::string line = answer.head.substr(begin, end - begin);
    const std::size_t colon = line.find(':');
    answer.fields.emplace_back(line.substr(0, colon),
                               api::trimmed(std::string_view(line).substr(colon + 1)));
    begin = end + 2;
  }
  return answer;
}

std::string RawClient::read_chunks() {
  std::string body;
  for (;;) {
    const std::size_t size = std::stoul(read_until("\r\n"), nullptr, 16);
    body += take(size);
    if (take(2) != "\r\n") throw std::runtime_error("a chunk doesn't end where it said");
    if (size == 0) return body;
  }
}

RawAnswer RawClient::read_answer(bool to_head) {
  RawAnswer answer = read_head();
  if (to_head || answer.status == 204 || answer.status == 304) return answer;
  if (const auto length = answer.field("content-length")) {
    answer.body = take(std::stoul(*length));
  } else if (answer.field("transfer-encoding")) {
    answer.body = read_chunks();
  } else {
    answer.body = read_to_end();
  }
  return answer;
}

std::uint16_t RawClient::local_port() const {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

RawAnswer ask(std::uint16_t port, std::string_view request) {
  RawClient client(port);
  client.send_some(request);
  return client.read_answer(request.starts_with("HEAD "));
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + std::string(fields) +
         "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace klasboek::tests
