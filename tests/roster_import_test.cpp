#include "aggregates/roster_import.h"

#include <catch2/catch.hpp>

#include "aggregates/permissions.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kImport = numbered<RosterImportId>(1);
constexpr auto kNewGroup = numbered<GroupId>(9);
constexpr auto kNewChild = numbered<ChildId>(9);

BeginRosterImport begin(std::uint32_t chunks) {
  return made<BeginRosterImport>([&](auto& c) {
    c.roster_import = kImport;
    c.digest.assign(32, 5);
    c.chunks = chunks;
  });
}

template <class... Steps>
ApplyRosterChunk chunk(std::uint32_t n, Steps... steps) {
  return made<ApplyRosterChunk>([&](auto& c) {
    c.roster_import = kImport;
    c.chunk = n;
    (c.steps.push_back(roster_step(std::move(steps))), ...);
  });
}

CompleteRosterImport complete() {
  return made<CompleteRosterImport>([](auto& c) { c.roster_import = kImport; });
}

RosterChunkApplied applied(std::uint32_t n) {
  return made<RosterChunkApplied>([&](auto& e) { e.chunk = n; });
}

GiveRole give(Role role) {
  return made<GiveRole>([&](auto& c) {
    c.account = kStranger.account;
    c.role = role;
    c.first_day = day("2026-10-05");
    c.open_ended = true;
  });
}

EndRole end(Role role, AccountId account) {
  return made<EndRole>([&](auto& c) {
    c.role = role;
    c.account = account;
    c.last_day = day("2026-10-09");
  });
}

FoundGroup found_group(Story& story) {
  return made<FoundGroup>([&](auto& c) {
    c.group = kNewGroup;
    c.name = story.text();
  });
}

EnrolChild enrol(Story& story) {
  return made<EnrolChild>([&](auto& c) {
    c.child = kNewChild;
    c.name = story.text();
    c.first_day = day("2026-10-05");
    c.group = kNewGroup;
  });
}

Story an_import(std::uint32_t chunks) {
  Story story = a_school();
  story.by(kOffice).when(begin(chunks)).then_accepted();
  return story;
}

TEST_CASE("an import is begun once") {
  Story story = a_school();
  story.by(kOffice).when(begin(3)).then(made<RosterImportBegun>([](auto& e) {
    e.roster_import = kImport;
    e.digest.assign(32, 5);
    e.chunks = 3;
  }));
  story.when(begin(3)).then_rejected(Rejection::import_exists);
}

TEST_CASE("chunks are applied in order, each once, and then the import is complete") {
  Story story = a_school();
  story.by(kOffice);
  story.when(chunk(0)).then_rejected(Rejection::import_not_found);
  story.when(complete()).then_rejected(Rejection::import_not_found);
  story.when(begin(2)).then_accepted();
  story.when(chunk(1)).then_rejected(Rejection::import_chunk_out_of_order);
  story.when(complete()).then_rejected(Rejection::import_incomplete);
  story.when(chunk(0)).then(applied(0));
  story.when(chunk(0)).then_rejected(Rejection::import_chunk_out_of_order);
  story.when(chunk(1)).then(applied(1));
  story.when(chunk(2)).then_rejected(Rejection::import_chunk_out_of_order);
  story.when(complete()).then(made<RosterImportCompleted>([](auto& e) { e.chunks = 2; }));
  story.when(complete()).then_rejected(Rejection::import_completed);
}

TEST_CASE("a step sees what the steps before it decided, and all land together") {
  Story story = an_import(1);
  const auto group = found_group(story);
  const auto child = enrol(story);
  story.when(chunk(0, group, child))
      .then(made<GroupFounded>([&](auto& e) {
              e.group = kNewGroup;
              e.name = story.sealed(group.name);
            }),
            made<ChildEnrolled>([&](auto& e) {
              e.child = kNewChild;
              e.name = story.sealed(child.name);
              e.first_day = day("2026-10-05");
            }),
            made<ChildPlaced>([](auto& e) {
              e.group = kNewGroup;
              e.first_day = day("2026-10-05");
            }),
            applied(0));
  const Condition new_child{child_stream(kNewChild), 0};
  CHECK(std::ranges::count(story.conditions(), new_child) == 1);
}

TEST_CASE("one step that is refused refuses the chunk") {
  Story story = an_import(1);
  story.when(chunk(0, enrol(story), found_group(story))).then_rejected(Rejection::group_not_found);
  const auto group = found_group(story);
  story.when(chunk(0, group, group)).then_rejected(Rejection::group_exists);
  story.when(chunk(0, group)).then_accepted();
}

TEST_CASE("an import gives and ends no role but teacher, care and office") {
  Story story = an_import(1);
  for (const auto role : {Role::director, Role::deputy, Role::board, Role::reporter, Role::auditor,
                          Role::operator_, Role::pupil, Role::guardian}) {
    story.when(chunk(0, give(role))).then_rejected(Rejection::role_not_granted_by_import);
    story.when(chunk(0, end(role, kDirector.account)))
        .then_rejected(Rejection::role_not_granted_by_import);
  }
  story
      .when(chunk(0, give(Role::teacher), give(Role::care), give(Role::office),
                  end(Role::teacher, kTeacher.account)))
      .then_accepted();
}

TEST_CASE("an import links guardians with the authority that the office's file says") {
  Story story = an_import(1);
  const auto link = made<LinkGuardian>([](auto& c) {
    c.child = kChild;
    c.guardian = kStranger.account;
    c.authority = Authority::with;
  });
  story.when(chunk(0, link))
      .then(made<GuardianLinked>([](auto& e) {
              e.guardian = kStranger.account;
              e.authority = Authority::with;
              e.household = 1;
              e.contact_order = 1;
            }),
            applied(0));
}

TEST_CASE("an import never changes the authority of a guardian who is linked already") {
  Story story = an_import(1);
  auto link = made<LinkGuardian>([](auto& c) {
    c.child = kChild;
    c.guardian = kStepfather.account;
    c.authority = Authority::with;
  });
  const auto record = made<RecordGuardianAuthority>([](auto& c) {
    c.child = kChild;
    c.guardian = kStepfather.account;
    c.authority = Authority::with;
  });
  const auto unlink = made<UnlinkGuardian>([](auto& c) {
    c.child = kChild;
    c.guardian = kStepfather.account;
  });
  story.when(chunk(0, link)).then_rejected(Rejection::guardian_already_linked);
  story.when(chunk(0, record)).then_rejected(Rejection::import_step_not_allowed);
  story.when(chunk(0, unlink, link)).then_rejected(Rejection::import_step_not_allowed);
}

TEST_CASE("a step holds a command, and no import in an import") {
  Story story = an_import(1);
  story.when(chunk(0, chunk(0))).then_rejected(Rejection::import_step_not_allowed);
  story.when(chunk(0, DecideLeave{})).then_rejected(Rejection::import_step_not_allowed);
  auto empty = chunk(0);
  empty.steps.emplace_back();
  story.when(empty).then_rejected(Rejection::import_step_not_allowed);
}

TEST_CASE("the operator brings a roster in, and enrols nobody otherwise") {
  Story story = a_school();
  story.by(kOperator).when(begin(1)).then_accepted();
  story.when(chunk(0, found_group(story), enrol(story))).then_accepted();
  story.when(enrol(story)).then_rejected(Rejection::role_not_sufficient);
}

TEST_CASE("a step comes out of its chunk as it went in") {
  const CommandBody command = give(Role::care);
  CHECK(command_of(roster_step(command)) == command);
  CHECK_FALSE(command_of(RosterStep{}).has_value());
}

}  // namespace
}  // namespace klasboek::tests
