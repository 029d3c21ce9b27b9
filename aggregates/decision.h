#pragma once
// The words of every decider: what it gets besides the folded streams, and what it answers.
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <vector>

#include "aggregates/rejection.h"
#include "events/commit.h"

namespace klasboek::aggregates {

/// The rules of law and school as they are built into this program; every decision event carries
/// it.
inline constexpr std::uint16_t kRuleSet = 1;

/// What a decision sees besides the folds. All of it comes from outside and is in the commit.
struct Context {
  events::SchoolId school;
  /// The clock, µs UTC; decide has no other.
  std::int64_t now_us = 0;
  events::Actor actor;
  /// The sealed texts of the command; slot n stands at n - 1.
  std::span<const events::Sealed> texts;

  /// The text in a slot for an event to hold; nullptr for slot 0 ("no text"), for a slot that the
  /// command's texts don't reach, and for an empty one.
  [[nodiscard]] std::unique_ptr<events::Sealed> text(std::uint16_t slot) const;
  /// Whether text() of that slot gives one.
  [[nodiscard]] bool has_text(std::uint16_t slot) const;
};

/// What of an event's record a fold may use besides its body.
struct Happened {
  std::int64_t recorded_at_us = 0;
  /// When it was true in the world; recorded_at_us where that doesn't differ.
  std::int64_t effective_at_us = 0;
  events::Actor actor;
  std::uint64_t stream_version = 0;
};

using Decision = std::expected<std::vector<events::NewEvent>, Rejection>;

}  // namespace klasboek::aggregates
