// HttpPorter: one thread that lets clients in and keeps order: accepts, watches the clock, passes
// on the bells, gets more hands when all are busy, and sends people away when that doesn't help.
// It never handles a request, but for those that must be answered even then. Internal to the door.
//
// Thread safety: wake() and drain() from any thread; construction and join() belong to the owner.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "api/http_crew.h"
#include "api/http_listener.h"
#include "api/http_table.h"

namespace klasboek::api {

// Wakes a thread that waits in epoll.
class WakeUp {
 public:
  WakeUp();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  int fd() const { return fd_; }
  void call() const;
  void clear() const;

 private:
  int fd_;
};

class HttpPorter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  HttpPorter(DoorContext& door, ConnectionTable& table, HttpCrew& crew, const WakeUp& wake_up,
             HttpListener listener);
  ~HttpPorter();
  HttpPorter(const HttpPorter&) = delete;
  HttpPorter& operator=(const HttpPorter&) = delete;

  // Closes the door: ends the thread when everybody has left, or at `until` at the latest.
  // Returns whether everybody had left.
  bool drain(Time until);

 private:
  void run();
  int next_look_ms(bool is_short, Time now) const;
  void let_in(Time now);
  void pass_on_bells();
  bool mind_the_crew();
  void mind_the_queue(bool is_short, Time now);
  void send_away();
  bool has_emptied(Time now);

  DoorContext& door_;
  ConnectionTable& table_;
  HttpCrew& crew_;
  const WakeUp& wake_up_;
  HttpListener listener_;
  HttpEngine engine_;
  int epoll_fd_;

  std::atomic<Time> drain_until_{Time::max()};
  bool is_overloaded_ = false;
  Time looked_at_;      // at the clock of all connections
  Time listens_again_;  // after running out of files
  bool is_listening_ = true;
  std::vector<ConnectionTable::Name> rung_;
  std::thread thread_;  // last: it uses all above
};

}  // namespace klasboek::api
