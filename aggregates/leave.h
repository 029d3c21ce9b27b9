#pragma once
// Leave under the Leerplichtwet 1969, art. 11–14: notices and requests of a child's guardians, and
// the head's decisions. One stream holds them all, so the count of days granted can't miss one.
#include <map>
#include <optional>
#include <vector>

#include "aggregates/child.h"
#include "aggregates/decision.h"
#include "aggregates/school.h"
#include "events/command.h"
#include "events/leave_rule.h"

namespace klasboek::aggregates::leave {

/// A feast is noticed at least this many days before (art. 13).
inline constexpr std::int32_t kBeliefNoticedDaysBefore = 2;
/// Art. 13a: at most this many school days, and not in the first weeks of the school year.
inline constexpr std::uint16_t kOccupationSchoolDaysMax = 10;
inline constexpr std::int32_t kOccupationNotInFirstDays = 14;
/// Art. 14: in advance, or within this many days after it began.
inline constexpr std::int32_t kOtherAskedDaysAfter = 2;

/// From the first to the last, both in it.
struct Days {
  events::Day first;
  events::Day last;
};

struct Leave {
  events::LeaveGround ground = events::LeaveGround::belief;
  Days days;
  /// Within the days asked; the day after them where schooling isn't compulsory on any.
  events::Day compulsory_from;
  events::AccountId requested_by;
  std::int64_t asked_at_us = 0;
  std::uint16_t school_year = 0;
  /// Only of a notice.
  events::NoticeTimeliness timeliness = events::NoticeTimeliness::in_time;
  events::LeaveStatus status = events::LeaveStatus::requested;
};

/// Days that were granted, and on which ground they count.
struct Grant {
  events::LeaveGround ground = events::LeaveGround::belief;
  std::uint16_t school_year = 0;
  Days days;
};

struct State {
  using Event = events::LeaveEvent;
  std::map<events::LeaveId, Leave> leaves;
  std::vector<Grant> grants;
  events::LeaveBalance balance;
};

void evolve(State& state, const events::LeaveEvent& event, const Happened& happened);

/// nullptr where there is no such leave.
const Leave* leave_of(const State& state, events::LeaveId id);

/// The first of the days asked on which schooling is compulsory for a child born on birth_day, the
/// day after them where none is: from the month after the one in which it turns five (art. 3).
/// REQUIRES: days.first <= days.last.
events::Day compulsory_from(events::Day birth_day, const Days& days);

/// What a decision about these of its days, on that ground, counts.
events::LeaveCount count_of(const State& state, const school::State& school, const Leave& leave,
                            events::LeaveGround ground, const Days& days);
/// The advising rules that speak against granting these of its days on that ground.
std::vector<events::LeaveAdvice> advice_against(const State& state, const school::State& school,
                                                const Leave& leave, events::LeaveGround ground,
                                                const Days& days);
/// The one hard rule: together with what was granted it would be more than the head may decide.
bool exceeds_head_limit(const events::LeaveCount& count);

Decision decide(const events::RequestLeave& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);
/// With reasons where it isn't simply granted or accepted, or where advice is against it. A late
/// notice of a feast may be decided as other circumstances: by any verdict that fits those.
Decision decide(const events::DecideLeave& command, const State& state, const school::State& school,
                const child::State& child, const Context& context);
Decision decide(const events::WithdrawLeave& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);

}  // namespace klasboek::aggregates::leave
