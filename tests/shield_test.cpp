// A child that is shielded from a guardian: nothing of it is his to ask for, whatever authority he
// has, until the school lifts the shield and says why.
#include <catch2/catch.hpp>

#include "aggregates/child.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

RaiseShield raise(Story& story, AccountId against) {
  return made<RaiseShield>([&](auto& c) {
    c.child = kChild;
    c.against = against;
    c.reason = story.text();
  });
}
LiftShield lift(Story& story, AccountId against) {
  return made<LiftShield>([&](auto& c) {
    c.child = kChild;
    c.against = against;
    c.reason = story.text();
  });
}
ReportAbsence report() {
  return made<ReportAbsence>([](auto& c) {
    c.child = kChild;
    c.absence = numbered<AbsenceId>(1);
    c.first_day = day("2026-10-06");
    c.last_day = day("2026-10-06");
    c.whole_days = true;
  });
}

TEST_CASE("a shielded child is nobody's own for the guardian it is shielded from") {
  Story story = a_school();
  story.by(kOffice).on("2026-10-05 10:00");
  story.when(raise(story, kFather.account)).then_accepted();
  story.by(kFather).when(report()).then_rejected(Rejection::not_own_child);
  story.by(kMother).when(report()).then_accepted();
}

TEST_CASE("a lifted shield gives back what was there before") {
  Story story = a_school();
  story.by(kOffice).on("2026-10-05 10:00");
  story.when(raise(story, kFather.account)).then_accepted();
  story.when(lift(story, kFather.account)).then_accepted();
  story.by(kFather).when(report()).then_accepted();
}

TEST_CASE("a shield outlives the link: who is linked anew is shielded first") {
  Story story = a_school();
  story.by(kOffice).on("2026-10-05 10:00");
  story.when(raise(story, kFather.account)).then_accepted();
  story
      .when(made<UnlinkGuardian>([](auto& c) {
        c.child = kChild;
        c.guardian = kFather.account;
      }))
      .then_accepted();
  story
      .when(made<LinkGuardian>([](auto& c) {
        c.child = kChild;
        c.guardian = kFather.account;
      }))
      .then_rejected(Rejection::shield_already_raised);
}

TEST_CASE("a shield has a guardian, a reason, and stands once") {
  Story story = a_school();
  story.by(kOffice).on("2026-10-05 10:00");
  auto without_reason = raise(story, kFather.account);
  without_reason.reason = 0;
  story.when(without_reason).then_rejected(Rejection::reason_missing);
  story.when(raise(story, kStranger.account)).then_rejected(Rejection::guardian_not_linked);
  auto of_nobody = raise(story, kFather.account);
  of_nobody.child = numbered<ChildId>(99);
  story.when(of_nobody).then_rejected(Rejection::child_not_found);
  story.when(lift(story, kFather.account)).then_rejected(Rejection::shield_not_raised);
  story.when(raise(story, kFather.account)).then_accepted();
  story.when(raise(story, kFather.account)).then_rejected(Rejection::shield_already_raised);
  auto lifted_without_reason = lift(story, kFather.account);
  lifted_without_reason.reason = 0;
  story.when(lifted_without_reason).then_rejected(Rejection::reason_missing);
}

TEST_CASE("nobody raises or lifts a shield around his own child") {
  Story story = a_school();
  story.by(kDeputy).on("2026-10-05 10:00");
  auto own = raise(story, kOtherMother.account);
  own.child = kOtherChild;
  story.when(own).then_rejected(Rejection::own_child_is_decided_by_another);
}

}  // namespace
}  // namespace klasboek::tests
