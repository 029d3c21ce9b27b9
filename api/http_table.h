// ConnectionTable: all connections of a server, each in a slot with its lock, and the epoll set
// that tells when one of them can go on. Internal to the door.
//
// An event is only a hint: whoever gets it locks the slot, makes sure that the name still fits,
// and lets the connection do what can be done. Every event is given to one thread and then
// disarmed, until the slot is settled again.
//
// Thread safety: on_event(), open_count() and epoll_fd() from any thread; the rest belongs to the
// porter's thread. Ownership: slots live as long as the table, so that a late event finds one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "api/http_connection.h"
#include "api/http_listener.h"

namespace klasboek::api {

class ConnectionTable {
 public:
  using Name = StreamBells::Sleeper;  // generation in the high half, slot in the low
  using Time = HttpConnection::Time;

  // Names that no connection has; for other things in the epoll set.
  static constexpr Name kProbeName = 0xFFFF'FFFF;
  static constexpr Name kStopName = 0xFFFF'FFFE;

  explicit ConnectionTable(DoorContext& door);
  ~ConnectionTable();
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  int epoll_fd() const { return epoll_fd_; }
  std::size_t open_count() const { return open_count_; }

  // A worker's (or, when all are busy, the porter's) turn with a connection.
  void on_event(Name name, HttpEngine& engine, bool is_shedding);

  // Takes a client in; one beyond the maximum takes the place of the longest idle one, or hears
  // 503.
  void admit(Arrival arrival, HttpEngine& engine, Time now);

  // Closes and refuses what is overdue, wakes streams for their heartbeat.
  void check_times(HttpEngine& engine, Time now);

  // Wakes those; returns the ones that are being served just now, to be tried again.
  std::vector<Name> ring(const std::vector<Name>& sleepers);

  // Closes what is idle and ends what sleeps; to be called again until open_count() is 0.
  void drain();

  // Cuts whatever is left. REQUIRES: no thread serves any more.
  void cut_all();

 private:
  struct Slot {
    explicit Slot(DoorContext& door) : connection(door) {}
    std::mutex mutex;
    HttpConnection connection;     // guarded by mutex
    std::uint32_t generation = 0;  // guarded by mutex
    std::atomic<bool> is_open{false};
  };

  bool evict_idle(Time now);
  Name name_of(std::uint32_t index, const Slot& slot) const;
  // Listens for what the connection wants next, or frees the slot. REQUIRES: the slot's lock.
  void settle(std::uint32_t index, HttpConnection::Want want);

  DoorContext& door_;
  int epoll_fd_ = -1;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::mutex free_mutex_;
  std::vector<std::uint32_t> free_;
  std::atomic<std::size_t> open_count_{0};
  Time nobody_idle_until_{};  // so long no search for an idle one is worth it
};

}  // namespace klasboek::api
