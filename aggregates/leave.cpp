#include "aggregates/leave.h"

#include <algorithm>
#include <utility>

#include "aggregates/calendar.h"
#include "aggregates/fold.h"
#include "aggregates/speaker.h"

namespace klasboek::aggregates::leave {

namespace {

using events::Day;
using events::LeaveAdvice;
using events::LeaveGround;
using events::LeaveStatus;
using events::LeaveVerdict;
using events::NoticeTimeliness;

bool holds(const Days& days, Day day) { return days.first <= day && day <= days.last; }

void add_grant(State& state, const events::LeaveCount* count, const Days& days) {
  if (count != nullptr) state.grants.push_back({count->ground, count->school_year, days});
}

Days asked_days(const State& state, events::LeaveId id) {
  const Leave* leave = leave_of(state, id);
  return leave == nullptr ? Days{} : leave->days;
}

bool counts_with(const Grant& grant, const Leave& leave, LeaveGround ground) {
  return grant.ground == ground && grant.school_year == leave.school_year;
}

/// The school's day on which it was asked.
Day asked_on(const Leave& leave, const school::State& school) {
  return today(school, leave.asked_at_us);
}

std::vector<LeaveAdvice> advice_on_occupation(const State& state, const school::State& school,
                                              const Leave& leave, const Days& days) {
  std::vector<LeaveAdvice> advice;
  if (std::ranges::any_of(state.grants, [&](const Grant& grant) {
        return counts_with(grant, leave, LeaveGround::parents_occupation);
      })) {
    advice.push_back(LeaveAdvice::occupation_once_a_year);
  }
  if (count_school_days(school, days.first, days.last) > kOccupationSchoolDaysMax) {
    advice.push_back(LeaveAdvice::occupation_too_long);
  }
  if (const auto year = school.school_years.find(leave.school_year);
      year != school.school_years.end()) {
    const Day last_of_start = year->second.first_day.plus(kOccupationNotInFirstDays - 1);
    if (count_school_days(school, days.first, std::min(days.last, last_of_start)) > 0) {
      advice.push_back(LeaveAdvice::occupation_in_first_two_weeks);
    }
  }
  if (asked_on(leave, school) >= leave.days.first) {
    advice.push_back(LeaveAdvice::occupation_asked_late);
  }
  return advice;
}

/// The days lie in one school year that is set, while the child is at this school.
std::optional<Rejection> refuse_days(const Days& days, const school::State& school,
                                     const child::State& child) {
  if (days.last < days.first) return Rejection::leave_days_invalid;
  const auto year = school_year_of(school, days.first);
  if (!year || school_year_of(school, days.last) != year) {
    return Rejection::leave_outside_school_year;
  }
  if (days.first < child.first_day) return Rejection::day_before_enrolment;
  if (child.last_day && days.last > *child.last_day) return Rejection::child_left;
  if (count_school_days(school, days.first, days.last) == 0) return Rejection::leave_no_school_day;
  return std::nullopt;
}

template <class Event>
Event asked(const events::RequestLeave& command, const school::State& school,
            const Context& context) {
  const auto compulsory_from =
      std::clamp(command.compulsory_from, command.first_day, command.last_day.plus(1));
  Event event;
  event.leave = command.leave;
  event.first_day = command.first_day;
  event.last_day = command.last_day;
  event.motivation = context.text(command.motivation);
  event.school_days = count_school_days(school, command.first_day, command.last_day);
  event.school_year =
      static_cast<std::uint16_t>(school_year_of(school, command.first_day).value_or(0));
  event.compulsory = count_school_days(school, compulsory_from, command.last_day) > 0;
  event.compulsory_from = compulsory_from;
  event.rule_set = kRuleSet;
  return event;
}

events::EventBody asked_on_ground(const events::RequestLeave& command, Day asked_on,
                                  const school::State& school, const Context& context) {
  if (command.ground == LeaveGround::belief) {
    auto event = asked<events::BeliefLeaveNoticed>(command, school, context);
    event.noticed_by = speaker_of(context);
    const bool in_time = asked_on.plus(kBeliefNoticedDaysBefore) <= command.first_day;
    event.timeliness = in_time ? NoticeTimeliness::in_time : NoticeTimeliness::late;
    return event;
  }
  auto event = asked<events::LeaveRequested>(command, school, context);
  event.ground = command.ground;
  event.requested_by = speaker_of(context);
  return event;
}

/// The ground on which a verdict decides this leave; nullopt where it doesn't fit.
std::optional<LeaveGround> ground_of(LeaveVerdict verdict, const Leave& leave) {
  const bool is_notice = leave.ground == LeaveGround::belief;
  if (verdict == LeaveVerdict::accept || verdict == LeaveVerdict::contest) {
    return is_notice ? std::optional(LeaveGround::belief) : std::nullopt;
  }
  if (is_notice && leave.timeliness == NoticeTimeliness::in_time) return std::nullopt;
  const auto ground = is_notice ? LeaveGround::other_circumstances : leave.ground;
  if (verdict == LeaveVerdict::forward && ground != LeaveGround::other_circumstances) {
    return std::nullopt;
  }
  return ground;
}

/// The one hard rule: whose decision it is.
std::optional<Rejection> refuse_limit(LeaveVerdict verdict, const events::LeaveCount& asked) {
  const bool forwards = verdict == LeaveVerdict::forward;
  if (!forwards && exceeds_head_limit(asked)) return Rejection::leave_exceeds_head_limit;
  if (forwards && !exceeds_head_limit(asked)) return Rejection::leave_within_head_limit;
  return std::nullopt;
}

std::optional<Rejection> refuse_part(const Days& part, const Days& asked,
                                     const school::State& school) {
  if (part.last < part.first) return Rejection::leave_days_invalid;
  if (!holds(asked, part.first) || !holds(asked, part.last)) {
    return Rejection::leave_part_outside_request;
  }
  const auto days = count_school_days(school, part.first, part.last);
  if (days == 0) return Rejection::leave_no_school_day;
  if (days == count_school_days(school, asked.first, asked.last)) {
    return Rejection::leave_part_is_whole;
  }
  return std::nullopt;
}

bool grants_days(LeaveVerdict verdict) {
  return verdict == LeaveVerdict::grant || verdict == LeaveVerdict::grant_partly ||
         verdict == LeaveVerdict::accept;
}

bool needs_reasons(LeaveVerdict verdict) {
  return verdict == LeaveVerdict::grant_partly || verdict == LeaveVerdict::refuse ||
         verdict == LeaveVerdict::contest;
}

/// What every decision says.
struct Ruling {
  events::LeaveId leave;
  events::LeaveCount count;
  std::vector<LeaveAdvice> advice;
};

template <class Event>
Event decided(const Ruling& ruling) {
  Event event;
  event.leave = ruling.leave;
  event.count = std::make_unique<events::LeaveCount>(ruling.count);
  event.advice = ruling.advice;
  event.rule_set = kRuleSet;
  return event;
}

template <class Event>
Event decided_with_reasons(const Ruling& ruling, const events::DecideLeave& command,
                           const Context& context) {
  auto event = decided<Event>(ruling);
  event.reasons = context.text(command.reasons);
  return event;
}

template <class Event>
Event granted(const Ruling& ruling, const events::DecideLeave& command, const Context& context) {
  auto event = decided_with_reasons<Event>(ruling, command, context);
  event.against_advice = !ruling.advice.empty();
  return event;
}

std::optional<events::EventBody> event_of(const Ruling& ruling, const events::DecideLeave& command,
                                          const Context& context) {
  switch (command.verdict) {
    case LeaveVerdict::grant:
      return granted<events::LeaveGranted>(ruling, command, context);
    case LeaveVerdict::grant_partly: {
      auto event = granted<events::LeavePartlyGranted>(ruling, command, context);
      event.first_day = command.first_day;
      event.last_day = command.last_day;
      return event;
    }
    case LeaveVerdict::refuse:
      return decided_with_reasons<events::LeaveRefused>(ruling, command, context);
    case LeaveVerdict::forward: {
      auto event = decided<events::LeaveForwarded>(ruling);
      event.opinion = context.text(command.reasons);
      return event;
    }
    case LeaveVerdict::accept:
      return granted<events::BeliefLeaveAccepted>(ruling, command, context);
    case LeaveVerdict::contest:
      return decided_with_reasons<events::BeliefLeaveContested>(ruling, command, context);
  }
  return std::nullopt;  // a number from outside that is no verdict
}

/// Until the decision; what is with the attendance officer isn't decided yet.
bool can_be_withdrawn(LeaveStatus status) {
  return events::is_pending(status) || status == LeaveStatus::noted ||
         status == LeaveStatus::forwarded;
}

}  // namespace

void evolve(State& state, const events::LeaveEvent& event, const Happened& happened) {
  std::visit(Overloaded{
                 [&](const events::LeaveRequested& e) {
                   state.leaves[e.leave] = {.ground = e.ground,
                                            .days = {e.first_day, e.last_day},
                                            .compulsory_from = e.compulsory_from,
                                            .requested_by = e.requested_by,
                                            .asked_at_us = happened.effective_at_us,
                                            .school_year = e.school_year};
                 },
                 [&](const events::BeliefLeaveNoticed& e) {
                   state.leaves[e.leave] = {.ground = LeaveGround::belief,
                                            .days = {e.first_day, e.last_day},
                                            .compulsory_from = e.compulsory_from,
                                            .requested_by = e.noticed_by,
                                            .asked_at_us = happened.effective_at_us,
                                            .school_year = e.school_year,
                                            .timeliness = e.timeliness};
                 },
                 [&](const events::LeaveGranted& e) {
                   add_grant(state, e.count.get(), asked_days(state, e.leave));
                 },
                 [&](const events::LeavePartlyGranted& e) {
                   add_grant(state, e.count.get(), {e.first_day, e.last_day});
                 },
                 [](const events::LeaveRefused&) {},
                 [](const events::LeaveForwarded&) {},
                 [&](const events::BeliefLeaveAccepted& e) {
                   add_grant(state, e.count.get(), asked_days(state, e.leave));
                 },
                 [](const events::BeliefLeaveContested&) {},
                 [](const events::LeaveWithdrawn&) {},
             },
             event);
  const auto id = std::visit([](const auto& e) { return e.leave; }, event);
  state.leaves[id].status = events::status_after(event);
  state.balance.add(event);
}

const Leave* leave_of(const State& state, events::LeaveId id) {
  const auto found = state.leaves.find(id);
  return found == state.leaves.end() ? nullptr : &found->second;
}

Day compulsory_from(Day birth_day, const Days& days) {
  constexpr std::chrono::years kAge{5};
  const auto born = birth_day.date();
  const auto month_after = born.year() / born.month() + kAge + std::chrono::months(1);
  return std::clamp(Day::of(month_after / 1), days.first, days.last.plus(1));
}

events::LeaveCount count_of(const State& state, const school::State& school, const Leave& leave,
                            LeaveGround ground, const Days& days) {
  events::LeaveCount count;
  count.school_year = leave.school_year;
  count.ground = ground;
  count.granted_before = state.balance.granted(leave.school_year);
  count.granted_before_on_ground = state.balance.granted_on(leave.school_year, ground);
  for (Day day = std::max(days.first, leave.compulsory_from); day <= days.last; day = day.plus(1)) {
    if (!is_school_day(school, day)) continue;
    ++count.school_days;
    const bool counted = std::ranges::any_of(state.grants, [&](const Grant& grant) {
      return counts_with(grant, leave, ground) && holds(grant.days, day);
    });
    if (!counted) ++count.new_days;
  }
  return count;
}

std::vector<LeaveAdvice> advice_against(const State& state, const school::State& school,
                                        const Leave& leave, LeaveGround ground, const Days& days) {
  switch (ground) {
    case LeaveGround::belief:
      if (leave.timeliness == NoticeTimeliness::late) return {LeaveAdvice::belief_noticed_late};
      return {};
    case LeaveGround::parents_occupation:
      return advice_on_occupation(state, school, leave, days);
    case LeaveGround::other_circumstances:
      if (asked_on(leave, school) > leave.days.first.plus(kOtherAskedDaysAfter)) {
        return {LeaveAdvice::other_asked_late};
      }
      return {};
  }
  return {};  // a number from outside that is no ground
}

bool exceeds_head_limit(const events::LeaveCount& count) {
  return count.ground == LeaveGround::other_circumstances &&
         count.granted_before_on_ground + count.new_days > events::kHeadDecidesSchoolDaysMax;
}

Decision decide(const events::RequestLeave& command, const State& state,
                const school::State& school, const child::State& child, const Context& context) {
  if (!child.enrolled) return std::unexpected(Rejection::child_not_found);
  if (const auto refused = refuse_speaker(child, context)) return std::unexpected(*refused);
  if (leave_of(state, command.leave) != nullptr) return std::unexpected(Rejection::leave_exists);
  if (const auto refused = refuse_days({command.first_day, command.last_day}, school, child)) {
    return std::unexpected(*refused);
  }
  // Only staff can say that it was asked before now.
  const auto asked_at_us = speaks_for_itself(context) ? 0 : command.asked_at_us;
  if (asked_at_us > context.now_us) return std::unexpected(Rejection::leave_asked_in_future);
  const Day asked_on = today(school, asked_at_us == 0 ? context.now_us : asked_at_us);
  return std::vector<events::NewEvent>{{events::leave_stream(command.child),
                                        asked_on_ground(command, asked_on, school, context),
                                        asked_at_us}};
}

Decision decide(const events::DecideLeave& command, const State& state, const school::State& school,
                const child::State& child, const Context& context) {
  if (!child.enrolled) return std::unexpected(Rejection::child_not_found);
  const Leave* leave = leave_of(state, command.leave);
  if (leave == nullptr) return std::unexpected(Rejection::leave_not_found);
  if (leave->status == LeaveStatus::noted) return std::unexpected(Rejection::leave_not_compulsory);
  if (!events::is_pending(leave->status)) return std::unexpected(Rejection::leave_not_pending);
  const auto ground = ground_of(command.verdict, *leave);
  if (!ground) return std::unexpected(Rejection::leave_verdict_not_for_ground);
  const auto asked_count = count_of(state, school, *leave, *ground, leave->days);
  if (const auto refused = refuse_limit(command.verdict, asked_count)) {
    return std::unexpected(*refused);
  }
  Days days = leave->days;
  if (command.verdict == LeaveVerdict::grant_partly) {
    days = {command.first_day, command.last_day};
    if (const auto refused = refuse_part(days, leave->days, school)) {
      return std::unexpected(*refused);
    }
  }
  const Ruling ruling{command.leave, count_of(state, school, *leave, *ground, days),
                      advice_against(state, school, *leave, *ground, days)};
  const bool against_advice = grants_days(command.verdict) && !ruling.advice.empty();
  if ((needs_reasons(command.verdict) || against_advice) && !context.has_text(command.reasons)) {
    return std::unexpected(Rejection::leave_reasons_missing);
  }
  auto event = event_of(ruling, command, context);
  if (!event) return std::unexpected(Rejection::leave_verdict_not_for_ground);
  return on_stream(events::leave_stream(command.child), *std::move(event));
}

Decision decide(const events::WithdrawLeave& command, const State& state,
                const school::State& /*school*/, const child::State& /*child*/,
                const Context& context) {
  const Leave* leave = leave_of(state, command.leave);
  if (leave == nullptr) return std::unexpected(Rejection::leave_not_found);
  if (speaker_of(context) != leave->requested_by) {
    return std::unexpected(Rejection::leave_requester_only);
  }
  if (!can_be_withdrawn(leave->status)) return std::unexpected(Rejection::leave_not_pending);
  events::LeaveWithdrawn event;
  event.leave = command.leave;
  return on_stream(events::leave_stream(command.child), std::move(event));
}

}  // namespace klasboek::aggregates::leave
