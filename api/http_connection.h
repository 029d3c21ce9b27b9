// HttpConnection: one client's socket, from the first byte to the last. A state machine that never
// waits for the client: it does what can be done now and says what it wants to hear of next.
// Internal to the door.
//
// Thread safety: none of its own. The door keeps one lock per connection and holds it around
// every call, the handler's included. Ownership: an open connection owns its descriptor.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/http_allowance.h"
#include "api/http_door_context.h"
#include "api/http_engine.h"
#include "api/http_request_head.h"
#include "api/http_stream.h"

namespace klasboek::api {

class HttpConnection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What the door should listen for.
  enum class Want : std::uint8_t {
    read,    // bytes of a client
    write,   // room to send
    hangup,  // only the end: a stream sleeps
    closed   // nothing any more: the descriptor is closed
  };

  explicit HttpConnection(DoorContext& door) : door_(door), body_share_(door.bodies) {}

  // REQUIRES: closed. `name` tells this connection from all others, in StreamBells too.
  void open(int fd, std::string peer, StreamBells::Sleeper name, Time now);
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  // Reads, handles and writes as far as that goes without waiting for the client. `is_shedding`:
  // whole requests are refused with 503 instead of handled.
  Want serve(HttpEngine& engine, bool is_shedding);

  // Answers the first request with this problem, unread; for connections beyond the maximum.
  Want refuse_at_once(HttpEngine& engine, Problem problem);

  // Looks at the clock; nullopt: all is as it was.
  std::optional<Want> check_time(HttpEngine& engine, Time now);

  // A sleeping stream has news; nullopt: it wasn't asleep.
  std::optional<Want> on_bell();

  // The server is going to stop: ends what only waits. nullopt: a request is under way.
  std::optional<Want> drain();

  // Since when it has been without a request; nullopt: it has one.
  std::optional<Time> idle_since() const;

  void close();

 private:
  enum class Phase : std::uint8_t { reading, writing, streaming, sleeping, lingering };
  enum class Flush : std::uint8_t { done, blocked, broken };

  // Each does one phase's work; nullopt: go on with the phase that is set now.
  std::optional<Want> read_more(HttpEngine& engine, bool is_shedding);
  std::optional<Want> write_more();
  std::optional<Want> stream_more();
  Want linger();

  bool advance_request(HttpEngine& engine, bool is_shedding);
  bool take_head(HttpEngine& engine);
  std::optional<Problem> judge_head();
  bool take_body(HttpEngine& engine);
  bool send_continue();
  void take_input(const char* bytes, std::size_t count);

  void respond(HttpEngine& engine, bool is_shedding);
  Request make_request();
  Response handled(const Request& request, bool is_shedding);
  void refuse(HttpEngine& engine, Problem problem);
  void begin_answer(RenderedAnswer answer);
  void begin_request(Time now);
  void forget_head();
  // What so many bytes may take longer than none.
  std::chrono::milliseconds extra_time(std::uint64_t bytes) const;
  Want finish_answer();
  std::optional<Want> next_request();
  Flush flush();
  Want closed_now();
  void cut();

  DoorContext& door_;
  int fd_ = -1;
  std::string peer_;
  StreamBells::Sleeper name_ = 0;
  Phase phase_ = Phase::reading;
  Time deadline_;       // of the phase
  Time request_began_;  // at its first byte
  Time idle_since_;
  std::size_t requests_ = 0;
  std::size_t requests_this_turn_ = 0;

  std::string inbox_;  // received, not yet taken
  std::size_t scanned_bytes_ = 0;
  bool has_head_ = false;
  RequestHead head_;  // once it is there, while its body arrives
  std::string body_;
  BodyAllowance::Share body_share_;

  std::string outbox_;
  std::size_t sent_bytes_ = 0;
  bool keep_alive_ = true;
  bool must_linger_ = false;  // the client may still be sending: let it hear the answer first
  bool is_asleep_next_ = false;
  std::size_t lingered_bytes_ = 0;
  std::unique_ptr<StreamAllowance::Share> stream_share_;  // taken, its stream not yet made
  std::unique_ptr<HttpStream> stream_;                    // while it is sent or sleeps
  std::string request_id_;
};

}  // namespace klasboek::api
