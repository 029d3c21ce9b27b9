#include "api/http_porter.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace klasboek::api {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{100};         // at the clock of all connections
constexpr milliseconds kDearthPause{100};  // no accepting when files have run out
constexpr int kGrowMilliseconds = 1;       // one more thread at a time, this often
constexpr int kQueueMilliseconds = 20;     // how often the queue is probed when all are busy
constexpr int kDrainMilliseconds = 5;
constexpr int kArrivalsPerTurn = 64;
constexpr int kSentAwayPerTurn = 256;
// Once overloaded, waiting is cut short earlier, so that the queue empties.
constexpr int kOverloadedShare = 8;

}  // namespace

WakeUp::WakeUp() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
WakeUp::~WakeUp() { ::close(fd_); }

void WakeUp::call() const {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the thread is awake anyway.
  [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

void WakeUp::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd_, &count, sizeof count);
}

HttpPorter::HttpPorter(DoorContext& door, ConnectionTable& table, HttpCrew& crew,
                       const WakeUp& wake_up, HttpListener listener)
    : door_(door),
      table_(table),
      crew_(crew),
      wake_up_(wake_up),
      listener_(std::move(listener)),
      engine_(engine_for(door.options)),
      epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_.fd();
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, listener_.fd(), &event);
  event.data.fd = wake_up_.fd();
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_up_.fd(), &event);
  thread_ = std::thread([this] { run(); });
}

HttpPorter::~HttpPorter() {
  if (thread_.joinable()) drain(Time::min());
  ::close(epoll_fd_);
}

bool HttpPorter::drain(Time until) {
  drain_until_ = until;
  door_.is_draining = true;
  wake_up_.call();
  thread_.join();
  return table_.open_count() == 0;
}

void HttpPorter::run() {
  bool is_short = false;
  for (;;) {
    std::array<epoll_event, 2> events{};
    const int count = ::epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()),
                                   next_look_ms(is_short, steady_clock::now()));
    const Time now = steady_clock::now();
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.fd == wake_up_.fd()) wake_up_.clear();
    }
    if (door_.is_draining) {
      if (has_emptied(now)) return;
    } else {
      let_in(now);
    }
    pass_on_bells();
    is_short = mind_the_crew();
    mind_the_queue(is_short, now);
    if (now - looked_at_ >= kLook) {
      looked_at_ = now;
      table_.check_times(engine_, now);
      crew_.reap();
    }
  }
}

int HttpPorter::next_look_ms(bool is_short, Time now) const {
  if (!rung_.empty()) return kGrowMilliseconds;
  if (is_short) {
    return crew_.size() < door_.options.workers_max ? kGrowMilliseconds : kQueueMilliseconds;
  }
  if (door_.is_draining) return kDrainMilliseconds;
  if (table_.open_count() == 0 && is_listening_) return -1;
  const auto until = duration_cast<milliseconds>(looked_at_ + kLook - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(until + 1, 0, kLook.count()));
}

void HttpPorter::let_in(Time now) {
  if (!is_listening_ && now >= listens_again_) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener_.fd();
    ::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, listener_.fd(), &event);
    is_listening_ = true;
  }
  for (int i = 0; is_listening_ && i < kArrivalsPerTurn; ++i) {
    auto arrival = listener_.accept();
    if (arrival) {
      table_.admit(*std::move(arrival), engine_, now);
      continue;
    }
    if (arrival.error() == HttpListener::Dearth::nobody_waits) return;
    // Those who knock stay ready to be let in; without a pause that would be a busy loop.
    epoll_event event{};
    event.events = 0;
    event.data.fd = listener_.fd();
    ::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, listener_.fd(), &event);
    is_listening_ = false;
    listens_again_ = now + kDearthPause;
  }
}

void HttpPorter::pass_on_bells() {
  const auto fresh = door_.bells->take_rung();
  rung_.insert(rung_.end(), fresh.begin(), fresh.end());
  if (!rung_.empty()) rung_ = table_.ring(rung_);
}

// True when all workers are busy.
bool HttpPorter::mind_the_crew() {
  if (!crew_.is_short()) {
    crew_.calls_heard();
    // Who became busy before that line didn't call; so look once more.
    if (!crew_.is_short()) return false;
  }
  crew_.grow();
  return true;
}

void HttpPorter::mind_the_queue(bool is_short, Time now) {
  if (!is_short) {
    is_overloaded_ = false;
    return;
  }
  QueueProbe& probe = crew_.probe();
  if (!probe.is_out()) {
    probe.arm(now);
    return;
  }
  const milliseconds limit =
      is_overloaded_ ? door_.options.queue_time / kOverloadedShare : door_.options.queue_time;
  if (probe.waited_so_far(now) < limit) return;
  is_overloaded_ = true;
  send_away();
}

// Serves what is ready, refusing whole requests.
void HttpPorter::send_away() {
  for (int i = 0; i < kSentAwayPerTurn; ++i) {
    epoll_event event{};
    if (::epoll_wait(table_.epoll_fd(), &event, 1, 0) <= 0) return;
    if (event.data.u64 == ConnectionTable::kProbeName) {
      crew_.probe().found(steady_clock::now());
    } else {
      table_.on_event(event.data.u64, engine_, true);
    }
  }
}

bool HttpPorter::has_emptied(Time now) {
  listener_.close();
  if (table_.open_count() == 0 || now >= drain_until_.load()) return true;
  table_.drain();
  return table_.open_count() == 0;
}

}  // namespace klasboek::api
