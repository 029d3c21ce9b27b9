#pragma once
// Commits that were appended and whose verdict hasn't come back yet, by attempt id.
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "events/log/event_log.h"

namespace klasboek::log {

/// Thread safe. Completions are handed out once, to be called outside.
class WaitingCommits {
 public:
  using Clock = std::chrono::steady_clock;

  struct Expired {
    EventLog::Completion done;
    /// False: it never left this program.
    bool sent = false;
  };

  /// REQUIRES: no attempt with this id waits; deadlines don't run back.
  void add(const events::AttemptId& attempt, EventLog::Completion done, Clock::time_point deadline);
  /// Notes that it leaves this program now. False: nobody waits any more, don't send it.
  bool mark_sent(const events::AttemptId& attempt);
  /// nullopt where no such attempt waits (any more).
  std::optional<EventLog::Completion> take(const events::AttemptId& attempt);
  std::vector<Expired> take_expired(Clock::time_point now);
  std::vector<Expired> take_all();
  [[nodiscard]] bool empty() const;

 private:
  struct Waiting {
    EventLog::Completion done;
    bool sent = false;
  };
  struct AttemptHash {
    std::size_t operator()(const events::AttemptId& attempt) const noexcept;
  };
  struct Deadline {
    Clock::time_point at;
    events::AttemptId attempt{};
  };

  std::optional<Expired> take_locked(const events::AttemptId& attempt);

  mutable std::mutex mutex_;
  std::unordered_map<events::AttemptId, Waiting, AttemptHash> waiting_;
  /// Oldest first; also of attempts that were answered since.
  std::deque<Deadline> deadlines_;
};

}  // namespace klasboek::log
