#pragma once
// Brings one partition into its ledger, record by record by the ledger's rule, and makes sure that
// it is still the same log: at the start, after each interruption and now and then, it reads again
// the last record that the ledger took and the one that it took last before the check before, and
// goes on only if they are what they were.
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/log/ledger.h"
#include "events/log/partition_port.h"

namespace klasboek::log {

struct FollowerOptions {
  /// A log that ends before what was read from it may still be coming back after a restart of its
  /// brokers; past this it has lost its tail.
  std::chrono::milliseconds shorter_log_wait_max{10'000};
  /// Between looks at the known record while nothing else is wrong.
  std::chrono::milliseconds check_every{30'000};
  /// What deadlines are measured by.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// One thread at a time.
class KafkaFollower {
 public:
  enum class State : std::uint8_t {
    checking,     // whether it is the log that was read before
    catching_up,  // up to where the log ended when the check was done
    following,
    stopped  // for good; fault() says why
  };

  /// The verdict on one record, for who appended it.
  struct Judged {
    events::AttemptId attempt{};
    Verdict verdict;
    Position position = 0;
  };
  struct Step {
    /// Of commits, if they were asked for; visible in the ledger by now.
    std::vector<Judged> judged;
    /// The newest position, if the ledger moved.
    std::optional<Position> advanced_to;
  };

  /// REQUIRES: ledger outlives this, and nobody else writes to it.
  KafkaFollower(std::unique_ptr<RecordReader> reader, Ledger& ledger,
                const FollowerOptions& options);

  /// Reads what there is, waiting up to wait_max for the first of it, and applies it.
  /// wants_judged is asked when there are records: whoever appended one of them waits by then.
  Step step(std::chrono::milliseconds wait_max, const std::function<bool()>& wants_judged);
  /// Looks at the known record before anything else is read.
  void check_now(const std::string& reason);

  [[nodiscard]] State state() const { return state_; }
  /// Why it isn't following; empty in a routine check, which nothing was the cause of.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] std::chrono::steady_clock::time_point checking_since() const {
    return checking_since_;
  }
  [[nodiscard]] const std::optional<LogFault>& fault() const { return fault_; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Clock::time_point now() const { return options_.now(); }

  void follow_step(std::chrono::milliseconds wait_max, const std::function<bool()>& wants_judged,
                   Step& step);
  void check_step(std::chrono::milliseconds wait_max, const std::function<bool()>& wants_judged,
                  Step& step);
  /// Asks for the known record, on a connection of its own.
  void ask_for_known();
  /// Whether what was read begins with the known record. False: not yet, or never.
  bool is_known(const PartitionRead& read);
  /// All that is known is there: true, and it follows, if the log's first records are there too.
  bool finish_check();
  /// The log ends before the known record; for long enough to believe it?
  void note_shorter(const std::string& how);
  void stop(LogFaultKind kind, const std::string& message);
  void take(const PartitionRead& read, bool wants_judged, Step& step);
  /// False: the rest can't be judged.
  bool judge(Ledger::Batch& batch, const PartitionRecord& record, bool wants_judged, Step& step);

  std::unique_ptr<RecordReader> reader_;
  Ledger& ledger_;
  FollowerOptions options_;
  State state_ = State::checking;
  std::string reason_;
  std::optional<LogFault> fault_;
  /// A record that the log must still hold, and that is asked for: the one of the last check, then
  /// the ledger's tail. nullopt while the ledger is empty.
  std::optional<Tail> known_;
  Position next_ = 0;
  /// The end of the log when the last check was done.
  Position catch_up_to_ = 0;
  Clock::time_point checking_since_;
  /// When the known record was asked for; nullopt: it must be, now.
  std::optional<Clock::time_point> asked_at_;
  /// What was asked for came together with an interruption, so that it counts for nothing.
  bool answer_was_lost_ = false;
  Clock::time_point checked_at_;
  std::optional<Clock::time_point> shorter_since_;
};

}  // namespace klasboek::log
