#include "aggregates/child.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kNew = numbered<ChildId>(9);
constexpr auto kNoGroup = numbered<GroupId>(9);

PlaceChild place(GroupId group, std::string_view first, ChildId child = kChild) {
  return made<PlaceChild>([&](auto& c) {
    c.child = child;
    c.group = group;
    c.first_day = day(first);
  });
}

ChildPlaced placed(GroupId group, std::string_view first) {
  return made<ChildPlaced>([&](auto& e) {
    e.group = group;
    e.first_day = day(first);
  });
}

RecordLeaver leave(std::string_view last, ChildId child = kChild) {
  return made<RecordLeaver>([&](auto& c) {
    c.child = child;
    c.last_day = day(last);
  });
}

LinkGuardian link(const Actor& guardian, Authority authority, ChildId child = kChild) {
  return made<LinkGuardian>([&](auto& c) {
    c.child = child;
    c.guardian = guardian.account;
    c.relation = Relation::guardian;
    c.authority = authority;
    c.household = 2;
  });
}

RecordGuardianAuthority record(const Actor& guardian, Authority authority) {
  return made<RecordGuardianAuthority>([&](auto& c) {
    c.child = kChild;
    c.guardian = guardian.account;
    c.authority = authority;
  });
}

std::optional<GroupId> class_of(Story& story, std::string_view on, ChildId child = kChild) {
  aggregates::Facts facts(kSchool, story);
  return aggregates::child::class_on(facts.child(child), day(on));
}

EnrolChild enrol(Story& story, std::string_view first, GroupId group) {
  return made<EnrolChild>([&](auto& c) {
    c.child = kNew;
    c.name = story.text();
    c.birth_day = story.text();
    c.first_day = day(first);
    c.group = group;
  });
}

ChildEnrolled enrolled(const Story& story, const EnrolChild& c) {
  return made<ChildEnrolled>([&](auto& e) {
    e.child = c.child;
    e.name = story.sealed(c.name);
    e.birth_day = story.sealed(c.birth_day);
    e.first_day = c.first_day;
  });
}

TEST_CASE("a child is enrolled and placed in one go") {
  Story story = a_school();
  story.by(kOffice);
  const auto command = enrol(story, "2026-11-02", kClass);
  story.when(command).then(enrolled(story, command), placed(kClass, "2026-11-02"));
  CHECK_FALSE(class_of(story, "2026-11-01", kNew).has_value());
  CHECK(class_of(story, "2026-11-02", kNew) == kClass);
  story.when(command).then_rejected(Rejection::child_exists);
}

TEST_CASE("a child for whom the roster names no class is enrolled without") {
  Story story = a_school();
  story.by(kOffice);
  const auto command = enrol(story, "2026-11-02", {});
  story.when(command).then(enrolled(story, command));
  CHECK_FALSE(class_of(story, "2026-11-02", kNew).has_value());
}

TEST_CASE("a child is enrolled with a name, in a class that is open") {
  Story story = a_school();
  story.by(kOffice);
  auto nameless = enrol(story, "2026-11-02", kClass);
  nameless.name = 0;
  story.when(nameless).then_rejected(Rejection::name_empty);
  story.when(enrol(story, "2026-11-02", kNoGroup)).then_rejected(Rejection::group_not_found);
  story.when(enrol(story, "2026-11-02", kWholeSchool)).then_rejected(Rejection::group_is_no_class);
  story.given(group_stream(kClass),
              made<GroupClosed>([](auto& e) { e.last_day = day("2026-11-01"); }));
  story.when(enrol(story, "2026-11-02", kClass)).then_rejected(Rejection::group_closed);
}

TEST_CASE("name and birth day are corrected each by itself") {
  Story story = a_school();
  story.by(kOffice);
  auto correct = made<CorrectChild>([](auto& c) { c.child = kChild; });
  story.when(correct).then_rejected(Rejection::nothing_to_change);
  correct.name = story.text();
  const auto name = made<ChildNameCorrected>([&](auto& e) { e.name = story.sealed(correct.name); });
  story.when(correct).then(name);
  correct.birth_day = story.text();
  story.when(correct).then(name, made<ChildBirthDayCorrected>([&](auto& e) {
                             e.birth_day = story.sealed(correct.birth_day);
                           }));
  correct.child = kNew;
  story.when(correct).then_rejected(Rejection::child_not_found);
}

TEST_CASE("a move is a new placement from its day on") {
  Story story = a_school();
  story.by(kOffice);
  story.when(place(kOtherClass, "2026-10-12")).then(placed(kOtherClass, "2026-10-12"));
  CHECK(class_of(story, "2026-10-11") == kClass);
  CHECK(class_of(story, "2026-10-12") == kOtherClass);
}

TEST_CASE("next year's class is known before, and a move until then leaves it standing") {
  Story story = a_school();
  story.by(kOffice);
  story.given(child_stream(kChild), placed(numbered<GroupId>(4), "2027-08-23"));
  story.when(place(kOtherClass, "2026-10-12")).then_accepted();
  CHECK(class_of(story, "2027-08-22") == kOtherClass);
  CHECK(class_of(story, "2027-08-23") == numbered<GroupId>(4));
  story.when(place(kOtherClass, "2027-08-23")).then_accepted();
  CHECK(class_of(story, "2027-08-23") == kOtherClass);
}

TEST_CASE("a child is placed in another class, while at school") {
  Story story = a_school();
  story.by(kOffice);
  story.when(place(kClass, "2026-10-12")).then_rejected(Rejection::child_already_there);
  story.when(place(kOtherClass, "2025-08-17")).then_rejected(Rejection::day_before_enrolment);
  story.when(place(kNoGroup, "2026-10-12")).then_rejected(Rejection::group_not_found);
  story.when(place(kWholeSchool, "2026-10-12")).then_rejected(Rejection::group_is_no_class);
  story.when(place(kClass, "2026-10-12", kNew)).then_rejected(Rejection::child_not_found);
  story.when(leave("2026-10-16")).then_accepted();
  story.when(place(kOtherClass, "2026-10-17")).then_rejected(Rejection::child_left);
  story.given(group_stream(kOtherClass),
              made<GroupClosed>([](auto& e) { e.last_day = day("2026-10-09"); }));
  story.when(place(kOtherClass, "2026-10-12")).then_rejected(Rejection::group_closed);
}

TEST_CASE("a child leaves once, not before it came") {
  Story story = a_school();
  story.by(kOffice);
  story.when(leave("2025-08-17")).then_rejected(Rejection::day_before_enrolment);
  story.when(leave("2026-10-16", kNew)).then_rejected(Rejection::child_not_found);
  story.when(leave("2026-10-16")).then(made<ChildLeft>([](auto& e) {
    e.last_day = day("2026-10-16");
  }));
  CHECK(class_of(story, "2026-10-16") == kClass);
  CHECK_FALSE(class_of(story, "2026-10-17").has_value());
  story.when(leave("2026-10-16")).then_rejected(Rejection::child_left);
}

TEST_CASE("who left may come back, and begins without the old class") {
  Story story = a_school();
  story.by(kOffice);
  story.when(leave("2026-10-16")).then_accepted();
  auto back = enrol(story, "2026-10-16", {});
  back.child = kChild;
  story.when(back).then_rejected(Rejection::child_exists);
  back.first_day = day("2027-01-04");
  story.when(back).then(enrolled(story, back));
  CHECK_FALSE(class_of(story, "2027-01-04").has_value());
  aggregates::Facts facts(kSchool, story);
  CHECK(aggregates::child::is_there(facts.child(kChild), day("2027-01-04")));
  CHECK(aggregates::child::has_authority(facts.child(kChild), kMother.account));
}

TEST_CASE("a guardian is linked with what the office knows") {
  Story story = a_school();
  story.by(kOffice);
  story.when(link(kStranger, Authority::unknown)).then(made<GuardianLinked>([](auto& e) {
    e.guardian = kStranger.account;
    e.relation = Relation::guardian;
    e.authority = Authority::unknown;
    e.household = 2;
    e.contact_order = 1;
  }));
  aggregates::Facts facts(kSchool, story);
  CHECK_FALSE(aggregates::child::has_authority(facts.child(kChild), kStranger.account));
}

TEST_CASE("a guardian is linked once, with an account that is open") {
  Story story = a_school();
  story.by(kOffice);
  story.when(link(kMother, Authority::with)).then_rejected(Rejection::guardian_already_linked);
  story.when(link(kStranger, Authority::with, kNew)).then_rejected(Rejection::child_not_found);
  story.when(link(actor(99, Role::guardian), Authority::with))
      .then_rejected(Rejection::account_not_found);
  story.given(account_stream(kStranger.account),
              made<AccountClosed>([](auto& e) { e.last_day = day("2026-10-04"); }));
  story.when(link(kStranger, Authority::with)).then_rejected(Rejection::account_closed);
}

TEST_CASE("a relation changes without touching authority") {
  Story story = a_school();
  story.by(kOffice);
  auto change = made<ChangeGuardianRelation>([](auto& c) {
    c.child = kChild;
    c.guardian = kStepfather.account;
    c.relation = Relation::step_parent;
    c.household = 1;
    c.contact_order = 3;
  });
  story.when(change).then_rejected(Rejection::nothing_to_change);
  change.relation = Relation::father;
  story.when(change).then(made<GuardianRelationChanged>([](auto& e) {
    e.guardian = kStepfather.account;
    e.relation = Relation::father;
    e.household = 1;
    e.contact_order = 3;
  }));
  {
    aggregates::Facts facts(kSchool, story);
    CHECK_FALSE(aggregates::child::has_authority(facts.child(kChild), kStepfather.account));
  }
  change.guardian = kStranger.account;
  story.when(change).then_rejected(Rejection::guardian_not_linked);
  change.child = kNew;
  story.when(change).then_rejected(Rejection::child_not_found);
}

TEST_CASE("authority is recorded by itself") {
  Story story = a_school();
  story.by(kOffice);
  story.when(record(kMother, Authority::with)).then_rejected(Rejection::nothing_to_change);
  story.when(record(kStranger, Authority::with)).then_rejected(Rejection::guardian_not_linked);
  story.when(record(kStepfather, Authority::with))
      .then(made<GuardianAuthorityRecorded>([](auto& e) {
        e.guardian = kStepfather.account;
        e.authority = Authority::with;
      }));
  aggregates::Facts facts(kSchool, story);
  CHECK(aggregates::child::has_authority(facts.child(kChild), kStepfather.account));
  auto nobody = record(kMother, Authority::with);
  nobody.child = kNew;
  story.when(nobody).then_rejected(Rejection::child_not_found);
}

TEST_CASE("nobody records authority over his own child") {
  Story story = a_school();
  story.given(child_stream(kChild), made<GuardianLinked>([](auto& e) {
                e.guardian = kOffice.account;
                e.authority = Authority::without;
              }));
  story.by(kOffice)
      .when(record(kOffice, Authority::with))
      .then_rejected(Rejection::own_child_is_decided_by_another);
  story.by(kDirector).when(record(kOffice, Authority::with)).then_accepted();
}

TEST_CASE("a guardian who is unlinked is nobody to the child") {
  Story story = a_school();
  story.by(kOffice);
  auto unlink = made<UnlinkGuardian>([](auto& c) {
    c.child = kChild;
    c.guardian = kFather.account;
  });
  story.when(unlink).then(made<GuardianUnlinked>([](auto& e) { e.guardian = kFather.account; }));
  story.when(unlink).then_rejected(Rejection::guardian_not_linked);
  unlink.child = kNew;
  story.when(unlink).then_rejected(Rejection::child_not_found);
  aggregates::Facts facts(kSchool, story);
  CHECK(aggregates::child::guardian_of(facts.child(kChild), kFather.account) == nullptr);
}

}  // namespace
}  // namespace klasboek::tests
