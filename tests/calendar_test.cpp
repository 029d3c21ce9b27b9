#include "aggregates/calendar.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace klasboek::aggregates {
namespace {

using events::Day;
using events::PeriodKind;

constexpr std::string_view kAmsterdam = "Europe/Amsterdam";
/// Four hours behind UTC all year.
constexpr std::string_view kCuracao = "America/Curacao";
/// Its spring night skips the hour from midnight, so that a day begins at one.
constexpr std::string_view kHavana = "America/Havana";

Day day(std::string_view iso) { return events::parse_day(iso).value(); }

/// Of a moment in UTC, µs.
std::int64_t utc(std::string_view iso, unsigned hour, unsigned minute = 0) {
  return (std::int64_t{day(iso).days} * 24 * 60 + hour * 60 + minute) * 60 * 1'000'000;
}

unsigned minutes(unsigned hour, unsigned minute = 0) { return hour * 60 + minute; }

std::string on_the_wall(std::string_view zone, std::int64_t at_us) {
  const auto time = local_time(zone, at_us);
  return events::to_text(time.day) + " " + std::to_string(time.minute / 60) + ":" +
         std::to_string(time.minute % 60);
}

events::Period period(std::string_view first, std::string_view last, PeriodKind kind) {
  events::Period period;
  period.first_day = day(first);
  period.last_day = day(last);
  period.kind = kind;
  return period;
}

/// Monday to Friday; on Wednesday school begins at 08:45.
school::State a_school() {
  school::State school;
  school.time_zone = kAmsterdam;
  for (std::uint8_t weekday = 1; weekday <= 5; ++weekday) {
    const unsigned starts = weekday == 3 ? minutes(8, 45) : minutes(8, 30);
    school.school_days[weekday] = {weekday, static_cast<std::uint16_t>(starts),
                                   static_cast<std::uint16_t>(minutes(15))};
  }
  school.school_years[2025] = {day("2025-09-01"), day("2026-07-03"), {}};
  school.school_years[2026] = {day("2026-08-24"),
                               day("2027-07-09"),
                               {period("2026-10-17", "2026-10-25", PeriodKind::holiday),
                                period("2026-11-09", "2026-11-09", PeriodKind::study_day)}};
  return school;
}

TEST_CASE("a zone exists when the database has its name") {
  CHECK(zone_exists(kAmsterdam));
  CHECK(zone_exists(kCuracao));
  CHECK(zone_exists("UTC"));
  for (const char* wrong : {"", "Europe", "Europe/", "europe/amsterdam", "Europe/Utrecht",
                            "../../../etc/passwd", "/usr/share/zoneinfo/Europe/Amsterdam",
                            "right/Europe/Amsterdam", "zone.tab", "Europe/Amsterdam\n"}) {
    CAPTURE(wrong);
    CHECK_FALSE(zone_exists(wrong));
  }
}

TEST_CASE("Amsterdam is one hour ahead in winter and two in summer") {
  CHECK(on_the_wall(kAmsterdam, utc("2026-12-31", 23, 30)) == "2027-01-01 0:30");
  CHECK(on_the_wall(kAmsterdam, utc("2026-06-30", 22, 0)) == "2026-07-01 0:0");
  CHECK(on_the_wall(kAmsterdam, utc("2026-06-30", 22, 0) - 1) == "2026-06-30 23:59");
  CHECK(moment_of(kAmsterdam, day("2026-12-31"), minutes(8, 30)) == utc("2026-12-31", 7, 30));
  CHECK(moment_of(kAmsterdam, day("2026-06-30"), minutes(8, 30)) == utc("2026-06-30", 6, 30));
}

TEST_CASE("in the hour that a spring night skips, the moment is the one after the gap") {
  const auto night = day("2026-03-29");
  const auto after_gap = utc("2026-03-29", 1);
  CHECK(moment_of(kAmsterdam, night, minutes(1, 59)) == after_gap - 60 * 1'000'000);
  CHECK(moment_of(kAmsterdam, night, minutes(2)) == after_gap);
  CHECK(moment_of(kAmsterdam, night, minutes(2, 30)) == after_gap);
  CHECK(moment_of(kAmsterdam, night, minutes(2, 59)) == after_gap);
  CHECK(moment_of(kAmsterdam, night, minutes(3)) == after_gap);
  CHECK(on_the_wall(kAmsterdam, after_gap) == "2026-03-29 3:0");
}

TEST_CASE("in the hour that an autumn night has twice, the moment is the first") {
  const auto night = day("2026-10-25");
  CHECK(moment_of(kAmsterdam, night, minutes(2)) == utc("2026-10-25", 0));
  CHECK(moment_of(kAmsterdam, night, minutes(2, 30)) == utc("2026-10-25", 0, 30));
  CHECK(moment_of(kAmsterdam, night, minutes(3)) == utc("2026-10-25", 2));
  CHECK(on_the_wall(kAmsterdam, utc("2026-10-25", 0, 30)) == "2026-10-25 2:30");
  CHECK(on_the_wall(kAmsterdam, utc("2026-10-25", 1, 30)) == "2026-10-25 2:30");
}

TEST_CASE("a school on Curaçao has its own day") {
  CHECK(on_the_wall(kCuracao, utc("2026-10-06", 3, 59)) == "2026-10-05 23:59");
  CHECK(on_the_wall(kCuracao, utc("2026-10-06", 4)) == "2026-10-06 0:0");
  CHECK(moment_of(kCuracao, day("2026-10-25"), minutes(2, 30)) == utc("2026-10-25", 6, 30));
  auto school = a_school();
  const auto late_evening_there = utc("2026-10-06", 2);
  CHECK(today(school, late_evening_there) == day("2026-10-06"));
  school.time_zone = kCuracao;
  CHECK(today(school, late_evening_there) == day("2026-10-05"));
}

TEST_CASE("a day whose midnight is skipped begins after the gap") {
  const auto night = day("2026-03-08");
  CHECK(moment_of(kHavana, night, 0) == utc("2026-03-08", 5));
  CHECK(on_the_wall(kHavana, utc("2026-03-08", 5)) == "2026-03-08 1:0");
  CHECK(on_the_wall(kHavana, utc("2026-03-08", 5) - 1) == "2026-03-07 23:59");
}

TEST_CASE("every minute of a year comes back from its moment, but for the skipped hour") {
  unsigned skipped = 0;
  for (auto at = day("2026-01-01"); at <= day("2026-12-31"); at = at.plus(1)) {
    for (unsigned minute = 0; minute < 24 * 60; minute += 10) {
      const auto back = local_time(kAmsterdam, moment_of(kAmsterdam, at, minute));
      if (back.day == at && back.minute == minute) continue;
      ++skipped;
      CAPTURE(events::to_text(at), minute);
      CHECK(at == day("2026-03-29"));
      CHECK(minute / 60 == 2);
    }
  }
  CHECK(skipped == 6);
}

TEST_CASE("a school that isn't founded has no wall yet: its day is that of UTC") {
  CHECK(today(school::State{}, utc("2026-10-05", 23, 59)) == day("2026-10-05"));
  CHECK(today(school::State{}, utc("2026-10-06", 0)) == day("2026-10-06"));
}

TEST_CASE("a moment before 1970 falls on its own day") {
  CHECK(local_time("UTC", -1).day == day("1969-12-31"));
  CHECK(local_time("UTC", -1).minute == 24 * 60 - 1);
}

TEST_CASE("a day is in the school year that holds it, its first and last day too") {
  const auto school = a_school();
  CHECK(school_year_of(school, day("2026-08-23")) == std::nullopt);
  CHECK(school_year_of(school, day("2026-08-24")) == 2026);
  CHECK(school_year_of(school, day("2027-07-09")) == 2026);
  CHECK(school_year_of(school, day("2027-07-10")) == std::nullopt);
  CHECK(school_year_of(school, day("2026-07-03")) == 2025);
  CHECK(school_year_of(school::State{}, day("2026-10-05")) == std::nullopt);
}

TEST_CASE("a school day is a weekday of this school, in no holiday and no study day") {
  const auto school = a_school();
  CHECK(is_school_day(school, day("2026-10-16")));
  CHECK_FALSE(is_school_day(school, day("2026-10-17")));
  CHECK_FALSE(is_school_day(school, day("2026-10-19")));
  CHECK_FALSE(is_school_day(school, day("2026-10-25")));
  CHECK(is_school_day(school, day("2026-10-26")));
  CHECK_FALSE(is_school_day(school, day("2026-11-08")));
  CHECK_FALSE(is_school_day(school, day("2026-11-09")));
  CHECK(is_school_day(school, day("2026-11-10")));
  CHECK_FALSE(is_school_day(school, day("2026-08-21")));
}

TEST_CASE("school days are counted with the first and the last") {
  const auto school = a_school();
  CHECK(count_school_days(school, day("2026-10-05"), day("2026-10-05")) == 1);
  CHECK(count_school_days(school, day("2026-10-05"), day("2026-10-11")) == 5);
  CHECK(count_school_days(school, day("2026-10-16"), day("2026-10-26")) == 2);
  CHECK(count_school_days(school, day("2026-10-17"), day("2026-10-25")) == 0);
  CHECK(count_school_days(school, day("2026-11-06"), day("2026-11-10")) == 2);
  CHECK(count_school_days(school, day("2026-10-06"), day("2026-10-05")) == 0);
}

TEST_CASE("school begins at the minute of its weekday, at half past eight where none is set") {
  const auto school = a_school();
  CHECK(starts_minute(school, day("2026-10-05")) == minutes(8, 30));
  CHECK(starts_minute(school, day("2026-10-07")) == minutes(8, 45));
  CHECK(starts_minute(school, day("2026-10-10")) == minutes(8, 30));
}

TEST_CASE("the posting window is open on school days from opening to closing") {
  const auto school = a_school();
  const auto at = [](std::string_view iso, unsigned hour, unsigned minute = 0) {
    return moment_of(kAmsterdam, day(iso), minutes(hour, minute));
  };
  CHECK_FALSE(posting_window_open(school, at("2026-10-05", 8) - 1));
  CHECK(posting_window_open(school, at("2026-10-05", 8)));
  CHECK(posting_window_open(school, at("2026-10-05", 17) - 1));
  CHECK_FALSE(posting_window_open(school, at("2026-10-05", 17)));
  CHECK_FALSE(posting_window_open(school, at("2026-10-10", 12)));
  CHECK_FALSE(posting_window_open(school, at("2026-10-19", 12)));
  CHECK_FALSE(posting_window_open(school, at("2026-11-09", 12)));
}

TEST_CASE("a post waits for the next opening: after a night, a weekend, a holiday") {
  const auto school = a_school();
  const auto at = [](std::string_view iso, unsigned hour, unsigned minute = 0) {
    return moment_of(kAmsterdam, day(iso), minutes(hour, minute));
  };
  CHECK(next_posting_moment(school, at("2026-10-05", 6)) == at("2026-10-05", 8));
  CHECK(next_posting_moment(school, at("2026-10-05", 12, 34)) == at("2026-10-05", 12, 34));
  CHECK(next_posting_moment(school, at("2026-10-05", 17)) == at("2026-10-06", 8));
  CHECK(next_posting_moment(school, at("2026-10-09", 20)) == at("2026-10-12", 8));
  CHECK(next_posting_moment(school, at("2026-10-16", 18)) == at("2026-10-26", 8));
  CHECK(next_posting_moment(school, at("2026-11-06", 18)) == at("2026-11-10", 8));
  CHECK(next_posting_moment(school, at("2026-07-03", 18)) == at("2026-08-24", 8));
}

TEST_CASE("the opening keeps its hour on the wall when the clocks change in between") {
  auto school = a_school();
  const auto friday = moment_of(kAmsterdam, day("2027-03-26"), minutes(18));
  const auto monday = next_posting_moment(school, friday);
  REQUIRE(monday.has_value());
  CHECK(on_the_wall(kAmsterdam, *monday) == "2027-03-29 8:0");
  CHECK(*monday == utc("2027-03-29", 6));
}

TEST_CASE("without a calendar ahead there is no next moment") {
  const auto school = a_school();
  CHECK(next_posting_moment(school, moment_of(kAmsterdam, day("2027-07-09"), minutes(18))) ==
        std::nullopt);
  auto never_open = a_school();
  never_open.school_days.clear();
  CHECK(next_posting_moment(never_open, utc("2026-10-05", 9)) == std::nullopt);
}

}  // namespace
}  // namespace klasboek::aggregates
