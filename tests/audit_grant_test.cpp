// An auditor reads what he was granted, on the days of the grant, and each time it is written down.
#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kInspector = actor(41, Role::auditor);

/// With an account for the inspector, and the director at ten on a Monday.
Story with_inspector() {
  Story story = a_school();
  story.given(account_stream(kInspector.account), AccountOpened{});
  story.by(kDirector).on("2026-10-05 10:00");
  return story;
}

GrantAudit grant(Story& story, ChildId child, std::string_view first_day,
                 std::string_view last_day) {
  return made<GrantAudit>([&](auto& c) {
    c.account = kInspector.account;
    c.of_child = child;
    c.first_day = day(first_day);
    c.last_day = day(last_day);
    c.purpose = story.text();
  });
}

EndAuditGrant end(ChildId child) {
  return made<EndAuditGrant>([&](auto& c) {
    c.account = kInspector.account;
    c.of_child = child;
  });
}

RecordAuditRead reading(ChildId child) {
  return made<RecordAuditRead>([&](auto& c) {
    c.account = kInspector.account;
    c.operation = "see_child_leaves";
    c.of_child = child;
  });
}

TEST_CASE("a grant for one child is for that child, on its days") {
  Story story = with_inspector();
  story.when(grant(story, kChild, "2026-10-06", "2026-10-07")).then_accepted();
  story.by(kInspector).when(reading(kChild)).then_rejected(Rejection::role_not_held);
  story.on("2026-10-06 00:00").when(reading(kChild)).then(made<AuditReadRecorded>([](auto& e) {
    e.operation = "see_child_leaves";
    e.child = kChild;
  }));
  story.when(reading(kOtherChild)).then_rejected(Rejection::audit_not_granted);
  story.when(reading({})).then_rejected(Rejection::audit_not_granted);
  story.on("2026-10-08 00:00").when(reading(kChild)).then_rejected(Rejection::role_not_held);
}

TEST_CASE("a grant for the school is for every child and for the school") {
  Story story = with_inspector();
  story.when(grant(story, {}, "2026-10-05", "2026-10-07")).then_accepted();
  story.by(kInspector).when(reading(kChild)).then_accepted();
  story.when(reading({})).then_accepted();
}

TEST_CASE("a grant ends at any time, at once") {
  Story story = with_inspector();
  story.when(grant(story, kChild, "2026-10-05", "2026-10-30")).then_accepted();
  story.by(kInspector).when(reading(kChild)).then_accepted();
  story.by(kDirector).when(end(kChild)).then_accepted();
  story.by(kInspector).when(reading(kChild)).then_rejected(Rejection::role_not_held);
  story.by(kDirector).when(end(kChild)).then_rejected(Rejection::audit_grant_not_found);
}

TEST_CASE("a grant says why, for which child of the school, and until when") {
  Story story = with_inspector();
  auto without_purpose = grant(story, kChild, "2026-10-05", "2026-10-30");
  without_purpose.purpose = 0;
  story.when(without_purpose).then_rejected(Rejection::reason_missing);
  story.when(grant(story, numbered<ChildId>(99), "2026-10-05", "2026-10-30"))
      .then_rejected(Rejection::child_not_found);
  story.when(grant(story, kChild, "2026-10-06", "2026-10-05"))
      .then_rejected(Rejection::term_invalid);
  story.when(grant(story, kChild, "2026-10-01", "2026-10-04"))
      .then_rejected(Rejection::term_invalid);
}

TEST_CASE("only the director grants; a deputy may end it") {
  Story story = with_inspector();
  story.by(kDeputy)
      .when(grant(story, kChild, "2026-10-05", "2026-10-30"))
      .then_rejected(Rejection::role_not_sufficient);
  story.by(kDirector).when(grant(story, kChild, "2026-10-05", "2026-10-30")).then_accepted();
  story.by(kDeputy).when(end(kChild)).then_accepted();
}

TEST_CASE("nobody writes down reads of another, and a director isn't an auditor") {
  Story story = with_inspector();
  story.when(grant(story, {}, "2026-10-05", "2026-10-30")).then_accepted();
  story.when(reading(kChild)).then_rejected(Rejection::role_not_sufficient);
  story.by({kDirector.account, Role::auditor, {}})
      .when(reading(kChild))
      .then_rejected(Rejection::role_not_held);
}

}  // namespace
}  // namespace klasboek::tests
