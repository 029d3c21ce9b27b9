#include "aggregates/group.h"

#include <algorithm>

#include "aggregates/account.h"
#include "aggregates/fold.h"

namespace klasboek::aggregates::group {

namespace {

bool works_after(const Assignment& assignment, events::Day day) {
  return !assignment.last_day || *assignment.last_day > day;
}

/// Nothing of this account's work goes on after the day; what would begin later doesn't begin.
void end_work(State& state, events::AccountId account, events::Day last_day) {
  std::erase_if(state.assignments, [&](const Assignment& assignment) {
    return assignment.account == account && assignment.first_day > last_day;
  });
  for (auto& assignment : state.assignments) {
    if (assignment.account == account && works_after(assignment, last_day)) {
      assignment.last_day = last_day;
    }
  }
}

std::optional<events::Day> last_day_of(const auto& term) {
  if (term.open_ended) return std::nullopt;
  return term.last_day;
}

}  // namespace

void evolve(State& state, const events::GroupEvent& event, const Happened& /*happened*/) {
  std::visit(
      Overloaded{
          [&](const events::GroupFounded& e) {
            state.founded = true;
            state.kind = e.kind;
          },
          [](const events::GroupRenamed&) {},
          [&](const events::GroupClosed& e) { state.closed_after = e.last_day; },
          [&](const events::StaffAssigned& e) {
            state.assignments.push_back({e.account, e.first_day, last_day_of(e)});
          },
          [&](const events::StaffAssignmentEnded& e) { end_work(state, e.account, e.last_day); },
      },
      event);
}

bool is_open(const State& state, events::Day day) {
  return state.founded && (!state.closed_after || day <= *state.closed_after);
}

bool is_assigned(const State& state, events::AccountId account, events::Day day) {
  return std::ranges::any_of(state.assignments, [&](const Assignment& assignment) {
    return assignment.account == account && assignment.first_day <= day &&
           (!assignment.last_day || day <= *assignment.last_day);
  });
}

Decision decide(const events::FoundGroup& command, const State& state, const Context& context) {
  if (!context.has_text(command.name)) return std::unexpected(Rejection::name_empty);
  if (state.founded) return std::unexpected(Rejection::group_exists);
  events::GroupFounded event;
  event.group = command.group;
  event.name = context.text(command.name);
  event.kind = command.kind;
  return on_stream(events::group_stream(command.group), std::move(event));
}

Decision decide(const events::RenameGroup& command, const State& state, const Context& context) {
  if (!context.has_text(command.name)) return std::unexpected(Rejection::name_empty);
  if (!state.founded) return std::unexpected(Rejection::group_not_found);
  events::GroupRenamed event;
  event.name = context.text(command.name);
  return on_stream(events::group_stream(command.group), std::move(event));
}

Decision decide(const events::CloseGroup& command, const State& state, const Context& /*context*/) {
  if (!state.founded) return std::unexpected(Rejection::group_not_found);
  if (state.closed_after) return std::unexpected(Rejection::group_closed);
  events::GroupClosed event;
  event.last_day = command.last_day;
  return on_stream(events::group_stream(command.group), std::move(event));
}

Decision decide(const events::AssignStaff& command, const State& state,
                const account::State& holder, const Context& /*context*/) {
  if (!state.founded) return std::unexpected(Rejection::group_not_found);
  if (!is_open(state, command.first_day)) return std::unexpected(Rejection::group_closed);
  const auto last_day = last_day_of(command);
  const bool overlaps = std::ranges::any_of(state.assignments, [&](const Assignment& assignment) {
    return assignment.account == command.account &&
           (!last_day || assignment.first_day <= *last_day) &&
           (!assignment.last_day || command.first_day <= *assignment.last_day);
  });
  if (overlaps) return std::unexpected(Rejection::staff_already_assigned);
  if (!holder.open) return std::unexpected(Rejection::account_not_found);
  if (!account::is_open(holder, command.first_day)) {
    return std::unexpected(Rejection::account_closed);
  }
  if (last_day && *last_day < command.first_day) return std::unexpected(Rejection::term_invalid);
  events::StaffAssigned event;
  event.account = command.account;
  event.first_day = command.first_day;
  event.last_day = last_day.value_or(events::Day{});
  event.open_ended = command.open_ended;
  return on_stream(events::group_stream(command.group), std::move(event));
}

Decision decide(const events::EndStaffAssignment& command, const State& state,
                const Context& /*context*/) {
  if (!state.founded) return std::unexpected(Rejection::group_not_found);
  const bool works = std::ranges::any_of(state.assignments, [&](const Assignment& assignment) {
    return assignment.account == command.account && works_after(assignment, command.last_day);
  });
  if (!works) return std::unexpected(Rejection::staff_not_assigned);
  events::StaffAssignmentEnded event;
  event.account = command.account;
  event.last_day = command.last_day;
  return on_stream(events::group_stream(command.group), std::move(event));
}

}  // namespace klasboek::aggregates::group
