#include "api/http_bells.h"

#include <algorithm>
#include <utility>

namespace klasboek::api {

void StreamBells::ring(std::string_view bell) {
  std::function<void()> wake;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = bells_.find(bell);
    if (found == bells_.end()) return;
    ++found->second.rings;
    auto& sleepers = found->second.sleepers;
    if (sleepers.empty()) return;
    if (rung_.empty()) wake = wake_;
    rung_.insert(rung_.end(), sleepers.begin(), sleepers.end());
    sleepers.clear();
  }
  if (wake) wake();
}

void StreamBells::on_rung(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

std::vector<StreamBells::Sleeper> StreamBells::take_rung() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(rung_, {});
}

void StreamBells::join(const std::string& bell) {
  const std::scoped_lock lock(mutex_);
  ++bells_[bell].members;
}

void StreamBells::leave(const std::string& bell) {
  const std::scoped_lock lock(mutex_);
  const auto found = bells_.find(bell);
  if (found != bells_.end() && --found->second.members == 0) bells_.erase(found);
}

std::uint64_t StreamBells::rings(const std::string& bell) const {
  const std::scoped_lock lock(mutex_);
  const auto found = bells_.find(bell);
  return found == bells_.end() ? 0 : found->second.rings;
}

bool StreamBells::sleep(const std::string& bell, std::uint64_t rings_seen, Sleeper sleeper) {
  const std::scoped_lock lock(mutex_);
  const auto found = bells_.find(bell);
  if (found == bells_.end()) return true;  // a stream without a bell sleeps till its heartbeat
  if (found->second.rings != rings_seen) return false;
  found->second.sleepers.push_back(sleeper);
  return true;
}

void StreamBells::wake(const std::string& bell, Sleeper sleeper) {
  const std::scoped_lock lock(mutex_);
  const auto found = bells_.find(bell);
  if (found != bells_.end()) std::erase(found->second.sleepers, sleeper);
}

}  // namespace klasboek::api
