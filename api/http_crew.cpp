#include "api/http_crew.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace klasboek::api {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int kIdleMilliseconds = 10'000;  // a thread that waited so long in vain may leave

int always_ready_fd() { return ::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK); }

std::int64_t in_us(steady_clock::time_point time) {
  return duration_cast<microseconds>(time.time_since_epoch()).count();
}

}  // namespace

QueueProbe::QueueProbe(int epoll_fd) : epoll_fd_(epoll_fd), event_fd_(always_ready_fd()) {
  epoll_event event{};
  event.events = 0;
  event.data.u64 = ConnectionTable::kProbeName;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, event_fd_, &event);
}

QueueProbe::~QueueProbe() { ::close(event_fd_); }

void QueueProbe::arm(Time now) {
  armed_at_us_ = in_us(now);
  is_out_ = true;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.u64 = ConnectionTable::kProbeName;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, event_fd_, &event);
}

void QueueProbe::found(Time now) {
  last_wait_us_ = in_us(now) - armed_at_us_;
  is_out_ = false;
}

microseconds QueueProbe::waited_so_far(Time now) const {
  return microseconds(in_us(now) - armed_at_us_);
}

HttpEngine engine_for(const HttpServerOptions& options) {
  return {options.default_headers, options.keep_alive, options.requests_per_connection_max};
}

HttpCrew::HttpCrew(DoorContext& door, ConnectionTable& table, std::function<void()> call_for_hands)
    : door_(door),
      table_(table),
      call_for_hands_(std::move(call_for_hands)),
      probe_(table.epoll_fd()),
      stop_fd_(always_ready_fd()) {}

HttpCrew::~HttpCrew() {
  stop();
  ::close(stop_fd_);
}

void HttpCrew::start() {
  for (std::size_t i = 0; i < door_.options.workers_min; ++i) grow();
}

void HttpCrew::stop() {
  is_stopping_ = true;
  // Stays ready, so that it wakes everybody who waits.
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = ConnectionTable::kStopName;
  ::epoll_ctl(table_.epoll_fd(), EPOLL_CTL_ADD, stop_fd_, &event);
  // Nobody grows or leaves any more: the porter is gone and workers only return.
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  threads_.clear();
  left_.clear();
}

bool HttpCrew::grow() {
  if (size_ >= door_.options.workers_max) return false;
  const std::scoped_lock lock(threads_mutex_);
  ++size_;
  // Counted from now on, so that the porter doesn't call for another one until this one is busy.
  ++waiting_;
  const auto place = threads_.emplace(threads_.end());
  *place = std::thread([this, place] { work(place); });
  return true;
}

void HttpCrew::reap() {
  std::vector<Threads::iterator> left;
  {
    const std::scoped_lock lock(threads_mutex_);
    left = std::exchange(left_, {});
  }
  for (const auto& place : left) {
    place->join();
    const std::scoped_lock lock(threads_mutex_);
    threads_.erase(place);
  }
}

bool HttpCrew::may_leave() {
  std::size_t size = size_;
  while (size > door_.options.workers_min) {
    if (size_.compare_exchange_weak(size, size - 1)) return true;
  }
  return false;
}

// `waiting_` counts this thread whenever it is about to wait, from before its first wait.
void HttpCrew::work(Threads::iterator self) {
  HttpEngine engine = engine_for(door_.options);
  while (!is_stopping_) {
    epoll_event event{};
    const int count = ::epoll_wait(table_.epoll_fd(), &event, 1, kIdleMilliseconds);
    if (is_stopping_) break;
    if (count == 0 && may_leave()) {
      --waiting_;
      const std::scoped_lock lock(threads_mutex_);
      left_.push_back(self);
      return;
    }
    if (count <= 0) continue;
    if (--waiting_ == 0 && !has_called_.exchange(true)) call_for_hands_();
    serve(event.data.u64, engine);
    ++waiting_;
  }
  --waiting_;
}

void HttpCrew::serve(ConnectionTable::Name name, HttpEngine& engine) {
  if (name == ConnectionTable::kStopName) return;
  if (name == ConnectionTable::kProbeName) {
    probe_.found(steady_clock::now());
    return;
  }
  table_.on_event(name, engine, false);
}

}  // namespace klasboek::api
