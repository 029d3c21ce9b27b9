#include "aggregates/absence.h"

#include <catch2/catch.hpp>
#include <random>
#include <string_view>
#include <vector>

#include "aggregates/calendar.h"
#include "aggregates/facts.h"
#include "tests/support/absence_words.h"

namespace klasboek::tests {
namespace {

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
  story.when(ill_from(kAbsence, "2026-10-19")).then_rejected(Rejection::absence_no_school_day);
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
  command.first_day = command.last_day;
  story.when(command).then_accepted();
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
