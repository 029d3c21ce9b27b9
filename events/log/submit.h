#pragma once
// The one way to change anything: load, decide, append, and again where a stream moved in between.
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "events/log/event_log.h"
#include "events/stream_source.h"

namespace klasboek::log {

/// What of a commit a decision gives; school, command and attempt are filled in by submit.
struct Prepared {
  std::int64_t decided_at_us = 0;
  events::Actor actor;
  events::EventId causation;
  std::vector<events::Condition> conditions;
  std::vector<events::NewEvent> events;
  events::Bytes input;
  std::vector<events::MintedKey> minted_keys;
};

/// A decision that says no, by the rejection's public name.
struct Declined {
  std::string rejection;
  std::int64_t decided_at_us = 0;
};

struct SubmitRequest {
  events::SchoolId school;
  events::CommandId command{};
  /// Keyed hash of the request's body, kept in the commit; empty where there is none to compare.
  events::Bytes fingerprint;
  /// Whether the fingerprint of an earlier commit was made of this request's body. Asked only where
  /// both have one; not set: the command id alone counts.
  std::function<bool(std::span<const std::uint8_t>)> same_request;
  /// Decides on streams of the school as they are now. Called once for each try, never twice at the
  /// same time.
  std::function<std::expected<Prepared, Declined>(events::StreamSource&)> decide;
  /// A new attempt id for each try.
  std::function<events::AttemptId()> draw_attempt;
  std::chrono::milliseconds wait_max{10'000};
  /// What Done waits for after the log; not set: nothing.
  WhenSeen when_seen;
};

/// Its events are in the log: now, or by an earlier request with the same command id (repeated).
/// With no events the command changed nothing, and nothing was appended.
struct Done {
  Position position = 0;
  std::uint64_t first_sequence = 0;
  std::uint32_t count = 0;
  bool repeated = false;
};
struct Refused {
  std::string rejection;
};
/// The command id was used before for a request with another body.
struct OtherRequest {};
/// Others kept moving the streams for all tries; nothing was appended.
struct Contended {};

using SubmitOutcome =
    std::variant<Done, Refused, OtherRequest, Contended, Unavailable, UnknownOutcome, TooLarge>;

/// Tries of one submit before it is answered as contended.
inline constexpr int kSubmitTriesMax = 24;

/// One command on its way into the log, from append to append: what submit does, for whoever waits
/// in a way of his own. One thread at a time.
class Submission {
 public:
  /// REQUIRES: both outlive this.
  Submission(EventLog& log, const SubmitRequest& request) : log_(log), request_(request) {}

  /// Decides on the log as it is now: the outcome, or a commit to append, whose outcome goes to
  /// take.
  [[nodiscard]] std::variant<SubmitOutcome, PendingCommit> next();
  /// The outcome; nullopt where a stream moved in between: then next() decides again.
  [[nodiscard]] std::optional<SubmitOutcome> take(const AppendOutcome& outcome) const;

 private:
  /// A rejection is final only when no earlier try of the same command can land any more.
  std::variant<SubmitOutcome, PendingCommit> settle(const Declined& declined);

  EventLog& log_;
  const SubmitRequest& request_;
  int tries_ = 0;
  bool settles_ = false;
};

/// Blocks until the outcome is known or wait_max has passed. Thread safe.
SubmitOutcome submit(EventLog& log, const SubmitRequest& request);

}  // namespace klasboek::log
