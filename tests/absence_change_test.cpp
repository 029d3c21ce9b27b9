#include <catch2/catch.hpp>
#include <string_view>

#include "aggregates/absence.h"
#include "tests/support/absence_words.h"

namespace klasboek::tests {
namespace {

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

TEST_CASE("an absence without an end gets one long after it began") {
  Story story = a_morning();
  story.when(ill_from(kAbsence, kMonday)).then_accepted();
  story.on("2027-01-11 12:00").when(end_on("2027-01-15")).then(ends_on("2027-01-15"));
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
  Story(story).on("2026-10-06 08:00").when(end_on(kTuesday)).then(ends_on(kTuesday));
  Story(story)
      .on("2026-10-07 08:00")
      .when(end_on(kWednesday))
      .then_rejected(Rejection::absence_in_past);
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
  story.when(no_end()).then_rejected(Rejection::absence_part_of_day_invalid);
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
  story.by(on_behalf_of(kOffice, kFather)).when(ill(kThird, kTuesday, kTuesday)).then_accepted();
  story.on("2026-10-06 12:00")
      .by(kOffice)
      .when(take_back(kThird))
      .then_rejected(Rejection::absence_has_begun);
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
  Story(story).on("2026-10-09 07:00").when(better(kFriday)).then(recovered(kThursday));
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

}  // namespace
}  // namespace klasboek::tests
