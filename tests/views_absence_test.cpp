#include <catch2/catch.hpp>

#include "projections/absence_view.h"
#include "tests/support/absence_words.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

namespace absence_view = projections::absence_view;
using Ids = std::vector<AbsenceId>;

Ids absent(SchoolViews& school, std::string_view on, std::optional<GroupId> group = std::nullopt) {
  Ids ids;
  for (const auto& row : absence_view::absences_on(school.views(), kSchool, day(on), group)) {
    ids.push_back(row.id);
  }
  return ids;
}

absence_view::AbsenceRow row_of(SchoolViews& school, AbsenceId id = kAbsence) {
  const auto row = absence_view::absence(school.views(), kSchool, id);
  REQUIRE(row.has_value());
  return *row;
}

TEST_CASE("an ill child is on the list of each of its days, for its class and the school") {
  SchoolViews school;
  school.story.by(kMother).when(ill(kAbsence, kTuesday, kThursday)).then_accepted();
  CHECK(absent(school, kMonday).empty());
  for (const auto on : {kTuesday, kWednesday, kThursday}) {
    CHECK(absent(school, on) == Ids{kAbsence});
    CHECK(absent(school, on, kClass) == Ids{kAbsence});
    CHECK(absent(school, on, kWholeSchool) == Ids{kAbsence});
    CHECK(absent(school, on, kOtherClass).empty());
    CHECK(absent(school, on, numbered<GroupId>(9)).empty());
  }
  CHECK(absent(school, kFriday).empty());
}

TEST_CASE("a report says who reported what, how, and whether it was on time") {
  SchoolViews school;
  auto& story = school.story;
  auto report = away(kAbsence, kTuesday, minutes(10), minutes(11, 30));
  report.note = story.text();
  story.by(on_behalf_of(kOffice, kFather)).when(report).then_accepted();
  const auto row = row_of(school);
  CHECK(row.child == kChild);
  CHECK(row.reason == AbsenceReason::medical_visit);
  CHECK_FALSE(row.whole_days);
  CHECK(row.from_minute == minutes(10));
  CHECK(row.until_minute == minutes(11, 30));
  CHECK(row.timing == ReportTiming::on_time);
  CHECK_FALSE(row.classification.has_value());
  REQUIRE(row.reports.size() == 1);
  CHECK(row.reports[0].reported_by == kFather.account);
  CHECK(row.reports[0].recorded_by == on_behalf_of(kOffice, kFather));
  CHECK(row.reports[0].recorded_at_us == story.now_us());
  REQUIRE(row.reports[0].note.has_value());
  CHECK(row.reports[0].note->sealed == *story.sealed(report.note));

  story.by(kMother).when(ill(kSecond, kMonday, kMonday)).then_accepted();
  CHECK(row_of(school, kSecond).timing == ReportTiming::after_start);
}

TEST_CASE("an illness without an end is on every day's list until the child is better") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(ill_from(kAbsence, kMonday)).then_accepted();
  CHECK(absent(school, kMonday) == Ids{kAbsence});
  CHECK(absent(school, "2026-12-01", kClass) == Ids{kAbsence});
  CHECK_FALSE(row_of(school).last_day.has_value());
  story.on("2026-10-07 12:00")
      .when(made<ReportRecovery>([](auto& c) {
        c.child = kChild;
        c.absence = kAbsence;
        c.back_on = day(kThursday);
      }))
      .then_accepted();
  CHECK(absent(school, kWednesday) == Ids{kAbsence});
  CHECK(absent(school, kThursday).empty());
  CHECK(absent(school, "2026-12-01").empty());
  CHECK(row_of(school).recovered);
  CHECK(row_of(school).last_day == day(kWednesday));
}

TEST_CASE("two guardians who report the same days make one absence with both reports") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(ill(kAbsence, kTuesday, kTuesday)).then_accepted();
  story.by(kFather).when(ill(kSecond, kTuesday, kThursday)).then_accepted();
  CHECK(absent(school, kThursday) == Ids{kAbsence});
  const auto row = row_of(school);
  REQUIRE(row.reports.size() == 2);
  CHECK(row.reports[0].reported_by == kMother.account);
  CHECK(row.reports[1].reported_by == kFather.account);
  CHECK(row.last_day == day(kThursday));
  CHECK(row.version == 2);
  CHECK_FALSE(absence_view::absence(school.views(), kSchool, kSecond).has_value());
}

TEST_CASE("what is withdrawn is on no list of a day, but stays in the child's") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(ill(kAbsence, kTuesday, kThursday)).then_accepted();
  story
      .when(made<WithdrawAbsence>([](auto& c) {
        c.child = kChild;
        c.absence = kAbsence;
      }))
      .then_accepted();
  CHECK(absent(school, kWednesday).empty());
  const auto page = absence_view::absences_of(school.views(), kSchool, kChild, std::nullopt, 10);
  REQUIRE(page.absences.size() == 1);
  CHECK(page.absences[0].withdrawn);
}

TEST_CASE("an end that moves takes the days with it") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(ill(kAbsence, kTuesday, kThursday)).then_accepted();
  story.when(end_on(kTuesday)).then_accepted();
  CHECK(absent(school, kTuesday) == Ids{kAbsence});
  CHECK(absent(school, kWednesday).empty());
  story.when(end_on(kFriday)).then_accepted();
  CHECK(absent(school, kFriday) == Ids{kAbsence});
}

TEST_CASE("staff say whether it was authorised") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(ill(kAbsence, kTuesday, kTuesday)).then_accepted();
  story.by(kOffice)
      .when(made<ClassifyAbsence>([](auto& c) {
        c.child = kChild;
        c.absence = kAbsence;
        c.classification = AbsenceClass::unauthorised;
      }))
      .then_accepted();
  CHECK(row_of(school).classification == AbsenceClass::unauthorised);
}

TEST_CASE("a child is on the list of the class where it is that day") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(ill(kAbsence, kTuesday, kFriday)).then_accepted();
  story.by(kOffice)
      .when(made<PlaceChild>([](auto& c) {
        c.child = kChild;
        c.group = kOtherClass;
        c.first_day = day(kThursday);
      }))
      .then_accepted();
  CHECK(absent(school, kWednesday, kClass) == Ids{kAbsence});
  CHECK(absent(school, kThursday, kClass).empty());
  CHECK(absent(school, kThursday, kOtherClass) == Ids{kAbsence});
}

TEST_CASE("the list of a child comes in pages, last reported first") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother);
  story.when(ill(kAbsence, kTuesday, kTuesday)).then_accepted();
  story.when(ill(kSecond, kFriday, kFriday)).then_accepted();
  story.when(ill(kThird, kThursday, kThursday)).then_accepted();
  const auto views = school.views();
  const auto page = absence_view::absences_of(views, kSchool, kChild, std::nullopt, 2);
  REQUIRE(page.absences.size() == 2);
  CHECK(page.absences[0].id == kThird);
  CHECK(page.absences[1].id == kSecond);
  REQUIRE(page.next.has_value());
  const auto rest = absence_view::absences_of(views, kSchool, kChild, page.next, 2);
  REQUIRE(rest.absences.size() == 1);
  CHECK(rest.absences[0].id == kAbsence);
  CHECK_FALSE(rest.next.has_value());
}

}  // namespace
}  // namespace klasboek::tests
