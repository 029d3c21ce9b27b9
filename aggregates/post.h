#pragma once
// A post: published to groups, edited and retracted with a trace.
#include <optional>
#include <span>
#include <vector>

#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::school {
struct State;
}
namespace klasboek::aggregates::group {
struct State;
}

namespace klasboek::aggregates::post {

struct State {
  using Event = events::PostEvent;
  bool published = false;
  events::AccountId author;
  std::vector<events::GroupId> groups;
  /// When readers may see it, µs UTC.
  std::int64_t release_at_us = 0;
  /// When it leaves the feed; nullopt: never by itself.
  std::optional<events::Day> last_day;
  bool retracted = false;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::PostEvent& event, const Happened& happened);

/// audience: the groups that the command names, in its order. Outside the posting window of the
/// school the post is held until it opens, except in an emergency (calendar.h).
Decision decide(const events::PublishPost& command, const State& state, const school::State& school,
                std::span<const group::State* const> audience, const Context& context);
/// A text that isn't given stays as it was.
Decision decide(const events::EditPost& command, const State& state, const Context& context);
Decision decide(const events::RetractPost& command, const State& state, const Context& context);

}  // namespace klasboek::aggregates::post
