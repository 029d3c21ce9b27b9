// HttpCrew: the threads that serve. Each waits on the table's epoll set, takes one event at a
// time and does the work itself, so that a request costs no hand-over. The crew grows while all
// are busy and shrinks when some have been idle for long. Internal to the door.
//
// Thread safety: is_short(), size() and probe() from any thread; the rest belongs to the porter
// (grow, reap) and to the owner (start, stop).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "api/http_door_context.h"
#include "api/http_engine.h"
#include "api/http_table.h"

namespace klasboek::api {

// Measures how long something that is ready waits for a thread: an event that is always ready,
// armed by the porter, found by whoever comes to it.
class QueueProbe {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit QueueProbe(int epoll_fd);
  ~QueueProbe();
  QueueProbe(const QueueProbe&) = delete;
  QueueProbe& operator=(const QueueProbe&) = delete;

  void arm(Time now);
  void found(Time now);
  bool is_out() const { return is_out_; }
  std::chrono::microseconds waited_so_far(Time now) const;
  std::chrono::microseconds last_wait() const { return std::chrono::microseconds(last_wait_us_); }

 private:
  const int epoll_fd_;
  int event_fd_;
  std::atomic<bool> is_out_{false};
  std::atomic<std::int64_t> armed_at_us_{0};
  std::atomic<std::int64_t> last_wait_us_{0};
};

class HttpCrew {
 public:
  // `call_for_hands` is called by a worker when nobody else is left to wait for events; not again
  // until calls_heard().
  HttpCrew(DoorContext& door, ConnectionTable& table, std::function<void()> call_for_hands);
  ~HttpCrew();
  HttpCrew(const HttpCrew&) = delete;
  HttpCrew& operator=(const HttpCrew&) = delete;

  void start();
  // Ends all threads once their handlers have returned.
  void stop();

  bool grow();  // false: there are workers_max
  void reap();  // joins the threads that left
  bool is_short() const { return waiting_ == 0; }
  void calls_heard() { has_called_ = false; }
  std::size_t size() const { return size_; }
  QueueProbe& probe() { return probe_; }

 private:
  using Threads = std::list<std::thread>;

  void work(Threads::iterator self);
  bool may_leave();
  void serve(ConnectionTable::Name name, HttpEngine& engine);

  DoorContext& door_;
  ConnectionTable& table_;
  const std::function<void()> call_for_hands_;
  QueueProbe probe_;
  int stop_fd_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> size_{0};
  std::atomic<bool> has_called_{false};

  std::mutex threads_mutex_;
  Threads threads_;
  std::vector<Threads::iterator> left_;
};

// An engine as this door's options want it.
HttpEngine engine_for(const HttpServerOptions& options);

}  // namespace klasboek::api
