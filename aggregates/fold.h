#pragma once
// One fold over several kinds of event: an overload per event, and none that catches the rest, so
// that a new event doesn't compile until every fold has thought about it.
#include <vector>

#include "aggregates/decision.h"

namespace klasboek::aggregates {

template <class... Folds>
struct Overloaded : Folds... {
  using Folds::operator()...;
};

/// What a decision answers with: these bodies, on one stream, as of now.
template <class... Bodies>
std::vector<events::NewEvent> on_stream(const events::Stream& stream, Bodies... bodies) {
  std::vector<events::NewEvent> events;
  events.reserve(sizeof...(bodies));
  (events.push_back({stream, std::move(bodies), 0}), ...);
  return events;
}

}  // namespace klasboek::aggregates
