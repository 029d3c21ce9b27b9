#pragma once
// A child: enrolment, class, guardians and their authority.
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::group {
struct State;
}
namespace klasboek::aggregates::account {
struct State;
}

namespace klasboek::aggregates::child {

struct Guardian {
  events::Relation relation = events::Relation::unknown;
  events::Authority authority = events::Authority::unknown;
  std::uint8_t household = 1;
  std::uint8_t contact_order = 1;
  bool operator==(const Guardian&) const = default;
};

struct Placement {
  events::GroupId group;
  events::Day first_day;
  bool operator==(const Placement&) const = default;
};

struct State {
  using Event = events::ChildEvent;
  bool enrolled = false;
  /// Of the enrolment that counts now: a child may leave and come back.
  events::Day first_day;
  std::optional<events::Day> last_day;
  /// By first day; the last that began is the class. One that begins later may be known already.
  std::vector<Placement> placements;
  std::map<events::AccountId, Guardian> guardians;
  /// Accounts that nothing of this child may reach.
  std::set<events::AccountId> shields;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::ChildEvent& event, const Happened& happened);

/// The class on that day; nullopt before the first placement and after leaving.
std::optional<events::GroupId> class_on(const State& state, events::Day day);
/// Enrolled on that day.
bool is_there(const State& state, events::Day day);
/// nullptr where the account is no guardian of this child.
const Guardian* guardian_of(const State& state, events::AccountId account);
bool has_authority(const State& state, events::AccountId account);
/// Nothing of the child may reach this account, whatever authority it has.
bool is_shielded_from(const State& state, events::AccountId account);

/// class_group: the group that the command names; nullptr where it names none.
Decision decide(const events::EnrolChild& command, const State& state,
                const group::State* class_group, const Context& context);
Decision decide(const events::CorrectChild& command, const State& state, const Context& context);
Decision decide(const events::PlaceChild& command, const State& state,
                const group::State& class_group, const Context& context);
Decision decide(const events::RecordLeaver& command, const State& state, const Context& context);
/// guardian: the account to be linked. today: the school's own day.
Decision decide(const events::LinkGuardian& command, const State& state,
                const account::State& guardian, events::Day today, const Context& context);
Decision decide(const events::ChangeGuardianRelation& command, const State& state,
                const Context& context);
Decision decide(const events::RecordGuardianAuthority& command, const State& state,
                const Context& context);
Decision decide(const events::UnlinkGuardian& command, const State& state, const Context& context);
Decision decide(const events::RaiseShield& command, const State& state, const Context& context);
Decision decide(const events::LiftShield& command, const State& state, const Context& context);

}  // namespace klasboek::aggregates::child
