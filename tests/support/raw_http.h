// A client that writes bytes on a socket and reads bytes back, so that tests can send what no
// proper client would. Every wait is bounded; one that isn't met throws std::runtime_error, which
// fails the test with its message.
//
// Thread safety: none; a client belongs to one thread. Ownership: owns its socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klasboek::tests {

struct RawAnswer {
  int status = 0;
  std::string head;  // status line and fields, as received
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // chunks put together

  // Value of the first field of that name, in any case; nullopt when there is none.
  std::optional<std::string> field(std::string_view name) const;
  // `code` of a problem+json body, or "".
  std::string code() const;
};

class RawClient {
 public:
  // Connects to 127.0.0.1.
  explicit RawClient(std::uint16_t port);
  // The same with a receive buffer so small that the server soon has to wait for this client.
  static RawClient with_small_buffer(std::uint16_t port);
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient();

  void send(std::string_view bytes);
  // What of `bytes` the server took; less when it closed the connection meanwhile.
  std::size_t send_some(std::string_view bytes);
  void end_sending();

  // The next answer. `to_head`: it answers a HEAD, so it has no body whatever it says.
  RawAnswer read_answer(bool to_head = false);
  // Status line and fields only; of a stream, say.
  RawAnswer read_head();
  // Reads until `text` has come; returns all up to and with it.
  std::string read_until(std::string_view text);
  // Reads until the server closes; returns what came. A reset counts as closed.
  std::string read_to_end();
  // Whether the end was a reset; known after read_to_end().
  bool was_reset() const { return was_reset_; }

  std::uint16_t local_port() const;

 private:
  RawClient() = default;
  bool receive();
  std::string take(std::size_t bytes);
  std::string read_chunks();

  int fd_ = -1;
  std::string received_;
  bool was_reset_ = false;
};

// One request on a connection of its own.
RawAnswer ask(std::uint16_t port, std::string_view request);

// "GET <path> HTTP/1.1" with Host and `fields` (each ending in CR LF).
std::string get(std::string_view path, std::string_view fields = "");
// "POST <path> HTTP/1.1" with Host, Content-Type JSON, Content-Length and `fields`.
std::string post(std::string_view path, std::string_view body, std::string_view fields = "");

}  // namespace klasboek::tests
