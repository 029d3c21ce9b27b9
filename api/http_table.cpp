#include "api/http_table.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace klasboek::api {
namespace {

using Want = HttpConnection::Want;

constexpr std::uint32_t kNameBits = 32;
// Places beyond the maximum, in which refused clients hear why.
constexpr std::size_t kRefusalSlots = 64;
constexpr std::uint32_t kRetryAfterSeconds = 2;
// A crowd at a full door mustn't have all slots searched for each of its members.
constexpr std::chrono::milliseconds kSearchPause{10};

std::uint32_t index_of(ConnectionTable::Name name) { return static_cast<std::uint32_t>(name); }
std::uint32_t generation_of(ConnectionTable::Name name) {
  return static_cast<std::uint32_t>(name >> kNameBits);
}

std::uint32_t events_for(Want want) {
  switch (want) {
    case Want::read:
      return EPOLLIN | EPOLLONESHOT;
    case Want::write:
      return EPOLLOUT | EPOLLONESHOT;
    case Want::hangup:
      return EPOLLRDHUP | EPOLLONESHOT;
    case Want::closed:
      return 0;
  }
  return 0;
}

}  // namespace

ConnectionTable::ConnectionTable(DoorContext& door)
    : door_(door), epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  const std::size_t count = door.options.connections_max + kRefusalSlots;
  slots_.reserve(count);
  free_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) slots_.push_back(std::make_unique<Slot>(door));
  for (std::size_t i = count; i > 0; --i) free_.push_back(static_cast<std::uint32_t>(i - 1));
}

ConnectionTable::~ConnectionTable() {
  cut_all();
  ::close(epoll_fd_);
}

ConnectionTable::Name ConnectionTable::name_of(std::uint32_t index, const Slot& slot) const {
  return (Name{slot.generation} << kNameBits) | index;
}

void ConnectionTable::settle(std::uint32_t index, Want want) {
  Slot& slot = *slots_[index];
  if (want != Want::closed) {
    epoll_event event{};
    event.events = events_for(want);
    event.data.u64 = name_of(index, slot);
    ::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, slot.connection.fd(), &event);
    return;
  }
  ++slot.generation;
  slot.is_open = false;
  {
    const std::scoped_lock lock(free_mutex_);
    free_.push_back(index);
  }
  --open_count_;
}

void ConnectionTable::on_event(Name name, HttpEngine& engine, bool is_shedding) {
  const std::uint32_t index = index_of(name);
  Slot& slot = *slots_[index];
  const std::scoped_lock lock(slot.mutex);
  if (slot.generation != generation_of(name) || !slot.connection.is_open()) return;
  settle(index, slot.connection.serve(engine, is_shedding));
}

void ConnectionTable::admit(Arrival arrival, HttpEngine& engine, Time now) {
  ++door_.counters.connections_accepted;
  const bool is_full = open_count_ >= door_.options.connections_max && !evict_idle(now);
  std::uint32_t index = 0;
  {
    const std::scoped_lock lock(free_mutex_);
    if (free_.empty()) {
      ++door_.counters.connections_refused;
      ::close(arrival.fd);
      return;
    }
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = *slots_[index];
  const std::scoped_lock lock(slot.mutex);
  ++open_count_;
  slot.is_open = true;
  slot.connection.open(arrival.fd, std::move(arrival.peer), name_of(index, slot), now);
  epoll_event event{};
  event.events = is_full ? 0 : events_for(Want::read);
  event.data.u64 = name_of(index, slot);
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, arrival.fd, &event);
  if (!is_full) return;
  ++door_.counters.connections_refused;
  settle(index, slot.connection.refuse_at_once(
                    engine, unavailable("Too many connections are open.", kRetryAfterSeconds)));
}

bool ConnectionTable::evict_idle(Time now) {
  if (now < nobody_idle_until_) return false;
  std::optional<std::uint32_t> longest;
  Time since = now - door_.options.evictable_after;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (!slot.is_open) continue;
    const std::unique_lock lock(slot.mutex, std::try_to_lock);
    if (!lock || !slot.connection.is_open()) continue;
    const auto idle_since = slot.connection.idle_since();
    if (idle_since && *idle_since <= since) {
      longest = i;
      since = *idle_since;
    }
  }
  if (!longest) {
    nobody_idle_until_ = now + kSearchPause;
    return false;
  }
  Slot& slot = *slots_[*longest];
  const std::unique_lock lock(slot.mutex, std::try_to_lock);
  if (!lock || !slot.connection.is_open() || !slot.connection.idle_since()) return false;
  slot.connection.close();
  settle(*longest, Want::closed);
  ++door_.counters.connections_evicted;
  return true;
}

void ConnectionTable::check_times(HttpEngine& engine, Time now) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (!slot.is_open) continue;
    // Locked means served just now, which is no reason to hurry it.
    const std::unique_lock lock(slot.mutex, std::try_to_lock);
    if (!lock || !slot.connection.is_open()) continue;
    if (const auto want = slot.connection.check_time(engine, now)) settle(i, *want);
  }
}

std::vector<ConnectionTable::Name> ConnectionTable::ring(const std::vector<Name>& sleepers) {
  std::vector<Name> busy;
  for (const Name name : sleepers) {
    Slot& slot = *slots_[index_of(name)];
    const std::unique_lock lock(slot.mutex, std::try_to_lock);
    if (!lock) {
      busy.push_back(name);
      continue;
    }
    if (slot.generation != generation_of(name) || !slot.connection.is_open()) continue;
    if (const auto want = slot.connection.on_bell()) settle(index_of(name), *want);
  }
  return busy;
}

void ConnectionTable::drain() {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (!slot.is_open) continue;
    const std::unique_lock lock(slot.mutex, std::try_to_lock);
    if (!lock || !slot.connection.is_open()) continue;
    if (const auto want = slot.connection.drain()) settle(i, *want);
  }
}

void ConnectionTable::cut_all() {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    const std::scoped_lock lock(slot.mutex);
    if (!slot.connection.is_open()) continue;
    slot.connection.close();
    settle(i, Want::closed);
  }
}

}  // namespace klasboek::api
