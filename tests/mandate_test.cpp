// A deputy does in the director's name what the mandate covers, on its days, and nothing else.
#include <catch2/catch.hpp>

#include "aggregates/account.h"
#include "aggregates/permissions.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kStandIn = actor(40, Role::deputy);

GiveMandate mandate(std::vector<MandatePower> powers, std::string_view first_day,
                    std::string_view last_day) {
  return made<GiveMandate>([&](auto& c) {
    c.account = kStandIn.account;
    c.powers = std::move(powers);
    c.first_day = day(first_day);
    c.last_day = day(last_day);
  });
}

/// With an account for the stand-in, who holds nothing yet.
Story with_stand_in() {
  Story story = a_school();
  story.given(account_stream(kStandIn.account), AccountOpened{});
  return story;
}

RenameSchool another_name() {
  return made<RenameSchool>([](auto& c) { c.name = "De Nieuwe Naam"; });
}
CloseGroup close_class() {
  return made<CloseGroup>([](auto& c) {
    c.group = kOtherClass;
    c.last_day = day("2026-12-18");
  });
}

TEST_CASE("a mandate is for its powers alone, on its days alone") {
  Story story = with_stand_in();
  story.by(kDirector)
      .on("2026-10-05 10:00")
      .when(mandate({MandatePower::roster, MandatePower::leave}, "2026-10-06", "2026-10-07"))
      .then_accepted();
  story.by(kStandIn).when(close_class()).then_rejected(Rejection::role_not_held);
  story.on("2026-10-06 00:00")
      .when(another_name())
      .then_rejected(Rejection::mandate_does_not_cover);
  story.when(close_class()).then_accepted();
  story.on("2026-10-08 00:00").when(another_name()).then_rejected(Rejection::role_not_held);
}

TEST_CASE(
    "a deputy by role, as he was given before there were mandates, may all that a deputy may") {
  Story story = a_school();
  story.by(kDeputy).on("2026-10-05 10:00").when(another_name()).then_accepted();
}

TEST_CASE("a mandate ends when the role is ended") {
  Story story = with_stand_in();
  story.by(kDirector)
      .on("2026-10-05 10:00")
      .when(mandate({MandatePower::settings}, "2026-10-05", "2026-10-30"))
      .then_accepted();
  story
      .when(made<EndRole>([](auto& c) {
        c.account = kStandIn.account;
        c.role = Role::deputy;
        c.last_day = day("2026-10-04");
      }))
      .then_accepted();
  story.by(kStandIn).when(another_name()).then_rejected(Rejection::role_not_held);
}

TEST_CASE("every command has its power, and a mandate without it refuses the command") {
  Story story = with_stand_in();
  story.by(kDirector)
      .on("2026-10-05 10:00")
      .when(mandate({MandatePower::posts}, "2026-10-05", "2026-10-30"))
      .then_accepted();
  aggregates::Facts facts(kSchool, story);
  const auto& account = facts.account(kStandIn.account);
  const auto today = day("2026-10-05");
  for (const auto& permission : aggregates::permissions()) {
    INFO(permission.command);
    CHECK(aggregates::account::mandate_covers(account, permission.power, today) ==
          (permission.power == MandatePower::posts));
  }
}

TEST_CASE("a mandate that says nothing, runs backwards or overlaps another is refused") {
  Story story = with_stand_in();
  story.by(kDirector).on("2026-10-05 10:00");
  story.when(mandate({}, "2026-10-05", "2026-10-06"))
      .then_rejected(Rejection::mandate_without_powers);
  story.when(mandate({MandatePower::leave, MandatePower::leave}, "2026-10-05", "2026-10-06"))
      .then_rejected(Rejection::mandate_without_powers);
  story.when(mandate({MandatePower::leave}, "2026-10-06", "2026-10-05"))
      .then_rejected(Rejection::term_invalid);
  story.when(mandate({MandatePower::leave}, "2026-10-05", "2026-10-06")).then_accepted();
  story.when(mandate({MandatePower::posts}, "2026-10-06", "2026-10-08"))
      .then_rejected(Rejection::role_already_given);
}

TEST_CASE("only the director gives mandates, and a deputy gives none on") {
  Story story = with_stand_in();
  story.on("2026-10-05 10:00");
  for (const auto& who : {kDeputy, kOffice, kTeacher}) {
    story.by(who)
        .when(mandate({MandatePower::leave}, "2026-10-05", "2026-10-06"))
        .then_rejected(Rejection::role_not_sufficient);
  }
}

}  // namespace
}  // namespace klasboek::tests
