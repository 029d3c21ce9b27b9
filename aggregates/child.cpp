#include "aggregates/child.h"

#include <algorithm>

#include "aggregates/account.h"
#include "aggregates/fold.h"
#include "aggregates/group.h"

namespace klasboek::aggregates::child {

namespace {

/// A placement on a day replaces one that was to begin on that same day.
void place(State& state, const Placement& placement) {
  auto at =
      std::ranges::lower_bound(state.placements, placement.first_day, {}, &Placement::first_day);
  if (at != state.placements.end() && at->first_day == placement.first_day) {
    *at = placement;
  } else {
    state.placements.insert(at, placement);
  }
}

std::optional<events::GroupId> placed_on(const State& state, events::Day day) {
  const auto after = std::ranges::upper_bound(state.placements, day, {}, &Placement::first_day);
  if (after == state.placements.begin()) return std::nullopt;
  return std::prev(after)->group;
}

std::optional<Rejection> refuse_class(const group::State& class_group, events::Day first_day) {
  if (!class_group.founded) return Rejection::group_not_found;
  if (!group::is_open(class_group, first_day)) return Rejection::group_closed;
  if (class_group.kind != events::GroupKind::class_group) return Rejection::group_is_no_class;
  return std::nullopt;
}

bool has_left_by(const State& state, events::Day day) {
  return state.last_day && day > *state.last_day;
}

/// Households and the order of calling count from 1; a form that names none means the first.
std::uint8_t counted_from_one(std::uint8_t number) { return std::max<std::uint8_t>(number, 1); }

events::ChildPlaced placed(const events::GroupId& group, events::Day first_day) {
  events::ChildPlaced event;
  event.group = group;
  event.first_day = first_day;
  return event;
}

}  // namespace

void evolve(State& state, const events::ChildEvent& event, const Happened& /*happened*/) {
  std::visit(Overloaded{
                 [&](const events::ChildEnrolled& e) {
                   state.enrolled = true;
                   state.first_day = e.first_day;
                   state.last_day.reset();
                   state.placements.clear();
                 },
                 [](const events::ChildNameCorrected&) {},
                 [](const events::ChildBirthDayCorrected&) {},
                 [&](const events::ChildPlaced& e) { place(state, {e.group, e.first_day}); },
                 [&](const events::ChildLeft& e) {
                   state.last_day = e.last_day;
                   std::erase_if(state.placements, [&](const Placement& placement) {
                     return placement.first_day > e.last_day;
                   });
                 },
                 [&](const events::GuardianLinked& e) {
                   state.guardians[e.guardian] = {e.relation, e.authority, e.household,
                                                  e.contact_order};
                 },
                 [&](const events::GuardianRelationChanged& e) {
                   auto& guardian = state.guardians[e.guardian];
                   guardian.relation = e.relation;
                   guardian.household = e.household;
                   guardian.contact_order = e.contact_order;
                 },
                 [&](const events::GuardianAuthorityRecorded& e) {
                   state.guardians[e.guardian].authority = e.authority;
                 },
                 [&](const events::GuardianUnlinked& e) { state.guardians.erase(e.guardian); },
                 [&](const events::ShieldRaised& e) { state.shields.insert(e.against); },
                 [&](const events::ShieldLifted& e) { state.shields.erase(e.against); },
             },
             event);
}

std::optional<events::GroupId> class_on(const State& state, events::Day day) {
  if (!is_there(state, day)) return std::nullopt;
  return placed_on(state, day);
}

bool is_there(const State& state, events::Day day) {
  return state.enrolled && day >= state.first_day && !has_left_by(state, day);
}

const Guardian* guardian_of(const State& state, events::AccountId account) {
  const auto found = state.guardians.find(account);
  return found == state.guardians.end() ? nullptr : &found->second;
}

bool has_authority(const State& state, events::AccountId account) {
  const Guardian* guardian = guardian_of(state, account);
  return guardian != nullptr && guardian->authority == events::Authority::with;
}

bool is_shielded_from(const State& state, events::AccountId account) {
  return state.shields.contains(account);
}

Decision decide(const events::EnrolChild& command, const State& state,
                const group::State* class_group, const Context& context) {
  if (!context.has_text(command.name)) return std::unexpected(Rejection::name_empty);
  if (class_group != nullptr) {
    if (const auto refused = refuse_class(*class_group, command.first_day)) {
      return std::unexpected(*refused);
    }
  }
  // Who has left may come back.
  if (state.enrolled && !has_left_by(state, command.first_day)) {
    return std::unexpected(Rejection::child_exists);
  }
  events::ChildEnrolled event;
  event.child = command.child;
  event.name = context.text(command.name);
  event.birth_day = context.text(command.birth_day);
  event.first_day = command.first_day;
  const auto stream = events::child_stream(command.child);
  if (class_group == nullptr) return on_stream(stream, std::move(event));
  return on_stream(stream, std::move(event), placed(command.group, command.first_day));
}

Decision decide(const events::CorrectChild& command, const State& state, const Context& context) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  const auto stream = events::child_stream(command.child);
  std::vector<events::NewEvent> corrections;
  if (context.has_text(command.name)) {
    events::ChildNameCorrected event;
    event.name = context.text(command.name);
    corrections.push_back({stream, std::move(event)});
  }
  if (context.has_text(command.birth_day)) {
    events::ChildBirthDayCorrected event;
    event.birth_day = context.text(command.birth_day);
    corrections.push_back({stream, std::move(event)});
  }
  if (corrections.empty()) return std::unexpected(Rejection::nothing_to_change);
  return corrections;
}

Decision decide(const events::PlaceChild& command, const State& state,
                const group::State& class_group, const Context& /*context*/) {
  if (const auto refused = refuse_class(class_group, command.first_day)) {
    return std::unexpected(*refused);
  }
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  if (has_left_by(state, command.first_day)) return std::unexpected(Rejection::child_left);
  if (placed_on(state, command.first_day) == command.group) {
    return std::unexpected(Rejection::child_already_there);
  }
  if (command.first_day < state.first_day) {
    return std::unexpected(Rejection::day_before_enrolment);
  }
  return on_stream(events::child_stream(command.child), placed(command.group, command.first_day));
}

Decision decide(const events::RecordLeaver& command, const State& state,
                const Context& /*context*/) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  if (state.last_day) return std::unexpected(Rejection::child_left);
  if (command.last_day < state.first_day) {
    return std::unexpected(Rejection::day_before_enrolment);
  }
  events::ChildLeft event;
  event.last_day = command.last_day;
  return on_stream(events::child_stream(command.child), std::move(event));
}

Decision decide(const events::LinkGuardian& command, const State& state,
                const account::State& guardian, events::Day today, const Context& /*context*/) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  if (guardian_of(state, command.guardian) != nullptr) {
    return std::unexpected(Rejection::guardian_already_linked);
  }
  // A shield outlives the link; whoever links anew has to lift it first, and say why.
  if (is_shielded_from(state, command.guardian)) {
    return std::unexpected(Rejection::shield_already_raised);
  }
  if (!guardian.open) return std::unexpected(Rejection::account_not_found);
  if (!account::is_open(guardian, today)) return std::unexpected(Rejection::account_closed);
  events::GuardianLinked event;
  event.guardian = command.guardian;
  event.relation = command.relation;
  event.authority = command.authority;
  event.household = counted_from_one(command.household);
  event.contact_order = counted_from_one(command.contact_order);
  return on_stream(events::child_stream(command.child), std::move(event));
}

Decision decide(const events::ChangeGuardianRelation& command, const State& state,
                const Context& /*context*/) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  const Guardian* guardian = guardian_of(state, command.guardian);
  if (guardian == nullptr) return std::unexpected(Rejection::guardian_not_linked);
  events::GuardianRelationChanged event;
  event.guardian = command.guardian;
  event.relation = command.relation;
  event.household = counted_from_one(command.household);
  event.contact_order = counted_from_one(command.contact_order);
  if (event.relation == guardian->relation && event.household == guardian->household &&
      event.contact_order == guardian->contact_order) {
    return std::unexpected(Rejection::nothing_to_change);
  }
  return on_stream(events::child_stream(command.child), std::move(event));
}

Decision decide(const events::RecordGuardianAuthority& command, const State& state,
                const Context& /*context*/) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  const Guardian* guardian = guardian_of(state, command.guardian);
  if (guardian == nullptr) return std::unexpected(Rejection::guardian_not_linked);
  if (command.authority == guardian->authority) {
    return std::unexpected(Rejection::nothing_to_change);
  }
  events::GuardianAuthorityRecorded event;
  event.guardian = command.guardian;
  event.authority = command.authority;
  return on_stream(events::child_stream(command.child), std::move(event));
}

Decision decide(const events::UnlinkGuardian& command, const State& state,
                const Context& /*context*/) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  if (guardian_of(state, command.guardian) == nullptr) {
    return std::unexpected(Rejection::guardian_not_linked);
  }
  events::GuardianUnlinked event;
  event.guardian = command.guardian;
  return on_stream(events::child_stream(command.child), std::move(event));
}

Decision decide(const events::RaiseShield& command, const State& state, const Context& context) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  if (guardian_of(state, command.against) == nullptr) {
    return std::unexpected(Rejection::guardian_not_linked);
  }
  if (is_shielded_from(state, command.against)) {
    return std::unexpected(Rejection::shield_already_raised);
  }
  if (!context.has_text(command.reason)) return std::unexpected(Rejection::reason_missing);
  events::ShieldRaised event;
  event.against = command.against;
  event.reason = context.text(command.reason);
  return on_stream(events::child_stream(command.child), std::move(event));
}

Decision decide(const events::LiftShield& command, const State& state, const Context& context) {
  if (!state.enrolled) return std::unexpected(Rejection::child_not_found);
  if (!is_shielded_from(state, command.against)) {
    return std::unexpected(Rejection::shield_not_raised);
  }
  if (!context.has_text(command.reason)) return std::unexpected(Rejection::reason_missing);
  events::ShieldLifted event;
  event.against = command.against;
  event.reason = context.text(command.reason);
  return on_stream(events::child_stream(command.child), std::move(event));
}

}  // namespace klasboek::aggregates::child
