// HttpStream: a streamed body on its way out: frames what the source writes, and sleeps on its
// bell when the source has nothing. Internal to the door.
//
// Thread safety: none; the connection that owns it is locked by whoever calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "api/http_allowance.h"
#include "api/http_door_context.h"
#include "api/http_message.h"

namespace klasboek::api {

inline constexpr std::size_t kStreamBufferBytes = std::size_t{64} * 1024;

class HttpStream {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Outcome : std::uint8_t {
    more,    // ask again when what was written has been sent
    sleepy,  // nothing for now: sleep() once what was written has been sent
    ended,   // all was written, the last chunk included
    broken   // cut the connection
  };

  HttpStream(StreamBody body, StreamAllowance::Share share, bool is_chunked, DoorContext& door,
             StreamBells::Sleeper sleeper, std::string request_id, Time now);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  // Asks the source once and appends to `out` what goes on the wire.
  Outcome advance(std::string& out, Time now);

  // False when the bell rang since the last advance(): ask again instead.
  bool sleep();
  void wake();
  Time heartbeat_at() const { return heartbeat_at_; }

  // Ends a sleeping stream early in good order: appends the last chunk, if there is one.
  void append_end(std::string& out) const;

 private:
  StreamStep ask(std::string& written);

  StreamBody body_;
  StreamAllowance::Share share_;
  const bool is_chunked_;
  DoorContext& door_;
  const StreamBells::Sleeper sleeper_;
  const std::string request_id_;
  std::uint64_t rings_seen_ = 0;
  std::uint64_t bytes_written_ = 0;
  Time heartbeat_at_;
};

}  // namespace klasboek::api
