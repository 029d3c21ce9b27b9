#pragma once
// Absence: that a child is not at school, from when until when. One absence per child and moment:
// who reports what is known already adds to it.
#include <map>
#include <optional>
#include <set>

#include "aggregates/child.h"
#include "aggregates/decision.h"
#include "aggregates/school.h"
#include "events/command.h"

namespace klasboek::aggregates::absence {

/// A report spans at most this many calendar days: longer is more likely a slip in the date. Who
/// will be away for longer reports without an end, and "better" ends it.
inline constexpr std::int32_t kReportDaysMax = 60;
/// Guardians report from today on; staff put right what they learn later, up to a week back.
inline constexpr std::int32_t kStaffReportBackDaysMax = 7;
/// A report without an end must meet a school day within a week.
inline constexpr std::int32_t kOpenEndedMeetsSchoolWithinDays = 7;

struct Span {
  events::Day first_day;
  /// The first day again where open_ended: it says nothing.
  events::Day last_day;
  bool open_ended = false;
  /// Otherwise a part of the first day, from_minute to until_minute since midnight.
  bool whole_days = true;
  std::uint16_t from_minute = 0;
  std::uint16_t until_minute = 0;
  bool operator==(const Span&) const = default;
};

struct Absence {
  events::AbsenceReason reason = events::AbsenceReason::ill;
  Span span;
  std::set<events::AccountId> reporters;
  bool reported_by_guardian = false;
  std::optional<events::AbsenceClass> classification;
  bool withdrawn = false;
};

struct State {
  using Event = events::AbsenceEvent;
  std::map<events::AbsenceId, Absence> absences;
};

void evolve(State& state, const events::AbsenceEvent& event, const Happened& happened);

/// nullptr where there is no such absence.
const Absence* absence_of(const State& state, events::AbsenceId id);

Decision decide(const events::ReportAbsence& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);
Decision decide(const events::ChangeAbsenceEnd& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);
Decision decide(const events::WithdrawAbsence& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);
Decision decide(const events::ReportRecovery& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);
Decision decide(const events::ClassifyAbsence& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);

}  // namespace klasboek::aggregates::absence
