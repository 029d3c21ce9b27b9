#include "api/http_listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace klasboek::api {
namespace {

// Measured: with httplib's 5, connecting takes a second under load.
constexpr int kBacklog = 1024;
constexpr std::size_t kFilesOfOthers = 512;  // RocksDB, SQLite, Kafka, mail

std::unexpected<StartFault> fault(StartFaultKind kind, std::string message) {
  return std::unexpected(StartFault{kind, std::move(message)});
}

std::string place(const std::string& host, std::uint16_t port) {
  return host + " port " + std::to_string(port);
}

std::unexpected<StartFault> bind_fault(int error, const std::string& host, std::uint16_t port) {
  const std::string where = place(host, port);
  switch (error) {
    case EADDRINUSE:
      return fault(StartFaultKind::address_in_use,
                   where +
                       " is taken: another program listens there. Stop it or choose another "
                       "port.");
    case EACCES:
      return fault(StartFaultKind::address_forbidden,
                   where +
                       " may not be listened on: ports below 1024 need a privilege. Choose a "
                       "higher port and let a reverse proxy take the lower one.");
    case EADDRNOTAVAIL:
      return fault(StartFaultKind::address_unusable,
                   host +
                       " is no address of this machine. Use 127.0.0.1 for this machine only, "
                       "or 0.0.0.0 for all its addresses.");
    default:
      return fault(StartFaultKind::system_fault,
                   where + " can't be listened on: " + std::strerror(error) + ".");
  }
}

int tune(int fd) {
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // "::" takes IPv4, too; meaningless, and refused, on an IPv4 socket.
  ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  return fd;
}

std::uint16_t bound_port(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

std::string address_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text.data(),
                text.size());
    return text.data();
  }
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    ::inet_ntop(AF_INET, &v6.s6_addr[12], text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, &v6, text.data(), text.size());
  }
  return text.data();
}

}  // namespace

std::expected<HttpListener, StartFault> HttpListener::on(const std::string& host,
                                                         std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int looked_up = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (looked_up != 0) {
    return fault(StartFaultKind::address_unusable,
                 "\"" + host + "\" isn't an address to listen on: " + ::gai_strerror(looked_up) +
                     ". Use a number such as 127.0.0.1, 0.0.0.0 or ::1.");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  const int fd =
      ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return bind_fault(errno, host, port);
  HttpListener listener(tune(fd), port);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, kBacklog) != 0) {
    return bind_fault(errno, host, port);
  }
  listener.port_ = bound_port(fd);
  return listener;
}

HttpListener::HttpListener(HttpListener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), port_(other.port_) {}

HttpListener& HttpListener::operator=(HttpListener&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    port_ = other.port_;
  }
  return *this;
}

HttpListener::~HttpListener() { close(); }

void HttpListener::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::expected<Arrival, HttpListener::Dearth> HttpListener::accept() const {
  for (;;) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int fd = ::accept4(fd_, reinterpret_cast<sockaddr*>(&address), &length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      // Without it the end of a short answer waits for the client's acknowledgement: 44 ms.
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return Arrival{fd, address_text(address)};
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return std::unexpected(Dearth::no_files_left);
    }
    // A client that gave up between knocking and being let in is no reason to stop.
    const bool is_passing = errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
    if (!is_passing) return std::unexpected(Dearth::nobody_waits);
  }
}

std::expected<void, StartFault> provide_files(std::size_t connections) {
  const rlim_t wanted = connections + kFilesOfOthers;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return {};
  const bool is_allowed = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted;
  const rlimit raised{wanted, limit.rlim_max};
  if (is_allowed && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  return fault(StartFaultKind::too_few_files,
               "This process may open " + std::to_string(limit.rlim_max) + " files, but " +
                   std::to_string(connections) + " connections need " + std::to_string(wanted) +
                   ". Raise the limit (ulimit -n, LimitNOFILE) or lower the maximum of "
                   "connections.");
}

}  // namespace klasboek::api
