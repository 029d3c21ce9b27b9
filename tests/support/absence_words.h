#pragma once
// What is reported, changed and expected in tests of absence. "Today" is Monday 5 October 2026, and
// school is from 08:30.
#include <string_view>
#include <utility>

#include "aggregates/absence.h"
#include "tests/support/given.h"

namespace klasboek::tests {

using namespace events;
using aggregates::Rejection;

inline constexpr auto kAbsence = numbered<AbsenceId>(1);
inline constexpr auto kSecond = numbered<AbsenceId>(2);
inline constexpr auto kThird = numbered<AbsenceId>(3);
inline constexpr std::string_view kMonday = "2026-10-05";
inline constexpr std::string_view kTuesday = "2026-10-06";
inline constexpr std::string_view kWednesday = "2026-10-07";
inline constexpr std::string_view kThursday = "2026-10-08";
inline constexpr std::string_view kFriday = "2026-10-09";

constexpr std::uint16_t minutes(unsigned hour, unsigned minute = 0) {
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

inline ReportAbsence ill(AbsenceId absence, std::string_view first, std::string_view last) {
  return made<ReportAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.first_day = day(first);
    c.last_day = day(last);
    c.whole_days = true;
  });
}
inline ReportAbsence ill_from(AbsenceId absence, std::string_view first) {
  auto command = ill(absence, first, first);
  command.open_ended = true;
  return command;
}
inline ReportAbsence away(AbsenceId absence, std::string_view on, unsigned from_minute,
                          unsigned until_minute) {
  auto command = ill(absence, on, on);
  command.reason = AbsenceReason::medical_visit;
  command.whole_days = false;
  command.from_minute = static_cast<std::uint16_t>(from_minute);
  command.until_minute = static_cast<std::uint16_t>(until_minute);
  return command;
}

template <class Event>
Event with_span(Event event, const ReportAbsence& command) {
  event.first_day = command.first_day;
  event.last_day = command.last_day;
  event.open_ended = command.open_ended;
  event.whole_days = command.whole_days;
  event.from_minute = command.from_minute;
  event.until_minute = command.until_minute;
  return event;
}
inline AbsenceReported reported(const ReportAbsence& command, const Actor& by,
                                ReportTiming timing = ReportTiming::on_time) {
  AbsenceReported event;
  event.absence = command.absence;
  event.reason = command.reason;
  event.timing = timing;
  event.reported_by = by.account;
  return with_span(std::move(event), command);
}
/// by said so of an absence that is like `together` from then on.
inline AbsenceReportAdded added(const Actor& by, const ReportAbsence& together) {
  AbsenceReportAdded event;
  event.absence = together.absence;
  event.reason = together.reason;
  event.reported_by = by.account;
  return with_span(std::move(event), together);
}

inline ChangeAbsenceEnd end_on(std::string_view last, AbsenceId absence = kAbsence) {
  return made<ChangeAbsenceEnd>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.last_day = day(last);
  });
}
inline ChangeAbsenceEnd no_end() {
  return made<ChangeAbsenceEnd>([](auto& c) {
    c.child = kChild;
    c.absence = kAbsence;
    c.open_ended = true;
  });
}
inline AbsenceEndChanged ends_on(std::string_view last) {
  return made<AbsenceEndChanged>([&](auto& e) {
    e.absence = kAbsence;
    e.last_day = day(last);
  });
}
inline WithdrawAbsence take_back(AbsenceId absence = kAbsence) {
  return made<WithdrawAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
  });
}
inline ReportRecovery better(std::string_view back_on, AbsenceId absence = kAbsence) {
  return made<ReportRecovery>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.back_on = day(back_on);
  });
}
inline RecoveryReported recovered(std::string_view last) {
  return made<RecoveryReported>([&](auto& e) {
    e.absence = kAbsence;
    e.last_day = day(last);
  });
}
inline ClassifyAbsence classify(AbsenceClass classification, AbsenceId absence = kAbsence) {
  return made<ClassifyAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.classification = classification;
  });
}

/// Early on Monday, before school.
inline Story a_morning() {
  Story story = a_school();
  story.on("2026-10-05 07:30").by(kMother);
  return story;
}
inline Story a_morning_ill(std::string_view first = kMonday, std::string_view last = kMonday) {
  Story story = a_morning();
  story.when(ill(kAbsence, first, last)).then_accepted();
  return story;
}

}  // namespace klasboek::tests
