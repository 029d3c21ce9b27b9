#include "aggregates/leave.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string_view>

#include "aggregates/calendar.h"
#include "aggregates/facts.h"
#include "tests/support/leave_words.h"

namespace klasboek::tests {
namespace {

TEST_CASE("a guardian asks leave for other circumstances") {
  Story story = a_school();
  auto command = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  command.motivation = story.text();
  auto expected = requested(command, kMother, 2);
  expected.motivation = story.sealed(command.motivation);
  story.by(kMother).when(command).then(expected);
  CHECK(status(story) == LeaveStatus::requested);
}

TEST_CASE("school days are counted, not calendar days") {
  Story story = a_school();
  const auto command = request(kLeave, kOther, "2026-11-06", "2026-11-10");
  story.by(kMother).when(command).then(requested(command, kMother, 2));
}

TEST_CASE("a feast is noticed in time two days before, and late after that") {
  Story story = a_school();
  story.by(kMother);
  const auto feast = request(kLeave, LeaveGround::belief, "2026-11-05", "2026-11-05");
  Story(story).on("2026-11-03 23:59").when(feast).then(noticed(feast, kMother, 1));
  Story(story)
      .on("2026-11-04 00:00")
      .when(feast)
      .then(noticed(feast, kMother, 1, NoticeTimeliness::late));
}

TEST_CASE("a broken rule that only advises doesn't stand in the way of asking") {
  Story story = a_school();
  story.by(kMother);
  story.when(request(kLeave, kOccupation, "2026-08-24", "2026-09-11")).then_accepted();
  story.when(request(kSecond, kOccupation, "2026-08-31", "2026-09-04")).then_accepted();
  story.when(request(kThird, kOther, "2026-09-01", "2026-09-01")).then_accepted();
}

TEST_CASE("a request has its own id") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  story.by(kMother)
      .when(request(kLeave, kOther, "2026-12-01", "2026-12-01"))
      .then_rejected(Rejection::leave_exists);
}

TEST_CASE("leave doesn't end before it begins") {
  Story story = a_school();
  story.by(kMother)
      .when(request(kLeave, kOther, "2026-11-03", "2026-11-02"))
      .then_rejected(Rejection::leave_days_invalid);
}

TEST_CASE("leave lies within one school year that is set") {
  Story story = a_school();
  story.by(kMother);
  story.when(request(kLeave, kOther, "2026-07-03", "2026-08-24"))
      .then_rejected(Rejection::leave_outside_school_year);
  story.when(request(kLeave, kOther, "2026-08-01", "2026-08-02"))
      .then_rejected(Rejection::leave_outside_school_year);
  story.when(request(kLeave, kOther, "2027-07-09", "2027-07-10"))
      .then_rejected(Rejection::leave_outside_school_year);
  story.when(request(kLeave, kOther, "2027-07-09", "2027-07-09")).then_accepted();
}

TEST_CASE("leave is of school days") {
  Story story = a_school();
  story.by(kMother)
      .when(request(kLeave, kOther, "2026-10-17", "2026-10-25"))
      .then_rejected(Rejection::leave_no_school_day);
  story.when(request(kLeave, kOther, "2026-11-09", "2026-11-09"))
      .then_rejected(Rejection::leave_no_school_day);
}

TEST_CASE("leave is for a child that is at this school on those days") {
  Story story = a_school();
  auto unknown = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  unknown.child = numbered<ChildId>(99);
  story.by(on_behalf_of(kOffice, kMother)).when(unknown).then_rejected(Rejection::child_not_found);
  story.given(child_stream(kChild),
              made<ChildLeft>([](auto& e) { e.last_day = day("2026-11-02"); }));
  story.by(kMother)
      .when(request(kLeave, kOther, "2026-11-02", "2026-11-03"))
      .then_rejected(Rejection::child_left);
  story.when(request(kLeave, kOther, "2026-11-02", "2026-11-02")).then_accepted();
}

TEST_CASE("leave is for no day before the first one at this school") {
  Story story = a_school();
  const auto newcomer = numbered<ChildId>(5);
  story.given(child_stream(newcomer), made<ChildEnrolled>([&](auto& e) {
                e.child = newcomer;
                e.first_day = day("2026-11-03");
              }));
  story.given(child_stream(newcomer), made<GuardianLinked>([](auto& e) {
                e.guardian = kMother.account;
                e.authority = Authority::with;
              }));
  auto command = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  command.child = newcomer;
  story.by(kMother).when(command).then_rejected(Rejection::day_before_enrolment);
}

TEST_CASE("only a guardian with authority asks leave") {
  Story story = a_school();
  const auto command = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  story.by(kStepfather).when(command).then_rejected(Rejection::guardian_has_no_authority);
  story.by(kStranger).when(command).then_rejected(Rejection::not_own_child);
  story.by(on_behalf_of(kOffice, kStepfather))
      .when(command)
      .then_rejected(Rejection::guardian_has_no_authority);
  story.by(on_behalf_of(kOffice, kStranger))
      .when(command)
      .then_rejected(Rejection::guardian_not_linked);
  story.by(kOffice).when(command).then_rejected(Rejection::guardian_not_linked);
}

TEST_CASE("the office records a request on paper, and when it was made") {
  Story story = a_school();
  auto command = request(kLeave, LeaveGround::belief, "2026-10-06", "2026-10-06");
  command.asked_at_us = moment("2026-10-02 16:00");
  story.by(on_behalf_of(kOffice, kFather)).when(command).then(noticed(command, kFather, 1));
  CHECK(story.decision()->front().effective_at_us == command.asked_at_us);
}

TEST_CASE("a guardian can't say that he asked before") {
  Story story = a_school();
  auto command = request(kLeave, LeaveGround::belief, "2026-10-06", "2026-10-06");
  command.asked_at_us = moment("2026-10-02 16:00");
  story.by(kMother).when(command).then(noticed(command, kMother, 1, NoticeTimeliness::late));
  CHECK(story.decision()->front().effective_at_us == 0);
}

TEST_CASE("a request wasn't made in the future") {
  Story story = a_school();
  auto command = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  command.asked_at_us = moment("2026-10-05 10:01");
  story.by(on_behalf_of(kOffice, kMother))
      .when(command)
      .then_rejected(Rejection::leave_asked_in_future);
}

TEST_CASE("schooling is compulsory from the month after the fifth birthday") {
  using aggregates::leave::compulsory_from;
  const auto of = [](std::string_view born) {
    return to_text(compulsory_from(day(born), {day("2026-01-01"), day("2027-06-30")}));
  };
  CHECK(of("2021-10-05") == "2026-11-01");
  CHECK(of("2021-10-01") == "2026-11-01");
  CHECK(of("2021-10-31") == "2026-11-01");
  CHECK(of("2021-12-31") == "2027-01-01");
  CHECK(of("2021-01-29") == "2026-02-01");
}

TEST_CASE("the first compulsory day is kept within the days asked") {
  using aggregates::leave::compulsory_from;
  const aggregates::leave::Days asked{day("2026-10-30"), day("2026-11-03")};
  CHECK(compulsory_from(day("2015-03-01"), asked) == asked.first);
  CHECK(compulsory_from(day("2021-10-20"), asked) == day("2026-11-01"));
  CHECK(compulsory_from(day("2022-03-01"), asked) == day("2026-11-04"));
}

TEST_CASE("before compulsory age there is nothing to decide; the school knows") {
  Story story = a_school();
  auto command = request(kLeave, kOther, "2026-11-02", "2026-11-03");
  command.compulsory_from = day("2026-11-04");
  auto expected = requested(command, kMother, 2);
  expected.compulsory = false;
  story.by(kMother).when(command).then(expected);
  CHECK(status(story) == LeaveStatus::noted);
  story.by(kDirector)
      .when(decide(LeaveVerdict::grant))
      .then_rejected(Rejection::leave_not_compulsory);
  story.by(kMother).when(withdraw()).then_accepted();
}

TEST_CASE("a first compulsory day outside the days asked is no more than their border") {
  Story story = a_school();
  auto command = request(kLeave, LeaveGround::belief, "2026-11-02", "2026-11-03");
  command.compulsory_from = day("2028-01-01");
  auto expected = noticed(command, kMother, 2);
  expected.compulsory = false;
  expected.compulsory_from = day("2026-11-04");
  story.by(kMother).when(command).then(expected);
}

TEST_CASE("who becomes of compulsory age within the days asked needs leave for the rest") {
  Story story = a_school();
  auto command = request(kLeave, kOther, "2026-10-29", "2026-11-03");
  command.compulsory_from = day("2026-11-01");
  story.by(kMother).when(command).then(requested(command, kMother, 4));
  story.by(kDirector)
      .when(decide(LeaveVerdict::grant))
      .then(decided<LeaveGranted>({.school_days = 2, .new_days = 2}));
}

TEST_CASE("who asked may withdraw until it is decided") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  story.by(kMother).when(withdraw()).then(made<LeaveWithdrawn>([](auto& e) { e.leave = kLeave; }));
  CHECK(status(story) == LeaveStatus::withdrawn);
  story.when(withdraw()).then_rejected(Rejection::leave_not_pending);
  story.by(kDirector).when(decide(LeaveVerdict::grant)).then_rejected(Rejection::leave_not_pending);
}

TEST_CASE("a decided request can't be withdrawn, a forwarded one can") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  story.when(decide(LeaveVerdict::grant)).then_accepted();
  story.by(kMother).when(withdraw()).then_rejected(Rejection::leave_not_pending);
  Story forwarded = a_request(kOther, "2026-11-10", "2026-11-24");
  forwarded.when(decide(LeaveVerdict::forward)).then_accepted();
  forwarded.by(kMother).when(withdraw()).then_accepted();
}

TEST_CASE("only who asked withdraws, himself or by the office") {
  Story story = a_request(kOther, "2026-11-02", "2026-11-03");
  story.by(kFather).when(withdraw()).then_rejected(Rejection::leave_requester_only);
  story.by(kOffice).when(withdraw()).then_rejected(Rejection::leave_requester_only);
  story.by(on_behalf_of(kOffice, kFather))
      .when(withdraw())
      .then_rejected(Rejection::leave_requester_only);
  story.by(on_behalf_of(kOffice, kMother)).when(withdraw()).then_accepted();
}

TEST_CASE("in any history: the head grants no more than ten days a year, and decides once") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) {
    return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
  };
  for (int history = 0; history < 25; ++history) {
    Story story = a_school();
    const auto reasons = story.text();
    std::map<LeaveId, int> decisions;
    for (std::uint64_t step = 1; step <= 40; ++step) {
      const auto leave = numbered<LeaveId>(below(2) == 0 ? step : 1 + below(step));
      const auto first = day("2026-10-06").plus(static_cast<std::int32_t>(below(240)));
      const auto last = first.plus(static_cast<std::int32_t>(below(14)));
      switch (below(3)) {
        case 0: {
          auto command = request(leave, LeaveGround{static_cast<std::uint8_t>(below(3))},
                                 to_text(first), to_text(last));
          story.by(below(2) == 0 ? kMother : kFather).when(command);
          break;
        }
        case 1: {
          aggregates::Facts facts(kSchool, story);
          const auto* known = aggregates::leave::leave_of(facts.leave(kChild), leave);
          auto command = decide(LeaveVerdict{static_cast<std::uint8_t>(below(6))}, leave, reasons);
          if (known != nullptr) {
            command.first_day = known->days.first.plus(static_cast<std::int32_t>(below(3)));
            command.last_day = known->days.last.plus(-static_cast<std::int32_t>(below(3)));
          }
          story.by(below(2) == 0 ? kDirector : kDeputy).when(command);
          if (story.decision()) ++decisions[leave];
          break;
        }
        default:
          story.by(kMother).when(withdraw(leave));
          break;
      }
      if (story.decision()) story.then_accepted();

      aggregates::Facts facts(kSchool, story);
      const auto& state = facts.leave(kChild);
      CAPTURE(history, step);
      REQUIRE(state.balance.granted_on(2026, kOther) <= 10);
      // Day by day it comes to the same: no day is counted twice.
      std::uint16_t granted_days = 0;
      for (auto at = day("2026-08-24"); at <= day("2027-07-09"); at = at.plus(1)) {
        const bool granted = std::ranges::any_of(state.grants, [&](const auto& grant) {
          return grant.ground == kOther && grant.days.first <= at && at <= grant.days.last;
        });
        if (granted && aggregates::is_school_day(facts.school(), at)) ++granted_days;
      }
      REQUIRE(granted_days == state.balance.granted_on(2026, kOther));
      for (const auto& [id, times] : decisions) REQUIRE(times == 1);
    }
  }
}

}  // namespace
}  // namespace klasboek::tests
