// Made from the table itself: every row has its cases where it lets somebody through and where it
// doesn't, so that a new command is tested as soon as it has its row.
#include "aggregates/permissions.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Grant;
using aggregates::Permission;
using aggregates::Rejection;
using aggregates::Scope;

constexpr auto kPost = numbered<PostId>(1);
/// In kOtherClass; none of the cast is its guardian.
constexpr auto kNobodysChild = numbered<ChildId>(3);
/// A pupil's account has the UUID of the child.
constexpr Actor kPupil{AccountId{kChild.value}, Role::pupil, {}};
constexpr std::array kEveryRole = {
    Role::none,     Role::guardian,  Role::pupil,    Role::teacher, Role::class_parent,
    Role::care,     Role::office,    Role::director, Role::deputy,  Role::board,
    Role::reporter, Role::operator_, Role::auditor,  Role::system};

template <std::size_t I = 0>
CommandBody command_at(std::size_t alternative) {
  if constexpr (I == std::variant_size_v<events::CommandKinds>) {
    FAIL("no such command");
    return {};
  } else {
    if (alternative != I) return command_at<I + 1>(alternative);
    return CommandBody(std::variant_alternative_t<I, events::CommandKinds>{});
  }
}

/// What the command is about.
struct Subject {
  ChildId child = kChild;
  GroupId group = kClass;
  PostId post = kPost;
  AccountId account = {};
};

CommandBody about(CommandBody command, const Subject& subject) {
  std::visit(
      [&](auto& c) {
        if constexpr (requires { c.child; }) c.child = subject.child;
        if constexpr (requires { c.group; }) c.group = subject.group;
        if constexpr (requires { c.post; }) c.post = subject.post;
        if constexpr (requires { c.account; }) c.account = subject.account;
        if constexpr (requires { c.groups; }) c.groups = {subject.group};
      },
      command);
  return command;
}

/// The cast, and one account for each of the other roles.
Story everybody() {
  Story story = a_school();
  const auto open = [&](const Actor& person) {
    story.given(account_stream(person.account), AccountOpened{});
    story.given(account_stream(person.account), made<RoleGiven>([&](auto& e) {
                  e.role = person.role;
                  e.first_day = day("2025-08-01");
                  e.open_ended = true;
                }));
  };
  open(kPupil);
  for (const auto role : {Role::class_parent, Role::board, Role::reporter, Role::auditor}) {
    open(actor(60 + static_cast<std::uint64_t>(role), role));
  }
  story.given(child_stream(kNobodysChild),
              made<ChildEnrolled>([](auto& e) { e.first_day = day("2025-08-18"); }));
  story.given(child_stream(kNobodysChild), made<ChildPlaced>([](auto& e) {
                e.group = kOtherClass;
                e.first_day = day("2025-08-18");
              }));
  story.by(kTeacher).given(post_stream(kPost), made<PostPublished>([](auto& e) {
                             e.post = kPost;
                             e.groups = {kClass};
                           }));
  return story;
}

/// Somebody who holds the role, and for whom kChild, kClass and kPost are his own where that can
/// be.
Actor holder_of(Role role) {
  switch (role) {
    case Role::none:
      return {kStranger.account, Role::none, {}};
    case Role::guardian:
      return kMother;
    case Role::pupil:
      return kPupil;
    case Role::teacher:
      return kTeacher;
    case Role::care:
      return kCare;
    case Role::office:
      return kOffice;
    case Role::director:
      return kDirector;
    case Role::deputy:
      return kDeputy;
    case Role::operator_:
      return kOperator;
    case Role::system:
      return kSystem;
    case Role::class_parent:
    case Role::board:
    case Role::reporter:
    case Role::auditor:
      return actor(60 + static_cast<std::uint64_t>(role), role);
  }
  return {};
}

std::optional<Rejection> refused(Story& story, const CommandBody& command, const Actor& actor) {
  const aggregates::Context context{kSchool, story.now_us(), actor, {}};
  aggregates::Facts facts(kSchool, story);
  return aggregates::refuse_actor(command, facts, context);
}

const Grant* grant_of(const Permission& permission, Role role) {
  for (const auto& grant : permission.grants) {
    if (grant.role == role || grant.role == Role::none) return &grant;
  }
  return nullptr;
}

/// A post of the actor's own, so that the scope of own posts is met as well.
Story with_own_post(const Story& everybody, const Actor& actor) {
  Story story(everybody);
  story.by(actor).given(post_stream(numbered<PostId>(2)), PostPublished{});
  return story;
}

TEST_CASE("every row lets those through whom it names, for what is their own") {
  const Story all = everybody();
  for (const auto& permission : aggregates::permissions()) {
    for (const auto& grant : permission.grants) {
      const Actor holder = holder_of(grant.role);
      INFO(permission.command << " by " << wire::EnumNameRole(grant.role));
      Story story = with_own_post(all, holder);
      const Subject own{.post = numbered<PostId>(2), .account = holder.account};
      CHECK_FALSE(refused(story, about(command_at(permission.alternative), own), holder));
    }
  }
}

TEST_CASE("every row turns away every role that it doesn't name") {
  Story story = everybody();
  for (const auto& permission : aggregates::permissions()) {
    for (const auto role : kEveryRole) {
      if (grant_of(permission, role) != nullptr) continue;
      const Actor holder = holder_of(role);
      INFO(permission.command << " by " << wire::EnumNameRole(role));
      const Subject own{.account = holder.account};
      CHECK(refused(story, about(command_at(permission.alternative), own), holder) ==
            Rejection::role_not_sufficient);
    }
  }
}

/// Whoever holds the role but has nothing to do with the subject, and what he hears.
std::optional<Rejection> heard_outside(Scope scope) {
  switch (scope) {
    case Scope::whole_school:
      return std::nullopt;
    case Scope::own_child:
    case Scope::own_child_with_authority:
      return Rejection::not_own_child;
    case Scope::own_class:
      return Rejection::not_own_class;
    case Scope::own_account:
      return Rejection::not_own_account;
    case Scope::own_post:
      return Rejection::not_own_post;
  }
  return std::nullopt;
}

TEST_CASE("every row turns away who reaches for what isn't his own") {
  const Story all = everybody();
  for (const auto& permission : aggregates::permissions()) {
    for (const auto& grant : permission.grants) {
      const Actor holder = holder_of(grant.role);
      INFO(permission.command << " by " << wire::EnumNameRole(grant.role));
      Story story(all);
      // The post of the list is the teacher's; for him it becomes a colleague's.
      story.by(kOtherTeacher).given(post_stream(numbered<PostId>(3)), PostPublished{});
      const Subject others{.child = kNobodysChild,
                           .group = kOtherClass,
                           .post = numbered<PostId>(3),
                           .account = kFather.account};
      const auto command = about(command_at(permission.alternative), others);
      CHECK(refused(story, command, holder) == heard_outside(grant.scope));
    }
  }
}

TEST_CASE("where authority is asked, a guardian without it is turned away") {
  Story story = everybody();
  for (const auto& permission : aggregates::permissions()) {
    const Grant* grant = grant_of(permission, Role::guardian);
    if (grant == nullptr || grant->scope != Scope::own_child_with_authority) continue;
    INFO(permission.command);
    const auto command = about(command_at(permission.alternative), {});
    CHECK(refused(story, command, kStepfather) == Rejection::guardian_has_no_authority);
  }
}

TEST_CASE("consent, absence and leave ask for authority") {
  for (const std::string command : {"AnswerConsent", "ReportAbsence", "ChangeAbsenceEnd",
                                    "WithdrawAbsence", "ReportRecovery", "RequestLeave"}) {
    INFO(command);
    const auto rows = aggregates::permissions();
    const auto row = std::ranges::find(rows, command, &Permission::command);
    REQUIRE(row != rows.end());
    const Grant* grant = grant_of(*row, Role::guardian);
    REQUIRE(grant != nullptr);
    CHECK(grant->scope == Scope::own_child_with_authority);
  }
}

TEST_CASE("nobody decides about his own child") {
  Story story = everybody();
  int rows = 0;
  for (const auto& permission : aggregates::permissions()) {
    if (!permission.by_another_than_guardian) continue;
    INFO(permission.command);
    ++rows;
    const auto own = about(command_at(permission.alternative), {.child = kOtherChild});
    CHECK(refused(story, own, kDeputy) == Rejection::own_child_is_decided_by_another);
    CHECK_FALSE(refused(story, own, kDirector));
    const auto other = about(command_at(permission.alternative), {});
    CHECK_FALSE(refused(story, other, kDeputy));
  }
  CHECK(rows >= 2);
}

TEST_CASE("a row bears the name of its command") {
  for (const auto& permission : aggregates::permissions()) {
    const auto command = command_at(permission.alternative);
    CHECK(permission.command == name_of(command));
    CHECK(&aggregates::permission_of(command) == &permission);
  }
}

TEST_CASE("who isn't active may do nothing, not even for himself") {
  Story story = everybody();
  const auto for_himself = about(EndSessions{}, {.account = kMother.account});
  CHECK_FALSE(refused(story, for_himself, kMother));
  CHECK(refused(story, for_himself, actor(99, Role::guardian)) == Rejection::account_not_active);

  Story blocked(story);
  blocked.given(account_stream(kMother.account), AccountBlocked{});
  CHECK(refused(blocked, for_himself, kMother) == Rejection::account_not_active);

  Story closed(story);
  closed.given(account_stream(kMother.account),
               made<AccountClosed>([](auto& e) { e.last_day = day("2026-10-05"); }));
  CHECK_FALSE(refused(closed.on("2026-10-05 23:00"), for_himself, kMother));
  CHECK(refused(closed.on("2026-10-06 00:00"), for_himself, kMother) ==
        Rejection::account_not_active);
}

TEST_CASE("a role counts on the days for which it was given") {
  Story story = everybody();
  const Actor acting{kOffice.account, Role::director, {}};
  const auto command = about(CloseGroup{}, {});
  CHECK(refused(story, command, acting) == Rejection::role_not_held);
  story.given(account_stream(kOffice.account), made<RoleGiven>([](auto& e) {
                e.role = Role::director;
                e.first_day = day("2026-10-06");
                e.last_day = day("2026-10-07");
              }));
  CHECK(refused(story, command, acting) == Rejection::role_not_held);
  CHECK_FALSE(refused(story.on("2026-10-06 00:00"), command, acting));
  CHECK_FALSE(refused(story.on("2026-10-07 23:59"), command, acting));
  CHECK(refused(story.on("2026-10-08 00:00"), command, acting) == Rejection::role_not_held);
}

TEST_CASE("operator and program have no account, and no account has their roles") {
  Story story = everybody();
  CHECK(refused(story, about(CloseGroup{}, {}), {kOffice.account, Role::operator_, {}}) ==
        Rejection::role_not_held);
  CHECK(refused(story, ClaimDelivery{}, {kOffice.account, Role::system, {}}) ==
        Rejection::role_not_held);
  CHECK(refused(story, about(CloseGroup{}, {}), {{}, Role::director, {}}) ==
        Rejection::account_not_active);
}

TEST_CASE("a substitute works with a class on the days of the assignment") {
  Story story = everybody();
  const auto report = about(ReportAbsence{}, {});
  CHECK(refused(story, report, kOtherTeacher) == Rejection::not_own_class);
  story.given(group_stream(kClass), made<StaffAssigned>([](auto& e) {
                e.account = kOtherTeacher.account;
                e.first_day = day("2026-10-06");
                e.last_day = day("2026-10-06");
              }));
  CHECK(refused(story, report, kOtherTeacher) == Rejection::not_own_class);
  CHECK_FALSE(refused(story.on("2026-10-06 08:00"), report, kOtherTeacher));
  CHECK(refused(story.on("2026-10-07 08:00"), report, kOtherTeacher) == Rejection::not_own_class);
}

TEST_CASE("a move changes whose class it is with its day") {
  Story story = everybody();
  const auto report = about(ReportAbsence{}, {});
  story.given(child_stream(kChild), made<ChildPlaced>([](auto& e) {
                e.group = kOtherClass;
                e.first_day = day("2026-10-06");
              }));
  CHECK_FALSE(refused(story, report, kTeacher));
  CHECK(refused(story, report, kOtherTeacher) == Rejection::not_own_class);
  story.on("2026-10-06 08:00");
  CHECK(refused(story, report, kTeacher) == Rejection::not_own_class);
  CHECK_FALSE(refused(story, report, kOtherTeacher));
}

TEST_CASE("who speaks for himself records nobody else's word, staff do") {
  Story story = everybody();
  const auto report = about(ReportAbsence{}, {});
  CHECK(refused(story, report, on_behalf_of(kMother, kFather)) == Rejection::not_own_account);
  CHECK_FALSE(refused(story, report, on_behalf_of(kOffice, kFather)));
}

TEST_CASE("what authorised a decision is among its conditions") {
  Story story = everybody();
  aggregates::Facts facts(kSchool, story);
  const aggregates::Context context{kSchool, story.now_us(), kTeacher, {}};
  CHECK_FALSE(aggregates::refuse_actor(about(ReportAbsence{}, {}), facts, context));
  const auto conditions = facts.conditions();
  for (const auto& stream : {account_stream(kTeacher.account), child_stream(kChild),
                             group_stream(kClass), school_stream(kSchool)}) {
    INFO(to_text(stream));
    CHECK(std::ranges::count(conditions, stream, &Condition::stream) == 1);
  }
}

}  // namespace
}  // namespace klasboek::tests
