#pragma once
// What a person chose for himself: the ways in which he is told. Apart from the account, so that a
// choice never voids a decision that rests on the account's rights.
#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::preferences {

struct State {
  using Event = events::PreferencesEvent;
  /// Mail beside the inbox of the page; on until somebody chooses otherwise, so that nobody misses
  /// a decision about leave by never having chosen.
  bool mail = true;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::PreferencesEvent& event, const Happened& happened);

/// Choosing the same again is no fault: it is recorded again.
Decision decide(const events::ChooseChannels& command, const State& state, const Context& context);

}  // namespace klasboek::aggregates::preferences
