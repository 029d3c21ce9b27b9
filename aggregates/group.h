#pragma once
// A group: class, whole school or other, and the staff that works with it by day.
#include <optional>
#include <vector>

#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::account {
struct State;
}

namespace klasboek::aggregates::group {

struct Assignment {
  events::AccountId account;
  events::Day first_day;
  /// nullopt: until further notice.
  std::optional<events::Day> last_day;
  bool operator==(const Assignment&) const = default;
};

struct State {
  using Event = events::GroupEvent;
  bool founded = false;
  events::GroupKind kind = events::GroupKind::class_group;
  std::optional<events::Day> closed_after;
  std::vector<Assignment> assignments;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::GroupEvent& event, const Happened& happened);

/// Founded, and not closed on that day.
bool is_open(const State& state, events::Day day);
/// Whether the account works with the group on that day.
bool is_assigned(const State& state, events::AccountId account, events::Day day);

Decision decide(const events::FoundGroup& command, const State& state, const Context& context);
Decision decide(const events::RenameGroup& command, const State& state, const Context& context);
Decision decide(const events::CloseGroup& command, const State& state, const Context& context);
/// holder: the account to be assigned.
Decision decide(const events::AssignStaff& command, const State& state,
                const account::State& holder, const Context& context);
Decision decide(const events::EndStaffAssignment& command, const State& state,
                const Context& context);

}  // namespace klasboek::aggregates::group
