#include "aggregates/absence.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string_view>

#include "aggregates/calendar.h"
#include "aggregates/facts.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kAbsence = numbered<AbsenceId>(1);
constexpr auto kSecond = numbered<AbsenceId>(2);
constexpr auto kThird = numbered<AbsenceId>(3);
// Monday 5 October 2026 is "today"; school is from 08:30.
constexpr std::string_view kMonday = "2026-10-05";
constexpr std::string_view kTuesday = "2026-10-06";
constexpr std::string_view kWednesday = "2026-10-07";
constexpr std::string_view kThursday = "2026-10-08";
constexpr std::string_view kFriday = "2026-10-09";

constexpr std::uint16_t minutes(unsigned hour, unsigned minute = 0) {
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

ReportAbsence ill(AbsenceId absence, std::string_view first, std::string_view last) {
  return made<ReportAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.first_day = day(first);
    c.last_day = day(last);
    c.whole_days = true;
  });
}
ReportAbsence ill_from(AbsenceId absence, std::string_view first) {
  auto command = ill(absence, first, first);
  command.open_ended = true;
  return command;
}
ReportAbsence away(AbsenceId absence, std::string_view on, unsigned from_minute,
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
AbsenceReported reported(const ReportAbsence& command, const Actor& by,
                         ReportTiming timing = ReportTiming::on_time) {
  AbsenceReported event;
  event.absence = command.absence;
  event.reason = command.reason;
  event.timing = timing;
  event.reported_by = by.account;
  return with_span(std::move(event), command);
}
/// by said so of an absence that is like `together` from then on.
AbsenceReportAdded added(const Actor& by, const ReportAbsence& together) {
  AbsenceReportAdded event;
  event.absence = together.absence;
  event.reason = together.reason;
  event.reported_by = by.account;
  return with_span(std::move(event), together);
}

ChangeAbsenceEnd end_on(std::string_view last, AbsenceId absence = kAbsence) {
  return made<ChangeAbsenceEnd>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.last_day = day(last);
  });
}
ChangeAbsenceEnd no_end() {
  return made<ChangeAbsenceEnd>([](auto& c) {
    c.child = kChild;
    c.absence = kAbsence;
    c.open_ended = true;
  });
}
AbsenceEndChanged ends_on(std::string_view last) {
  return made<AbsenceEndChanged>([&](auto& e) {
    e.absence = kAbsence;
    e.last_day = day(last);
  });
}
WithdrawAbsence take_back(AbsenceId absence = kAbsence) {
  return made<WithdrawAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
  });
}
ReportRecovery better(std::string_view back_on, AbsenceId absence = kAbsence) {
  return made<ReportRecovery>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.back_on = day(back_on);
  });
}
RecoveryReported recovered(std::string_view last) {
  return made<RecoveryReported>([&](auto& e) {
    e.absence = kAbsence;
    e.last_day = day(last);
  });
}
ClassifyAbsence classify(AbsenceClass classification, AbsenceId absence = kAbsence) {
  return made<ClassifyAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.classification = classification;
  });
}

/// Early on Monday, before school.
Story a_morning() {
  Story story = a_school();
  story.on("2026-10-05 07:30").by(kMother);
  return story;
}
Story a_morning_ill(std::string_view first = kMonday, std::string_view last = kMonday) {
  Story story = a_morning();
  story.when(ill(kAbsence, first, last)).then_accepted();
  return story;
}

TEST_CASE("a guardian reports a child ill before school") {
  Story story = a_morning();
  auto command = ill(kAbsence, kMonday, kMonday);
  command.note = story.text();
  auto expected = reported(command, kMother);
  expected.note = story.sealed(command.note);
  story.when(command).then(expected);
}

TEST_CASE("a report is on time until the bell of its first school day, and late from then on") {
  Story story = a_morning();
  const auto today = ill(kAbsence, kMonday, kTuesday);
  const auto at_bell = moment("2026-10-05 08:30");
  Story(story).at(at_bell - 1).when(today).then(reported(today, kMother, ReportTiming::on_time));
  Story(story).at(at_bell).when(today).then(reported(today, kMother, ReportTiming::after_start));
}

TEST_CASE("a report at any hour for a coming school day is on time") {
  Story story = a_morning();
  const auto tomorrow = ill(kAbsence, kTuesday, kTuesday);
  Story(story).on("2026-10-05 23:59").when(tomorrow).then(reported(tomorrow, kMother));
  const auto in_the_weekend = ill_from(kAbsence, "2026-10-10");
  Story(story)
      .on("2026-10-10 11:00")
      .when(in_the_weekend)
      .then(reported(in_the_weekend, kMother, ReportTiming::on_time));
}

TEST_CASE("the bell rings in the school's own zone and by its own weekday") {
  Story story = a_morning();
  story.given(school_stream(kSchool), made<SchoolDaysSet>([](auto& e) {
                e.days.emplace_back(1, minutes(8, 30), minutes(15));
                e.days.emplace_back(2, minutes(9, 15), minutes(15));
              }));
  const auto tuesday = ill(kAbsence, kTuesday, kTuesday);
  Story(story).on("2026-10-06 09:14").when(tuesday).then(reported(tuesday, kMother));
  Story(story)
      .on("2026-10-06 09:15")
      .when(tuesday)
      .then(reported(tuesday, kMother, ReportTiming::after_start));
}

TEST_CASE("an absence is for whole days, without an end, or for a part of a day") {
  Story story = a_morning();
  for (const auto& command : {ill(kAbsence, kMonday, kFriday), ill_from(kAbsence, kMonday),
                              away(kAbsence, kTuesday, minutes(13), minutes(14, 30))}) {
    Story(story).when(command).then(reported(command, kMother));
  }
}

TEST_CASE("the same absence can't be reported under the same id twice") {
  Story story = a_morning_ill();
  story.by(kFather)
      .when(ill(kAbsence, kThursday, kThursday))
      .then_rejected(Rejection::absence_exists);
}

TEST_CASE("an absence doesn't end before it begins") {
  Story story = a_morning();
  story.when(ill(kAbsence, kTuesday, kMonday)).then_rejected(Rejection::absence_days_invalid);
}

TEST_CASE("a part of a day is on one day, and starts before it ends, by midnight") {
  Story story = a_morning();
  auto two_days = away(kAbsence, kMonday, minutes(9), minutes(10));
  two_days.last_day = day(kTuesday);
  auto open_ended = away(kAbsence, kMonday, minutes(9), minutes(10));
  open_ended.open_ended = true;
  for (const auto& command :
       {two_days, open_ended, away(kAbsence, kMonday, minutes(10), minutes(10)),
        away(kAbsence, kMonday, minutes(10), minutes(9)),
        away(kAbsence, kMonday, minutes(10), minutes(24) + 1)}) {
    story.when(command).then_rejected(Rejection::absence_part_of_day_invalid);
  }
  story.when(away(kAbsence, kMonday, minutes(10), minutes(24))).then_accepted();
}

TEST_CASE("a report covers at most sixty days") {
  Story story = a_morning();
  story.when(ill(kAbsence, kMonday, "2026-12-04")).then_rejected(Rejection::absence_too_long);
  story.when(ill(kAbsence, kMonday, "2026-12-03")).then_accepted();
}

TEST_CASE("a guardian reports from today on, the office up to a week back") {
  Story story = a_morning();
  story.on("2026-10-08 16:00");
  story.when(ill(kAbsence, kWednesday, kThursday)).then_rejected(Rejection::absence_in_past);
  Story(story)
      .when(ill(kAbsence, kThursday, kThursday))
      .then(reported(ill(kAbsence, kThursday, kThursday), kMother, ReportTiming::after_start));
  story.by(kOffice);
  story.when(ill(kAbsence, "2026-09-30", kMonday)).then_rejected(Rejection::absence_in_past);
  story.when(ill(kAbsence, "2026-10-01", kMonday)).then_accepted();
}

TEST_CASE("an absence has a school day in it") {
  Story story = a_morning();
  story.when(ill(kAbsence, "2026-10-10", "2026-10-11"))
      .then_rejected(Rejection::absence_no_school_day);
  story.when(ill(kAbsence, "2026-10-17", "2026-10-25"))
      .then_rejected(Rejection::absence_no_school_day);
  story.when(ill(kAbsence, "2026-10-17", "2026-10-26")).then_accepted();
}

TEST_CASE("a report without an end meets a school day within a week") {
  Story story = a_morning();
  story.when(ill_from(kAbsence, "2026-10-17")).then_rejected(Rejection::absence_no_school_day);
  story.when(ill_from(kAbsence, "2026-10-20")).then_accepted();
}

TEST_CASE("a child is absent from a school that it is enrolled at") {
  Story story = a_morning();
  auto unknown = ill(kAbsence, kMonday, kMonday);
  unknown.child = numbered<ChildId>(99);
  Story(story).by(kOffice).when(unknown).then_rejected(Rejection::child_not_found);

  story.given(child_stream(kChild), made<ChildLeft>([](auto& e) { e.last_day = day(kTuesday); }));
  story.when(ill(kAbsence, kTuesday, kWednesday)).then_rejected(Rejection::child_left);
  story.when(ill_from(kAbsence, kWednesday)).then_rejected(Rejection::child_left);
  story.when(ill(kAbsence, kTuesday, kTuesday)).then_accepted();
}

TEST_CASE("a child isn't absent before its first day") {
  Story story = a_morning();
  const auto newcomer = numbered<ChildId>(5);
  story.given(child_stream(newcomer), made<ChildEnrolled>([&](auto& e) {
                e.child = newcomer;
                e.first_day = day(kWednesday);
              }));
  auto command = ill(kAbsence, kTuesday, kWednesday);
  command.child = newcomer;
  story.by(kOffice).when(command).then_rejected(Rejection::day_before_enrolment);
}

TEST_CASE("a second guardian's report of the same day adds to the absence") {
  Story story = a_morning_ill();
  auto command = ill(kSecond, kMonday, kMonday);
  command.note = story.text();
  auto expected = added(kFather, ill(kAbsence, kMonday, kMonday));
  expected.note = story.sealed(command.note);
  story.by(kFather).when(command).then(expected);
}

TEST_CASE("what both say together becomes the absence") {
  Story story = a_morning_ill(kTuesday, kWednesday);
  story.by(kFather);
  Story(story)
      .when(ill(kSecond, kMonday, kTuesday))
      .then(added(kFather, ill(kAbsence, kMonday, kWednesday)));
  Story(story)
      .when(ill(kSecond, kWednesday, kFriday))
      .then(added(kFather, ill(kAbsence, kTuesday, kFriday)));
  Story(story)
      .when(ill_from(kSecond, kWednesday))
      .then(added(kFather, ill_from(kAbsence, kTuesday)));
}

TEST_CASE("a part of a day becomes a whole one where the other guardian says so") {
  Story story = a_morning();
  story.when(away(kAbsence, kMonday, minutes(13), minutes(14))).then_accepted();
  story.by(kFather);
  Story(story)
      .when(ill(kSecond, kMonday, kTuesday))
      .then(added(kFather, ill(kAbsence, kMonday, kTuesday)));
  auto longer = away(kAbsence, kMonday, minutes(13), minutes(15));
  Story(story)
      .when(away(kSecond, kMonday, minutes(13, 30), minutes(15)))
      .then(added(kFather, longer));
}

TEST_CASE("parts of one day that don't touch are two absences") {
  Story story = a_morning();
  story.when(away(kAbsence, kMonday, minutes(8, 30), minutes(9))).then_accepted();
  const auto dentist = away(kSecond, kMonday, minutes(13), minutes(14));
  story.when(dentist).then(reported(dentist, kMother));
  const auto between = away(kThird, kMonday, minutes(9), minutes(13));
  story.when(between).then(reported(between, kMother));
}

TEST_CASE("the same guardian doesn't report the same day again") {
  Story story = a_morning_ill(kMonday, kTuesday);
  story.when(ill(kSecond, kTuesday, kThursday))
      .then_rejected(Rejection::absence_already_reported_by_you);
  story.by(kFather).when(ill(kSecond, kTuesday, kTuesday)).then_accepted();
  story.when(ill(kThird, kMonday, kMonday))
      .then_rejected(Rejection::absence_already_reported_by_you);
}

TEST_CASE("a report doesn't melt two absences into one") {
  Story story = a_morning_ill(kMonday, kMonday);
  story.when(ill(kSecond, kThursday, kThursday)).then_accepted();
  story.by(kFather)
      .when(ill(kThird, kMonday, kThursday))
      .then_rejected(Rejection::absence_overlaps_another);
}

TEST_CASE("what two say together isn't longer than a report may be") {
  Story story = a_morning_ill(kMonday, "2026-11-30");
  story.by(kFather)
      .when(ill(kSecond, "2026-11-30", "2026-12-07"))
      .then_rejected(Rejection::absence_too_long);
}

TEST_CASE("an absence that was taken back doesn't stand in the way of another") {
  Story story = a_morning_ill();
  story.when(take_back()).then_accepted();
  const auto again = ill(kSecond, kMonday, kMonday);
  story.when(again).then(reported(again, kMother));
}

TEST_CASE("the office writes down what a guardian reports by telephone") {
  Story story = a_morning();
  const auto command = ill(kAbsence, kMonday, kMonday);
  story.by(on_behalf_of(kOffice, kFather)).when(command).then(reported(command, kFather));
  story.by(kFather)
      .when(ill(kSecond, kMonday, kMonday))
      .then_rejected(Rejection::absence_already_reported_by_you);
  story.by(on_behalf_of(kOffice, kStranger))
      .when(ill(kSecond, kTuesday, kTuesday))
      .then_rejected(Rejection::guardian_not_linked);
}

TEST_CASE("a teacher reports that a child of the own class went home ill") {
  Story story = a_morning();
  const auto command = away(kAbsence, kMonday, minutes(11, 10), minutes(15));
  story.on("2026-10-05 11:10")
      .by(kTeacher)
      .when(command)
      .then(reported(command, kTeacher, ReportTiming::after_start));
}

TEST_CASE("a guardian without authority and a stranger report nothing") {
  Story story = a_morning();
  const auto command = ill(kAbsence, kMonday, kMonday);
  story.by(kStepfather).when(command).then_rejected(Rejection::guardian_has_no_authority);
  story.by(kStranger).when(command).then_rejected(Rejection::not_own_child);
}

TEST_CASE("the end of an absence can be changed, also after it began") {
  Story story = a_morning_ill(kMonday, kWednesday);
  story.when(end_on(kFriday)).then(ends_on(kFriday));
  story.on("2026-10-08 12:00").when(end_on(kTuesday)).then(ends_on(kTuesday));
}

TEST_CASE("an absence can lose its end") {
  Story story = a_morning_ill();
  auto expected = ends_on(kMonday);
  expected.open_ended = true;
  story.when(no_end()).then(expected);
  story.when(end_on(kThursday)).then(ends_on(kThursday));
}

TEST_CASE("an end that stands already changes nothing") {
  Story story = a_morning_ill(kMonday, kTuesday);
  story.when(end_on(kTuesday)).then_rejected(Rejection::absence_end_unchanged);
  story.when(no_end()).then_accepted();
  story.when(no_end()).then_rejected(Rejection::absence_end_unchanged);
}

TEST_CASE("a changed end keeps the rules of a report") {
  Story story = a_morning_ill(kTuesday, kTuesday);
  story.when(end_on(kMonday)).then_rejected(Rejection::absence_days_invalid);
  story.when(end_on("2026-12-05")).then_rejected(Rejection::absence_too_long);
  story.when(end_on("2026-12-04")).then_accepted();
}

TEST_CASE("days that have passed can't be put into an absence") {
  Story story = a_morning_ill(kMonday, kMonday);
  story.on("2026-10-08 08:00");
  story.when(end_on(kThursday)).then_rejected(Rejection::absence_in_past);
  story.when(no_end()).then_rejected(Rejection::absence_in_past);
  Story(story).by(kOffice).when(end_on(kThursday)).then(ends_on(kThursday));
}

TEST_CASE("an absence goes on over a weekend that has passed") {
  Story story = a_morning_ill(kMonday, kFriday);
  story.on("2026-10-12 08:00").when(end_on("2026-10-12")).then(ends_on("2026-10-12"));
}

TEST_CASE("a changed end keeps a school day, and the child at this school") {
  Story story = a_morning();
  story.when(ill(kAbsence, "2026-10-10", "2026-10-12")).then_accepted();
  story.when(end_on("2026-10-11")).then_rejected(Rejection::absence_no_school_day);
  story.given(child_stream(kChild),
              made<ChildLeft>([](auto& e) { e.last_day = day("2026-10-12"); }));
  story.when(end_on("2026-10-13")).then_rejected(Rejection::child_left);
}

TEST_CASE("a changed end doesn't run into another absence") {
  Story story = a_morning_ill(kMonday, kTuesday);
  story.when(ill(kSecond, kThursday, kThursday)).then_accepted();
  story.when(end_on(kThursday)).then_rejected(Rejection::absence_overlaps_another);
  story.when(no_end()).then_rejected(Rejection::absence_overlaps_another);
  story.when(end_on(kWednesday)).then_accepted();
}

TEST_CASE("a part of a day has no last day to change") {
  Story story = a_morning();
  story.when(away(kAbsence, kMonday, minutes(13), minutes(14))).then_accepted();
  story.when(end_on(kTuesday)).then_rejected(Rejection::absence_part_of_day_invalid);
}

TEST_CASE("a guardian takes a report back until it begins, and not after the bell") {
  Story story = a_morning_ill();
  const auto at_bell = moment("2026-10-05 08:30");
  Story(story).at(at_bell - 1).when(take_back()).then(made<AbsenceWithdrawn>([](auto& e) {
    e.absence = kAbsence;
  }));
  Story(story).at(at_bell).when(take_back()).then_rejected(Rejection::absence_has_begun);
}

TEST_CASE("a part of a day begins at its own time") {
  Story story = a_morning();
  story.when(away(kAbsence, kMonday, minutes(13), minutes(14))).then_accepted();
  const auto begins = moment("2026-10-05 13:00");
  Story(story).at(begins).when(take_back()).then_rejected(Rejection::absence_has_begun);
  Story(story).at(begins - 1).when(take_back()).then_accepted();
}

TEST_CASE("staff take back their own slip at any time, never what a guardian reported") {
  Story story = a_morning();
  story.by(kOffice).when(ill(kAbsence, kMonday, kMonday)).then_accepted();
  story.on("2026-10-05 12:00");
  Story(story).by(kMother).when(take_back()).then_rejected(Rejection::absence_has_begun);
  Story(story).when(take_back()).then_accepted();
  story.by(kMother).when(ill(kSecond, kMonday, kMonday)).then_accepted();
  story.by(kOffice).when(take_back()).then_rejected(Rejection::absence_has_begun);
}

TEST_CASE("better: an absence without an end gets its last day, the school day before") {
  Story story = a_morning();
  story.when(ill_from(kAbsence, kMonday)).then_accepted();
  Story(story).on("2026-10-08 07:00").when(better(kThursday)).then(recovered(kWednesday));
  Story(story).on("2026-10-12 07:00").when(better("2026-10-12")).then(recovered(kFriday));
  Story(story).on("2026-10-05 20:00").when(better(kTuesday)).then(recovered(kMonday));
}

TEST_CASE("better: the last day is never before the first") {
  Story story = a_morning();
  story.on("2026-10-09 18:00").when(ill_from(kAbsence, "2026-10-10")).then_accepted();
  story.on("2026-10-12 12:00");
  story.when(better("2026-10-10")).then_rejected(Rejection::absence_days_invalid);
  story.when(better("2026-10-12")).then(recovered("2026-10-10"));
}

TEST_CASE("better: a report with an end can end sooner") {
  Story story = a_morning_ill(kMonday, kFriday);
  story.on("2026-10-07 07:00").when(better(kWednesday)).then(recovered(kTuesday));
}

TEST_CASE("better: after its end an absence has ended already") {
  Story story = a_morning_ill(kMonday, kTuesday);
  story.on("2026-10-07 07:00")
      .when(better(kWednesday))
      .then_rejected(Rejection::absence_already_ended);
  Story again = a_morning();
  again.when(ill_from(kAbsence, kMonday)).then_accepted();
  again.on("2026-10-07 07:00").when(better(kWednesday)).then_accepted();
  again.when(better(kWednesday)).then_rejected(Rejection::absence_already_ended);
}

TEST_CASE("better: what hasn't begun is taken back instead") {
  Story story = a_morning();
  story.when(ill_from(kAbsence, kTuesday)).then_accepted();
  story.when(better(kWednesday)).then_rejected(Rejection::absence_not_begun);
}

TEST_CASE("better: nobody knows that for later than sixty days") {
  Story story = a_morning();
  story.when(ill_from(kAbsence, kMonday)).then_accepted();
  story.on("2026-10-05 12:00");
  story.when(better("2026-12-05")).then_rejected(Rejection::absence_too_long);
  story.when(better("2026-12-04")).then(recovered("2026-12-03"));
}

TEST_CASE("ill for longer than a report may be: open-ended, and better after all that time") {
  Story story = a_morning();
  story.when(ill_from(kAbsence, kMonday)).then_accepted();
  story.on("2027-03-01 07:00").when(better("2027-03-01")).then(recovered("2027-02-19"));
}

TEST_CASE("staff classify an absence, and may do so again") {
  Story story = a_morning_ill();
  const auto classified = [](AbsenceClass classification) {
    return made<AbsenceClassified>([&](auto& e) {
      e.absence = kAbsence;
      e.classification = classification;
    });
  };
  story.by(kOffice)
      .when(classify(AbsenceClass::unauthorised))
      .then(classified(AbsenceClass::unauthorised));
  story.when(classify(AbsenceClass::unauthorised))
      .then_rejected(Rejection::absence_class_unchanged);
  story.when(classify(AbsenceClass::authorised)).then(classified(AbsenceClass::authorised));
  story.by(kMother)
      .when(classify(AbsenceClass::authorised))
      .then_rejected(Rejection::role_not_sufficient);
}

TEST_CASE("an absence that isn't there or was taken back can't be changed") {
  Story story = a_morning_ill(kTuesday, kTuesday);
  const auto each = [](Story& told, AbsenceId absence, Rejection rejection) {
    told.by(kMother).when(end_on(kFriday, absence)).then_rejected(rejection);
    told.when(take_back(absence)).then_rejected(rejection);
    told.when(better(kFriday, absence)).then_rejected(rejection);
    told.by(kOffice).when(classify(AbsenceClass::authorised, absence)).then_rejected(rejection);
  };
  each(story, kSecond, Rejection::absence_not_found);
  story.by(kMother).when(take_back()).then_accepted();
  each(story, kAbsence, Rejection::absence_withdrawn);
}

TEST_CASE("in any history: one absence per child and moment, none ends before it begins") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) {
    return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
  };
  const auto some_day = [&](Story& story) {
    return aggregates::local_time("Europe/Amsterdam", story.now_us())
        .day.plus(static_cast<std::int32_t>(below(12)) - 2);
  };
  for (int history = 0; history < 25; ++history) {
    Story story = a_morning();
    for (std::uint64_t step = 1; step <= 30; ++step) {
      story.at(story.now_us() + std::int64_t{below(20)} * 3'600'000'000);
      story.by(std::vector{kMother, kFather, kOffice, kTeacher}[below(4)]);
      const auto known = numbered<AbsenceId>(1 + below(static_cast<unsigned>(step)));
      const auto first = some_day(story);
      const auto last = first.plus(static_cast<std::int32_t>(below(4)));
      CommandBody command = made<ReportAbsence>([&](auto& c) {
        c.child = kChild;
        c.absence = numbered<AbsenceId>(step);
        c.first_day = first;
        c.last_day = last;
        c.open_ended = below(6) == 0;
        c.whole_days = below(3) != 0;
        c.from_minute = static_cast<std::uint16_t>(below(1440));
        c.until_minute = static_cast<std::uint16_t>(below(1440));
        if (!c.whole_days) c.last_day = c.first_day;
      });
      switch (below(8)) {
        case 0:
          command = end_on(to_text(last), known);
          break;
        case 1:
          command = take_back(known);
          break;
        case 2:
          command = better(to_text(last), known);
          break;
        default:
          break;
      }
      story.when(command);
      if (story.decision()) story.then_accepted();

      aggregates::Facts facts(kSchool, story);
      std::vector<aggregates::absence::Span> spans;
      for (const auto& [id, absence] : facts.absence(kChild).absences) {
        if (!absence.withdrawn) spans.push_back(absence.span);
      }
      CAPTURE(history, step);
      for (std::size_t i = 0; i < spans.size(); ++i) {
        const auto& a = spans[i];
        REQUIRE((a.open_ended || a.first_day <= a.last_day));
        REQUIRE((a.whole_days || (a.from_minute < a.until_minute && a.first_day == a.last_day)));
        for (std::size_t j = i + 1; j < spans.size(); ++j) {
          const auto& b = spans[j];
          const bool days_apart = (!a.open_ended && a.last_day < b.first_day) ||
                                  (!b.open_ended && b.last_day < a.first_day);
          const bool minutes_apart =
              !a.whole_days && !b.whole_days &&
              (a.until_minute <= b.from_minute || b.until_minute <= a.from_minute);
          REQUIRE((days_apart || minutes_apart));
        }
      }
    }
  }
}

}  // namespace
}  // namespace klasboek::tests
