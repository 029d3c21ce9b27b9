#include "tests/bench/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace klasboek::bench {

namespace {

constexpr int kSilenceMaxMs = 30'000;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int connected_socket(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("making a socket");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connecting to port " + std::to_string(port));
  }
  return fd;
}

struct Answer {
  int status = 0;
  bool closes = false;
  std::string_view body;
};

/// The value of a field of the head, which the server writes in the case given here.
std::string_view field(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

/// nullopt while some of it is still to come.
std::optional<Answer> whole_answer(std::string_view received) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const auto head_end = received.find(kEnd);
  if (head_end == std::string_view::npos) return std::nullopt;
  const auto head = received.substr(0, head_end + 2);
  const auto length_text = field(head, "\r\nContent-Length: ");
  std::size_t length = 0;
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  const auto body = received.substr(head_end + kEnd.size());
  if (body.size() < length) return std::nullopt;
  Answer answer;
  std::from_chars(head.data() + head.find(' ') + 1, head.data() + head.size(), answer.status);
  answer.closes = field(head, "\r\nConnection: ") == "close";
  answer.body = body.substr(0, length);
  return answer;
}

class Clients {
 public:
  Clients(std::uint16_t port, std::size_t count, const Until& until, const NextRequest& next)
      : port_(port), until_(until), next_(next), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_ < 0) fail("making an epoll set");
    clients_.resize(count);
    for (std::size_t i = 0; i < count; ++i) connect(i);
  }
  ~Clients() {
    for (const auto& client : clients_) ::close(client.fd);
    ::close(poll_);
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  Run run() {
    start_ = Clock::now();
    for (auto& client : clients_) send_next(client);
    while (waiting_ > 0) {
      std::array<epoll_event, 64> events{};
      const int count = ::epoll_wait(poll_, events.data(), events.size(), kSilenceMaxMs);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw std::runtime_error("the server answers nobody any more");
      for (int i = 0; i < count; ++i) receive(events.at(static_cast<std::size_t>(i)).data.u64);
    }
    run_.elapsed_s = std::chrono::duration<double>(Clock::now() - start_).count();
    std::ranges::sort(run_.latencies_us);
    return std::move(run_);
  }

 private:
  struct Client {
    int fd = -1;
    std::string received;
    Clock::time_point asked_at;
  };

  void connect(std::size_t i) {
    clients_[i].fd = connected_socket(port_);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, clients_[i].fd, &event) != 0) fail("watching a socket");
  }

  void send_next(Client& client) {
    if (asked_ >= until_.calls || Clock::now() >= start_ + until_.time) return;
    ++asked_;
    ++waiting_;
    const std::string request = next_();
    client.asked_at = Clock::now();
    // Far smaller than the socket's buffer: it doesn't block.
    const auto sent = ::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) fail("sending a request");
  }

  void receive(std::size_t i) {
    auto& client = clients_[i];
    std::array<char, 16384> buffer{};
    const auto count = ::recv(client.fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) throw std::runtime_error("the server closed a connection without an answer");
    client.received.append(buffer.data(), static_cast<std::size_t>(count));
    const auto answer = whole_answer(client.received);
    if (!answer) return;
    note(*answer, client);
    const bool closes = answer->closes;
    client.received.clear();
    --waiting_;
    if (closes) {
      ::close(client.fd);
      connect(i);
    }
    send_next(client);
  }

  void note(const Answer& answer, const Client& client) {
    if (answer.status / 100 == 2) {
      run_.latencies_us.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - client.asked_at).count());
    } else if (run_.refused++ == 0) {
      run_.first_refusal = std::to_string(answer.status) + " " + std::string(answer.body);
    }
  }

  std::uint16_t port_;
  Until until_;
  const NextRequest& next_;
  int poll_;
  std::vector<Client> clients_;
  Clock::time_point start_;
  std::size_t asked_ = 0;
  std::size_t waiting_ = 0;
  Run run_;
};

}  // namespace

Run run_http_load(std::uint16_t port, std::size_t clients, const Until& until,
                  const NextRequest& next) {
  const double processor_before_s = processor_seconds();
  auto run = Clients(port, clients, until, next).run();
  run.processor_s = processor_seconds() - processor_before_s;
  return run;
}

}  // namespace klasboek::bench
