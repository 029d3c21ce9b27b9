// A new password by a link: asked for by the program alone, good once and for a day.
#include <catch2/catch.hpp>

#include "aggregates/account.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;
using aggregates::account::kResetPauseUs;
using aggregates::account::kResetTermUsMax;

constexpr auto kAccount = kMother.account;
constexpr Actor kSelf{kAccount, Role::none, {}};

/// A school in which the mother has come in, at ten on a Monday.
Story with_member() {
  Story story = a_school();
  story.given(account_stream(kAccount), InvitationAccepted{});
  story.on("2026-10-05 10:00");
  return story;
}

AskPasswordReset ask(const Story& story, std::uint64_t n) {
  return made<AskPasswordReset>([&](auto& c) {
    c.account = kAccount;
    c.reset = numbered<InvitationId>(n);
    c.code_digest.assign(32, static_cast<std::uint8_t>(n));
    c.expires_at_us = story.now_us() + kResetTermUsMax;
  });
}
ResetPassword use(std::uint64_t n) {
  return made<ResetPassword>([&](auto& c) {
    c.account = kAccount;
    c.reset = numbered<InvitationId>(n);
    c.code_digest.assign(32, static_cast<std::uint8_t>(n));
  });
}

TEST_CASE("a link works once, and ends the sessions before it") {
  Story story = with_member();
  story.by(kSystem).when(ask(story, 1)).then_accepted();
  story.by(kSelf).on("2026-10-05 10:30").when(use(1)).then_accepted();
  aggregates::Facts facts(kSchool, story);
  CHECK(facts.account(kAccount).sessions_not_before_us == moment("2026-10-05 10:30"));
  story.when(use(1)).then_rejected(Rejection::reset_used);
}

TEST_CASE("a link that is too old, replaced, made up or of another code doesn't work") {
  Story story = with_member();
  story.by(kSelf).when(use(1)).then_rejected(Rejection::reset_not_found);
  story.by(kSystem).when(ask(story, 1)).then_accepted();
  auto other_code = use(1);
  other_code.code_digest.assign(32, 9);
  story.by(kSelf).when(other_code).then_rejected(Rejection::code_wrong);
  story.at(story.now_us() + kResetPauseUs).by(kSystem).when(ask(story, 2)).then_accepted();
  story.by(kSelf).when(use(1)).then_rejected(Rejection::reset_replaced);
  story.at(story.now_us() + kResetTermUsMax);
  story.when(use(2)).then_rejected(Rejection::reset_expired);
}

TEST_CASE("a link isn't sent again at once") {
  Story story = with_member();
  story.by(kSystem).when(ask(story, 1)).then_accepted();
  story.at(story.now_us() + kResetPauseUs - 1)
      .when(ask(story, 2))
      .then_rejected(Rejection::reset_asked_recently);
  story.at(story.now_us() + 1).when(ask(story, 2)).then_accepted();
}

TEST_CASE("a link is for who has come in and isn't blocked, and ends within a day") {
  Story story = with_member();
  auto for_ever = ask(story, 1);
  for_ever.expires_at_us += 1;
  story.by(kSystem).when(for_ever).then_rejected(Rejection::reset_expiry_invalid);
  auto in_the_past = ask(story, 1);
  in_the_past.expires_at_us = story.now_us();
  story.when(in_the_past).then_rejected(Rejection::reset_expiry_invalid);
  auto short_digest = ask(story, 1);
  short_digest.code_digest.pop_back();
  story.when(short_digest).then_rejected(Rejection::code_wrong);

  Story never_in = a_school();
  never_in.given(account_stream(numbered<AccountId>(70)), AccountOpened{});
  auto of_never_in = ask(never_in.on("2026-10-05 10:00"), 1);
  of_never_in.account = numbered<AccountId>(70);
  never_in.by(kSystem).when(of_never_in).then_rejected(Rejection::account_not_admitted);

  story.given(account_stream(kAccount), AccountBlocked{});
  story.when(ask(story, 1)).then_rejected(Rejection::account_blocked);
}

TEST_CASE("nobody asks for another one's link: only the program does") {
  Story story = with_member();
  for (const auto& who : {kMother, kDirector, kOffice}) {
    story.by(who).when(ask(story, 1)).then_rejected(Rejection::role_not_sufficient);
  }
}

}  // namespace
}  // namespace klasboek::tests
