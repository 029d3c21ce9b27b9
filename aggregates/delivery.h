#pragma once
// What was sent to an account: claimed, then sent or failed (R22). The claim's condition is this
// stream, so that of two nodes only one sends.
#include <map>
#include <utility>

#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::delivery {

/// A claim without an outcome is lost after this long, and may be tried again.
inline constexpr std::int64_t kClaimTermUs = 10LL * 60 * 1'000'000;

enum class Standing : std::uint8_t {
  claimed,
  sent,
  /// To be tried again.
  failed,
  /// Never to be tried again.
  given_up,
};

struct Attempt {
  Standing standing = Standing::claimed;
  std::int64_t claimed_at_us = 0;
  /// How often it was claimed.
  std::uint32_t count = 0;
  bool operator==(const Attempt&) const = default;
};

struct State {
  using Event = events::DeliveryEvent;
  /// One message per cause and channel.
  std::map<std::pair<events::EventId, events::Channel>, Attempt> attempts;
  bool operator==(const State&) const = default;
};

/// nullptr where the message was never claimed.
const Attempt* attempt_of(const State& state, events::EventId cause, events::Channel channel);

void evolve(State& state, const events::DeliveryEvent& event, const Happened& happened);

Decision decide(const events::ClaimDelivery& command, const State& state, const Context& context);
Decision decide(const events::RecordDelivery& command, const State& state, const Context& context);

}  // namespace klasboek::aggregates::delivery
