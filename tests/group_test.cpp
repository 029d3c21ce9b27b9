#include "aggregates/group.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kNew = numbered<GroupId>(9);

AssignStaff assign(const Actor& staff, std::string_view first, std::string_view last = {}) {
  return made<AssignStaff>([&](auto& c) {
    c.group = kClass;
    c.account = staff.account;
    c.first_day = day(first);
    c.open_ended = last.empty();
    if (!last.empty()) c.last_day = day(last);
  });
}

StaffAssigned assigned(const Actor& staff, std::string_view first, std::string_view last = {}) {
  return made<StaffAssigned>([&](auto& e) {
    e.account = staff.account;
    e.first_day = day(first);
    e.open_ended = last.empty();
    if (!last.empty()) e.last_day = day(last);
  });
}

EndStaffAssignment end(const Actor& staff, std::string_view last) {
  return made<EndStaffAssignment>([&](auto& c) {
    c.group = kClass;
    c.account = staff.account;
    c.last_day = day(last);
  });
}

CloseGroup close(GroupId group, std::string_view last) {
  return made<CloseGroup>([&](auto& c) {
    c.group = group;
    c.last_day = day(last);
  });
}

bool works(Story& story, const Actor& staff, std::string_view on) {
  aggregates::Facts facts(kSchool, story);
  return aggregates::group::is_assigned(facts.group(kClass), staff.account, day(on));
}

TEST_CASE("a group is founded once, with a name") {
  Story story = a_school();
  story.by(kOffice);
  auto found = made<FoundGroup>([](auto& c) {
    c.group = kNew;
    c.kind = GroupKind::other;
  });
  story.when(found).then_rejected(Rejection::name_empty);
  found.name = story.text();
  story.when(found).then(made<GroupFounded>([&](auto& e) {
    e.group = kNew;
    e.name = story.sealed(found.name);
    e.kind = GroupKind::other;
  }));
  story.when(found).then_rejected(Rejection::group_exists);
}

TEST_CASE("a group gets another name") {
  Story story = a_school();
  story.by(kOffice);
  auto rename = made<RenameGroup>([](auto& c) { c.group = kClass; });
  story.when(rename).then_rejected(Rejection::name_empty);
  rename.name = story.text();
  story.when(rename).then(made<GroupRenamed>([&](auto& e) { e.name = story.sealed(rename.name); }));
  rename.group = kNew;
  story.when(rename).then_rejected(Rejection::group_not_found);
}

TEST_CASE("a group is closed after a day, once") {
  Story story = a_school();
  story.by(kOffice);
  story.when(close(kNew, "2027-07-09")).then_rejected(Rejection::group_not_found);
  story.when(close(kClass, "2027-07-09")).then(made<GroupClosed>([](auto& e) {
    e.last_day = day("2027-07-09");
  }));
  story.when(close(kClass, "2027-07-10")).then_rejected(Rejection::group_closed);
  aggregates::Facts facts(kSchool, story);
  CHECK(aggregates::group::is_open(facts.group(kClass), day("2027-07-09")));
  CHECK_FALSE(aggregates::group::is_open(facts.group(kClass), day("2027-07-10")));
}

TEST_CASE("several work with a group, each from a day until a day") {
  Story story = a_school();
  story.by(kOffice);
  story.when(assign(kOtherTeacher, "2026-11-02", "2026-11-06"))
      .then(assigned(kOtherTeacher, "2026-11-02", "2026-11-06"));
  CHECK_FALSE(works(story, kOtherTeacher, "2026-11-01"));
  CHECK(works(story, kOtherTeacher, "2026-11-02"));
  CHECK(works(story, kOtherTeacher, "2026-11-06"));
  CHECK_FALSE(works(story, kOtherTeacher, "2026-11-07"));
  CHECK(works(story, kTeacher, "2026-11-04"));
}

TEST_CASE("one person isn't assigned twice for the same days") {
  Story story = a_school();
  story.by(kOffice);
  story.when(assign(kTeacher, "2026-11-02")).then_rejected(Rejection::staff_already_assigned);
  story.when(assign(kOtherTeacher, "2026-11-02", "2026-11-06")).then_accepted();
  for (const auto& [first, last] :
       {std::pair("2026-11-06", "2026-11-10"), std::pair("2026-10-30", "2026-11-02"),
        std::pair("2026-10-30", ""), std::pair("2026-11-03", "2026-11-04")}) {
    story.when(assign(kOtherTeacher, first, last)).then_rejected(Rejection::staff_already_assigned);
  }
  story.when(assign(kOtherTeacher, "2026-11-07")).then(assigned(kOtherTeacher, "2026-11-07"));
}

TEST_CASE("who is assigned has an account, and the group is open") {
  Story story = a_school();
  story.by(kOffice);
  story.when(assign(actor(99, Role::teacher), "2026-11-02"))
      .then_rejected(Rejection::account_not_found);
  story.when(assign(kOtherTeacher, "2026-11-02", "2026-11-01"))
      .then_rejected(Rejection::term_invalid);
  story.given(account_stream(kOtherTeacher.account),
              made<AccountClosed>([](auto& e) { e.last_day = day("2026-12-31"); }));
  story.when(assign(kOtherTeacher, "2027-01-01")).then_rejected(Rejection::account_closed);
  story.when(close(kClass, "2026-11-30")).then_accepted();
  story.when(assign(kOtherTeacher, "2026-12-01")).then_rejected(Rejection::group_closed);
  story.when(assign(kOtherTeacher, "2026-11-30")).then_accepted();
  story.when(made<AssignStaff>([](auto& c) { c.group = kNew; }))
      .then_rejected(Rejection::group_not_found);
}

TEST_CASE("an assignment ends, also one that was still to begin") {
  Story story = a_school();
  story.by(kOffice);
  story.when(end(kOtherTeacher, "2026-10-09")).then_rejected(Rejection::staff_not_assigned);
  story.when(end(kTeacher, "2026-10-09")).then(made<StaffAssignmentEnded>([](auto& e) {
    e.account = kTeacher.account;
    e.last_day = day("2026-10-09");
  }));
  CHECK(works(story, kTeacher, "2026-10-09"));
  CHECK_FALSE(works(story, kTeacher, "2026-10-10"));
  story.when(end(kTeacher, "2026-10-09")).then_rejected(Rejection::staff_not_assigned);
  story.when(assign(kTeacher, "2027-01-04")).then_accepted();
  story.when(end(kTeacher, "2026-12-31")).then_accepted();
  CHECK(works(story, kTeacher, "2026-10-09"));
  CHECK_FALSE(works(story, kTeacher, "2027-01-04"));
  auto elsewhere = end(kTeacher, "2026-10-09");
  elsewhere.group = kNew;
  story.when(elsewhere).then_rejected(Rejection::group_not_found);
}

}  // namespace
}  // namespace klasboek::tests
