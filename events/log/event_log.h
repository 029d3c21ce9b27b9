#pragma once
// The port to the log of one shard. Two stand behind it: the embedded log (one machine) and the
// Kafka log (many nodes); whoever appends or follows can't tell which, but for how long it takes.
#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "events/commit.h"
#include "events/key_sink.h"
#include "events/log/ledger.h"

namespace klasboek::log {

/// The events are durable and every reader has them at these places.
struct Committed {
  Position position = 0;
  Applied applied;
};
/// Surely not appended, nothing changed: the same request may be tried again.
struct Unavailable {
  std::string reason;
};
/// Nobody knows yet: it may be in the log or come in later. A retry with the same command finds
/// out.
struct UnknownOutcome {
  std::string reason;
};
/// Larger than a record may be; surely not appended.
struct TooLarge {};

using AppendOutcome = std::variant<Committed, MovedStream, DuplicateCommand, SettledRejection,
                                   Unavailable, UnknownOutcome, TooLarge>;

/// What the writer of a record hears of the verdict on it. A void record of one's own is a fault of
/// the program and answered as unavailable by the reason's name.
AppendOutcome outcome_of(const Verdict& verdict, Position position);

/// Why commits whose keys aren't durable are refused, in words.
std::string_view reason_of(events::KeySinkFault fault);

/// A commit on its way into the log, with the keys that must be durable before it.
struct PendingCommit {
  events::NewCommit commit;
  std::vector<events::MintedKey> minted_keys;
};

/// How the log is.
struct LogHealth {
  bool ready = false;
  /// Why not, for readiness answers and the log; no names of persons.
  std::string reason;
};

/// Thread safe. Completions and listeners are called on the log's own thread: quick, never
/// blocking.
class EventLog {
 public:
  using Completion = std::move_only_function<void(AppendOutcome)>;
  /// Called with the newest position after each batch that became visible.
  using Listener = std::function<void(Position)>;

  EventLog() = default;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;
  virtual ~EventLog() = default;

  /// Appends and tells the outcome, once. The completion is called even when the log is closed.
  virtual void append(PendingCommit pending, Completion done) = 0;
  /// The local copy that every decision and view reads.
  [[nodiscard]] virtual const Ledger& ledger() const = 0;
  [[nodiscard]] virtual LogHealth health() const = 0;
  /// True where a rejection must be settled in the log before it is answered (a settling commit): a
  /// try whose outcome is unknown could otherwise still land.
  [[nodiscard]] virtual bool settles_rejections() const = 0;
  /// REQUIRES: called before the first append; the listener lives as long as the log.
  virtual void listen(Listener listener) = 0;
  /// Stops taking commits, finishes those it has, and answers all that wait.
  virtual void close() = 0;
};

/// Calls once those who read the log have the record at a position, or never will. Any thread.
using WhenSeen = std::function<void(Position, std::function<void()>)>;

/// append, and wait for the outcome; past the deadline it is unknown. With when_seen an outcome
/// that committed is told no sooner than that calls.
AppendOutcome append_and_wait(EventLog& log, PendingCommit pending,
                              std::chrono::milliseconds wait_max, const WhenSeen& when_seen = {});

}  // namespace klasboek::log
