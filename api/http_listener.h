// The listening socket. Internal to the door.
//
// Thread safety: none; belongs to whoever accepts. Ownership: owns its descriptor.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "api/http_server.h"

namespace klasboek::api {

// A client that was accepted; the descriptor is the receiver's.
struct Arrival {
  int fd;
  std::string peer;  // its address, an IPv4 one as such
};

class HttpListener {
 public:
  // Binds and listens; port 0 takes a free one. Never shares a port with another program.
  static std::expected<HttpListener, StartFault> on(const std::string& host, std::uint16_t port);

  HttpListener(HttpListener&& other) noexcept;
  HttpListener& operator=(HttpListener&& other) noexcept;
  ~HttpListener();

  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

  enum class Dearth : std::uint8_t { nobody_waits, no_files_left };
  std::expected<Arrival, Dearth> accept() const;

  void close();

 private:
  HttpListener(int fd, std::uint16_t port) : fd_(fd), port_(port) {}

  int fd_ = -1;
  std::uint16_t port_ = 0;
};

// Raises this process's limit on open files as far as `connections` need; a fault when it may not.
std::expected<void, StartFault> provide_files(std::size_t connections);

}  // namespace klasboek::api
