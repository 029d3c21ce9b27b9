#pragma once
// Erasure of one school: which keys are to be destroyed, and which were (R14). The event comes
// first; from it on every node destroys the keys and never takes them again, and whoever still
// seals under one of them loses, since the key's own stream has moved.
#include <set>

#include "aggregates/decision.h"
#include "events/command.h"
#include "events/day.h"

namespace klasboek::aggregates::child {
struct State;
}
namespace klasboek::aggregates::account {
struct State;
}
namespace klasboek::aggregates::post {
struct State;
}

namespace klasboek::aggregates::erasure {

/// What the law has a school keep of a child (identity and attendance, leave) stays for so many
/// years after the last day.
inline constexpr int kStatutoryYears = 5;

struct State {
  using Event = events::ErasureEvent;
  /// Listed by an erasure and not recorded as destroyed yet.
  std::set<events::KeyId> listed;
  std::set<events::KeyId> destroyed;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::ErasureEvent& event, const Happened& happened);

/// What the command is about: one of them; the others are nullptr.
struct Subject {
  const child::State* child = nullptr;
  const account::State* account = nullptr;
  const post::State* post = nullptr;
};

/// today: the school's own day. REQUIRES: the command's keys live.
Decision decide(const events::EraseSubject& command, const Subject& subject, events::Day today,
                const Context& context);
Decision decide(const events::RecordKeysDestroyed& command, const State& state,
                const Context& context);

}  // namespace klasboek::aggregates::erasure
