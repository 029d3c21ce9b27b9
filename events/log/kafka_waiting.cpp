#include "events/log/kafka_waiting.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace klasboek::log {

/// Attempt ids are random or hashes already.
std::size_t WaitingCommits::AttemptHash::operator()(
    const events::AttemptId& attempt) const noexcept {
  std::array<std::size_t, 2> halves{};
  static_assert(sizeof halves == sizeof attempt);
  std::memcpy(halves.data(), attempt.data(), attempt.size());
  return halves[0] ^ halves[1];
}

void WaitingCommits::add(const events::AttemptId& attempt, EventLog::Completion done,
                         Clock::time_point deadline) {
  const std::lock_guard lock(mutex_);
  [[maybe_unused]] const auto [it, added] =
      waiting_.emplace(attempt, Waiting{std::move(done), false});
  assert(added);
  deadlines_.push_back({deadline, attempt});
}

bool WaitingCommits::mark_sent(const events::AttemptId& attempt) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(attempt);
  if (found == waiting_.end()) return false;
  found->second.sent = true;
  return true;
}

std::optional<WaitingCommits::Expired> WaitingCommits::take_locked(
    const events::AttemptId& attempt) {
  const auto found = waiting_.find(attempt);
  if (found == waiting_.end()) return std::nullopt;
  Expired taken{std::move(found->second.done), found->second.sent};
  waiting_.erase(found);
  return taken;
}

std::optional<EventLog::Completion> WaitingCommits::take(const events::AttemptId& attempt) {
  const std::lock_guard lock(mutex_);
  auto taken = take_locked(attempt);
  if (!taken) return std::nullopt;
  return std::move(taken->done);
}

std::vector<WaitingCommits::Expired> WaitingCommits::take_expired(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::vector<Expired> expired;
  while (!deadlines_.empty() && deadlines_.front().at <= now) {
    if (auto taken = take_locked(deadlines_.front().attempt)) expired.push_back(*std::move(taken));
    deadlines_.pop_front();
  }
  // Those that were answered need no deadline any more; without this it would keep ten seconds of
  // them.
  while (!deadlines_.empty() && !waiting_.contains(deadlines_.front().attempt)) {
    deadlines_.pop_front();
  }
  return expired;
}

std::vector<WaitingCommits::Expired> WaitingCommits::take_all() {
  const std::lock_guard lock(mutex_);
  std::vector<Expired> all;
  for (auto& [attempt, waiting] : waiting_) all.push_back({std::move(waiting.done), waiting.sent});
  waiting_.clear();
  deadlines_.clear();
  return all;
}

bool WaitingCommits::empty() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

}  // namespace klasboek::log
