// A deputy's mandate: what he may do in the director's name, and when.
#include <algorithm>

#include "aggregates/account.h"
#include "aggregates/fold.h"

namespace klasboek::aggregates::account {

namespace {

bool holds_on(const RoleTerm& term, events::Day day) {
  return term.first_day <= day && (!term.last_day || day <= *term.last_day);
}

bool each_once(std::vector<events::MandatePower> powers) {
  std::ranges::sort(powers);
  return std::ranges::adjacent_find(powers) == powers.end();
}

}  // namespace

bool mandate_covers(const State& state, events::MandatePower power, events::Day today) {
  return std::ranges::any_of(state.roles, [&](const RoleTerm& term) {
    return term.role == events::Role::deputy && holds_on(term, today) &&
           (!term.powers || std::ranges::find(*term.powers, power) != term.powers->end());
  });
}

Decision decide(const events::GiveMandate& command, const State& state, events::Day today,
                const Context& /*context*/) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  const auto last_day =
      command.open_ended ? std::nullopt : std::optional<events::Day>(command.last_day);
  const bool overlaps = std::ranges::any_of(state.roles, [&](const RoleTerm& term) {
    return term.role == events::Role::deputy && (!last_day || term.first_day <= *last_day) &&
           (!term.last_day || command.first_day <= *term.last_day);
  });
  if (overlaps) return std::unexpected(Rejection::role_already_given);
  if (command.powers.empty() || !each_once(command.powers)) {
    return std::unexpected(Rejection::mandate_without_powers);
  }
  if (last_day && *last_day < command.first_day) return std::unexpected(Rejection::term_invalid);
  events::MandateGiven event;
  event.powers = command.powers;
  event.first_day = command.first_day;
  event.last_day = last_day.value_or(events::Day{});
  event.open_ended = command.open_ended;
  return on_stream(events::account_stream(command.account), std::move(event));
}

}  // namespace klasboek::aggregates::account
