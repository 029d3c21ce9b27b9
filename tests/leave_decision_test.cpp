#include <algorithm>
#include <catch2/catch.hpp>
#include <string_view>
#include <vector>

#include "aggregates/leave.h"
#include "tests/support/leave_words.h"

namespace klasboek::tests {
namespace {

TEST_CASE("the director grants, and the days count") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-10");
  story.when(decide(LeaveVerdict::grant))
      .then(decided<LeaveGranted>({.school_days = 6, .new_days = 6}));
  CHECK(status(story) == LeaveStatus::granted);
  CHECK(left_with_head(story) == 4);
}

TEST_CASE("a refusal needs its reasons") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  story.when(decide(LeaveVerdict::refuse)).then_rejected(Rejection::leave_reasons_missing);
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::refuse, kLeave, reasons))
      .then(with_reasons(decided<LeaveRefused>({.school_days = 2, .new_days = 2}), story, reasons));
  CHECK(status(story) == LeaveStatus::refused);
  CHECK(left_with_head(story) == 10);
}

TEST_CASE("a part can be granted, with reasons, and only the part counts") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-06");
  story.when(grant_part("2026-11-02", "2026-11-03", 0))
      .then_rejected(Rejection::leave_reasons_missing);
  const auto reasons = story.text();
  auto expected =
      with_reasons(decided<LeavePartlyGranted>({.school_days = 2, .new_days = 2}), story, reasons);
  expected.first_day = day("2026-11-02");
  expected.last_day = day("2026-11-03");
  story.when(grant_part("2026-11-02", "2026-11-03", reasons)).then(expected);
  CHECK(status(story) == LeaveStatus::partly_granted);
  CHECK(left_with_head(story) == 8);
}

TEST_CASE("a granted part lies within the request, has a school day and isn't all of it") {
  Story story = a_request(kOther, "2026-11-05", "2026-11-10");
  const auto reasons = story.text();
  const auto part = [&](std::string_view first, std::string_view last) -> Story& {
    return story.when(grant_part(first, last, reasons));
  };
  part("2026-11-06", "2026-11-05").then_rejected(Rejection::leave_days_invalid);
  part("2026-11-04", "2026-11-05").then_rejected(Rejection::leave_part_outside_request);
  part("2026-11-10", "2026-11-11").then_rejected(Rejection::leave_part_outside_request);
  part("2026-11-07", "2026-11-09").then_rejected(Rejection::leave_no_school_day);
  part("2026-11-05", "2026-11-10").then_rejected(Rejection::leave_part_is_whole);
  part("2026-11-05", "2026-11-09").then_accepted();
}

TEST_CASE("a request is decided once") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::refuse, kLeave, reasons)).then_accepted();
  story.when(decide(LeaveVerdict::grant)).then_rejected(Rejection::leave_not_pending);
  story.when(grant_part("2026-11-02", "2026-11-02", reasons))
      .then_rejected(Rejection::leave_not_pending);
}

TEST_CASE("two directors race: the first in the log decides, the other hears that it is decided") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  Story other(story);
  story.when(decide(LeaveVerdict::grant));
  other.by(kDeputy).when(decide(LeaveVerdict::refuse, kLeave, other.text()));
  // Both stand on the same version of the leave stream, so only one of them can be in the log.
  const Condition both{leave_stream(kChild), 1};
  CHECK(std::ranges::count(story.conditions(), both) == 1);
  CHECK(std::ranges::count(other.conditions(), both) == 1);
  story.then_accepted();
  story.by(kDeputy)
      .when(decide(LeaveVerdict::refuse, kLeave, story.text()))
      .then_rejected(Rejection::leave_not_pending);
}

TEST_CASE("a decision rests on the leave, the child, the calendar and the right to decide") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  story.when(decide(LeaveVerdict::grant)).then_accepted();
  for (const auto& stream : {leave_stream(kChild), child_stream(kChild), school_stream(kSchool),
                             account_stream(kDirector.account)}) {
    CAPTURE(to_text(stream));
    CHECK(std::ranges::any_of(story.conditions(),
                              [&](const auto& condition) { return condition.stream == stream; }));
  }
}

TEST_CASE("nobody decides about the leave of his own child") {
  Story story = a_school();
  auto command = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  command.child = kOtherChild;
  story.by(kOtherMother).when(command).then_accepted();
  auto decision = decide(LeaveVerdict::grant);
  decision.child = kOtherChild;
  story.by(kDeputy).when(decision).then_rejected(Rejection::own_child_is_decided_by_another);
  story.by(kDirector).when(decision).then_accepted();
}

TEST_CASE("only the head decides") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  for (const auto& actor : {kOffice, kTeacher, kMother, kFather}) {
    story.by(actor).when(decide(LeaveVerdict::grant)).then_rejected(Rejection::role_not_sufficient);
  }
}

TEST_CASE("what wasn't asked can't be decided or withdrawn") {
  Story story = a_school();
  story.by(kDirector).when(decide(LeaveVerdict::grant)).then_rejected(Rejection::leave_not_found);
  story.by(kMother).when(withdraw()).then_rejected(Rejection::leave_not_found);
  auto unknown = decide(LeaveVerdict::grant);
  unknown.child = numbered<ChildId>(99);
  story.by(kDirector).when(unknown).then_rejected(Rejection::child_not_found);
}

// The head's ten days.

TEST_CASE("the head decides up to and including ten school days") {
  Story story = a_request(kOther, "2026-11-10", "2026-11-23");
  story.when(decide(LeaveVerdict::grant))
      .then(decided<LeaveGranted>({.school_days = 10, .new_days = 10}));
  CHECK(left_with_head(story) == 0);
}

TEST_CASE("above ten school days the head neither grants nor refuses, but forwards") {
  Story story = a_request(kOther, "2026-11-10", "2026-11-24");
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::grant)).then_rejected(Rejection::leave_exceeds_head_limit);
  story.when(grant_part("2026-11-10", "2026-11-23", reasons))
      .then_rejected(Rejection::leave_exceeds_head_limit);
  story.when(decide(LeaveVerdict::refuse, kLeave, reasons))
      .then_rejected(Rejection::leave_exceeds_head_limit);
  auto expected = decided<LeaveForwarded>({.school_days = 11, .new_days = 11});
  expected.opinion = story.sealed(reasons);
  story.when(decide(LeaveVerdict::forward, kLeave, reasons)).then(expected);
  CHECK(status(story) == LeaveStatus::forwarded);
  CHECK(left_with_head(story) == 10);
}

TEST_CASE("days granted before in the same school year count with it") {
  Story story = a_school();
  grant(story, kLeave, kOther, "2026-11-10", "2026-11-17");
  grant(story, kSecond, kOther, "2026-12-01", "2026-12-03");
  story.by(kFather).when(request(kThird, kOther, "2027-01-11", "2027-01-12")).then_accepted();
  story.by(kDirector)
      .when(decide(LeaveVerdict::grant, kThird))
      .then_rejected(Rejection::leave_exceeds_head_limit);
  story.when(decide(LeaveVerdict::forward, kThird))
      .then(decided<LeaveForwarded>(
          {.school_days = 2, .new_days = 2, .granted_before = 9, .granted_before_on_ground = 9}, {},
          kThird));
}

TEST_CASE("within ten days the head decides himself") {
  Story story = a_request(kOther, "2026-11-10", "2026-11-23");
  story.when(decide(LeaveVerdict::forward)).then_rejected(Rejection::leave_within_head_limit);
}

TEST_CASE("each school year begins anew") {
  Story story = a_school();
  story.on("2026-05-18 10:00");
  grant(story, kLeave, kOther, "2026-06-01", "2026-06-12");
  story.on("2026-10-05 10:00");
  grant(story, kSecond, kOther, "2026-11-10", "2026-11-23");
  CHECK(left_with_head(story) == 0);
}

TEST_CASE("days on another ground don't count with the ten") {
  Story story = a_school();
  grant(story, kLeave, kOccupation, "2026-11-10", "2026-11-23");
  story.by(kMother).when(request(kSecond, kOther, "2026-12-01", "2026-12-14")).then_accepted();
  story.by(kDirector)
      .when(decide(LeaveVerdict::grant, kSecond))
      .then(decided<LeaveGranted>({.school_days = 10, .new_days = 10, .granted_before = 10}, {},
                                  kSecond));
}

TEST_CASE("a refused or withdrawn request doesn't count") {
  Story story = a_request(kOther, "2026-11-10", "2026-11-23");
  story.when(decide(LeaveVerdict::refuse, kLeave, story.text())).then_accepted();
  story.by(kMother).when(request(kSecond, kOther, "2026-11-10", "2026-11-23")).then_accepted();
  story.when(withdraw(kSecond)).then_accepted();
  grant(story, kThird, kOther, "2026-12-01", "2026-12-14");
}

TEST_CASE("days that both guardians asked for count once") {
  Story story = a_school();
  grant(story, kLeave, kOther, "2026-11-10", "2026-11-20");
  story.by(kFather).when(request(kSecond, kOther, "2026-11-18", "2026-11-23")).then_accepted();
  story.by(kDirector)
      .when(decide(LeaveVerdict::grant, kSecond))
      .then(decided<LeaveGranted>(
          {.school_days = 4, .new_days = 1, .granted_before = 9, .granted_before_on_ground = 9}, {},
          kSecond));
  CHECK(left_with_head(story) == 0);
}

TEST_CASE("the calendar of the day of the decision counts") {
  Story story = a_request(kOther, "2026-11-10", "2026-11-24");
  story.given(school_stream(kSchool), made<SchoolYearSet>([](auto& e) {
                e.first_day = day("2026-08-24");
                e.last_day = day("2027-07-09");
                e.periods.emplace_back();
                e.periods.back().first_day = e.periods.back().last_day = day("2026-11-13");
              }));
  story.when(decide(LeaveVerdict::grant))
      .then(decided<LeaveGranted>({.school_days = 10, .new_days = 10}));
}

// Belief.

TEST_CASE("a feast is a notice: accepted, without reasons") {
  Story story = a_request(LeaveGround::belief, "2026-11-05", "2026-11-05");
  CHECK(status(story) == LeaveStatus::noticed);
  story.when(decide(LeaveVerdict::accept))
      .then(decided<BeliefLeaveAccepted>(
          {.ground = LeaveGround::belief, .school_days = 1, .new_days = 1}));
  CHECK(status(story) == LeaveStatus::accepted);
  CHECK(left_with_head(story) == 10);
}

TEST_CASE("a notice is contested with reasons") {
  Story story = a_request(LeaveGround::belief, "2026-11-05", "2026-11-05");
  story.when(decide(LeaveVerdict::contest)).then_rejected(Rejection::leave_reasons_missing);
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::contest, kLeave, reasons))
      .then(with_reasons(decided<BeliefLeaveContested>(
                             {.ground = LeaveGround::belief, .school_days = 1, .new_days = 1}),
                         story, reasons));
  CHECK(status(story) == LeaveStatus::contested);
}

TEST_CASE("a verdict fits its ground") {
  Story belief = a_request(LeaveGround::belief, "2026-11-05", "2026-11-05");
  const auto reasons = belief.text();
  for (const auto verdict : {LeaveVerdict::grant, LeaveVerdict::grant_partly, LeaveVerdict::refuse,
                             LeaveVerdict::forward}) {
    belief.when(decide(verdict, kLeave, reasons))
        .then_rejected(Rejection::leave_verdict_not_for_ground);
  }
  for (const auto ground : {kOccupation, kOther}) {
    Story story = a_request(ground, "2026-11-02", "2026-11-03");
    for (const auto verdict : {LeaveVerdict::accept, LeaveVerdict::contest}) {
      story.when(decide(verdict, kLeave, story.text()))
          .then_rejected(Rejection::leave_verdict_not_for_ground);
    }
  }
  Story occupation = a_request(kOccupation, "2026-11-10", "2026-11-24");
  occupation.when(decide(LeaveVerdict::forward))
      .then_rejected(Rejection::leave_verdict_not_for_ground);
  occupation.when(decide(LeaveVerdict{200})).then_rejected(Rejection::leave_verdict_not_for_ground);
}

TEST_CASE("advice: a feast noticed late is accepted only with reasons") {
  Story story = a_request(LeaveGround::belief, "2026-10-06", "2026-10-06");
  story.when(decide(LeaveVerdict::accept)).then_rejected(Rejection::leave_reasons_missing);
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::accept, kLeave, reasons))
      .then(with_reasons(decided<BeliefLeaveAccepted>(
                             {.ground = LeaveGround::belief, .school_days = 1, .new_days = 1},
                             {LeaveAdvice::belief_noticed_late}),
                         story, reasons));
}

TEST_CASE("a feast noticed late may be taken as other circumstances, and counts there") {
  Story story = a_request(LeaveGround::belief, "2026-10-06", "2026-10-06");
  story.when(decide(LeaveVerdict::grant))
      .then(decided<LeaveGranted>({.ground = kOther, .school_days = 1, .new_days = 1}));
  CHECK(left_with_head(story) == 9);
}

// A parent's occupation.

TEST_CASE("leave for a parent's occupation is granted without reasons where no advice is against") {
  Story story = a_request(kOccupation, "2026-11-10", "2026-11-23");
  story.when(decide(LeaveVerdict::grant))
      .then(decided<LeaveGranted>({.ground = kOccupation, .school_days = 10, .new_days = 10}));
}

/// Grants only with reasons, and then says what was against it.
void needs_reasons_against(Story& story, LeaveId leave, const Counted& counted,
                           const std::vector<LeaveAdvice>& advice) {
  story.by(kDirector)
      .when(decide(LeaveVerdict::grant, leave))
      .then_rejected(Rejection::leave_reasons_missing);
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::grant, leave, reasons))
      .then(with_reasons(decided<LeaveGranted>(counted, advice, leave), story, reasons));
}

TEST_CASE("advice: a parent's occupation gives leave once a school year") {
  Story story = a_school();
  grant(story, kLeave, kOccupation, "2026-11-10", "2026-11-13");
  story.by(kMother).when(request(kSecond, kOccupation, "2027-03-01", "2027-03-02")).then_accepted();
  needs_reasons_against(story, kSecond,
                        {.ground = kOccupation,
                         .school_days = 2,
                         .new_days = 2,
                         .granted_before = 4,
                         .granted_before_on_ground = 4},
                        {LeaveAdvice::occupation_once_a_year});
}

TEST_CASE("a refused request isn't the one of that year") {
  Story story = a_request(kOccupation, "2026-11-10", "2026-11-13");
  story.when(decide(LeaveVerdict::refuse, kLeave, story.text())).then_accepted();
  grant(story, kSecond, kOccupation, "2027-03-01", "2027-03-02");
}

TEST_CASE("advice: leave for a parent's occupation is at most ten school days") {
  Story story = a_request(kOccupation, "2026-11-10", "2026-11-24");
  needs_reasons_against(story, kLeave, {.ground = kOccupation, .school_days = 11, .new_days = 11},
                        {LeaveAdvice::occupation_too_long});
}

TEST_CASE("advice: no leave for a parent's occupation in the first two weeks") {
  Story story = a_school();
  story.on("2026-08-20 10:00").by(kMother);
  story.when(request(kLeave, kOccupation, "2026-09-04", "2026-09-08")).then_accepted();
  story.when(request(kSecond, kOccupation, "2026-09-05", "2026-09-08")).then_accepted();
  Story(story).by(kDirector).when(decide(LeaveVerdict::grant, kSecond)).then_accepted();
  needs_reasons_against(story, kLeave, {.ground = kOccupation, .school_days = 3, .new_days = 3},
                        {LeaveAdvice::occupation_in_first_two_weeks});
}

TEST_CASE("advice: leave for a parent's occupation is asked before it begins") {
  Story story = a_school();
  story.on("2026-11-09 12:00").by(kMother);
  story.when(request(kLeave, kOccupation, "2026-11-10", "2026-11-11")).then_accepted();
  Story(story).by(kDirector).when(decide(LeaveVerdict::grant)).then_accepted();
  story.on("2026-11-10 07:00");
  story.when(request(kSecond, kOccupation, "2026-11-10", "2026-11-11")).then_accepted();
  needs_reasons_against(story, kSecond, {.ground = kOccupation, .school_days = 2, .new_days = 2},
                        {LeaveAdvice::occupation_asked_late});
}

TEST_CASE("advice is about the days that are granted") {
  Story story = a_request(kOccupation, "2026-11-10", "2026-11-24");
  const auto reasons = story.text();
  auto expected = with_reasons(
      decided<LeavePartlyGranted>({.ground = kOccupation, .school_days = 10, .new_days = 10}),
      story, reasons);
  expected.first_day = day("2026-11-10");
  expected.last_day = day("2026-11-23");
  story.when(grant_part("2026-11-10", "2026-11-23", reasons)).then(expected);
}

TEST_CASE("a refusal says which advice was against what was asked") {
  Story story = a_request(kOccupation, "2026-11-10", "2026-11-24");
  const auto reasons = story.text();
  story.when(decide(LeaveVerdict::refuse, kLeave, reasons))
      .then(with_reasons(
          decided<LeaveRefused>({.ground = kOccupation, .school_days = 11, .new_days = 11},
                                {LeaveAdvice::occupation_too_long}),
          story, reasons));
}

// Other circumstances.

TEST_CASE("advice: other circumstances are asked within two days after they arose") {
  Story story = a_school();
  const auto command = request(kLeave, kOther, "2026-11-03", "2026-11-03");
  Story in_time(story);
  in_time.on("2026-11-05 23:59").by(kMother).when(command).then_accepted();
  in_time.by(kDirector).when(decide(LeaveVerdict::grant)).then_accepted();
  story.on("2026-11-06 00:00").by(kMother).when(command).then_accepted();
  needs_reasons_against(story, kLeave, {.school_days = 1, .new_days = 1},
                        {LeaveAdvice::other_asked_late});
}

TEST_CASE("a paper request is late or not by when it was made") {
  Story story = a_school();
  auto command = request(kLeave, kOther, "2026-11-03", "2026-11-03");
  command.asked_at_us = moment("2026-11-05 12:00");
  story.on("2026-11-20 09:00").by(on_behalf_of(kOffice, kMother)).when(command).then_accepted();
  story.by(kDirector).when(decide(LeaveVerdict::grant)).then_accepted();
}

}  // namespace
}  // namespace klasboek::tests
