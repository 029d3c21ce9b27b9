#include "aggregates/account.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kNew = actor(50, Role::none);
constexpr auto kNobody = numbered<AccountId>(99);
const std::vector<std::uint8_t> kDigest(32, 7);
constexpr std::int64_t kHourUs = 3600LL * 1'000'000;

/// A school with one account that was opened and never came in.
Story a_newcomer() {
  Story story = a_school();
  story.given(account_stream(kNew.account),
              made<AccountOpened>([](auto& e) { e.account = kNew.account; }));
  return story;
}

Invite invite(std::uint64_t n, std::string_view expires) {
  return made<Invite>([&](auto& c) {
    c.account = kNew.account;
    c.invitation = numbered<InvitationId>(n);
    c.code_digest = kDigest;
    c.expires_at_us = moment(expires);
  });
}

AcceptInvitation accept(std::uint64_t n, std::uint8_t code = 7) {
  return made<AcceptInvitation>([&](auto& c) {
    c.account = kNew.account;
    c.invitation = numbered<InvitationId>(n);
    c.code_digest.assign(32, code);
  });
}

GiveRole give(Role role, std::string_view first, std::string_view last = {}) {
  return made<GiveRole>([&](auto& c) {
    c.account = kNew.account;
    c.role = role;
    c.first_day = day(first);
    c.open_ended = last.empty();
    if (!last.empty()) c.last_day = day(last);
  });
}

EndRole end(Role role, std::string_view last) {
  return made<EndRole>([&](auto& c) {
    c.account = kNew.account;
    c.role = role;
    c.last_day = day(last);
  });
}

template <class Command>
Command about(AccountId account) {
  return made<Command>([&](auto& c) { c.account = account; });
}

bool holds(Story& story, Role role, std::string_view on) {
  aggregates::Facts facts(kSchool, story);
  return aggregates::account::holds_role(facts.account(kNew.account), role, day(on));
}

bool is_active(Story& story, std::string_view at) {
  aggregates::Facts facts(kSchool, story);
  return aggregates::account::is_active(facts.account(kNew.account), day(at.substr(0, 10)),
                                        moment(at));
}

TEST_CASE("an account is opened once, with a name") {
  Story story = a_school();
  story.by(kOffice);
  auto open = made<OpenAccount>([&](auto& c) {
    c.account = kNew.account;
    c.contact = story.text();
  });
  story.when(open).then_rejected(Rejection::name_empty);
  open.name = story.text();
  story.when(open).then(made<AccountOpened>([&](auto& e) {
    e.account = kNew.account;
    e.name = story.sealed(open.name);
    e.contact = story.sealed(open.contact);
  }));
  story.when(open).then_rejected(Rejection::account_exists);
}

TEST_CASE("name and contact are corrected each by itself") {
  Story story = a_newcomer();
  story.by(kOffice);
  auto correct = about<CorrectAccount>(kNew.account);
  story.when(correct).then_rejected(Rejection::nothing_to_change);
  correct.contact = story.text();
  story.when(correct).then(
      made<AccountContactChanged>([&](auto& e) { e.contact = story.sealed(correct.contact); }));
  correct.name = story.text();
  story.when(correct).then(
      made<AccountNameCorrected>([&](auto& e) { e.name = story.sealed(correct.name); }),
      made<AccountContactChanged>([&](auto& e) { e.contact = story.sealed(correct.contact); }));
}

TEST_CASE("an account that isn't there, or not any more, isn't changed") {
  Story story = a_newcomer();
  story.by(kDirector);
  const auto refused_by = [&](const CommandBody& command, Rejection rejection) {
    INFO(name_of(command));
    story.when(command).then_rejected(rejection);
  };
  refused_by(about<CorrectAccount>(kNobody), Rejection::account_not_found);
  refused_by(about<Invite>(kNobody), Rejection::account_not_found);
  refused_by(about<GiveRole>(kNobody), Rejection::account_not_found);
  refused_by(about<EndRole>(kNobody), Rejection::account_not_found);
  refused_by(about<BlockAccount>(kNobody), Rejection::account_not_found);
  refused_by(about<UnblockAccount>(kNobody), Rejection::account_not_found);
  refused_by(about<CloseAccount>(kNobody), Rejection::account_not_found);
  refused_by(about<EndSessions>(kNobody), Rejection::account_not_found);

  const auto close = made<CloseAccount>([](auto& c) {
    c.account = kNew.account;
    c.last_day = day("2026-10-05");
  });
  story.when(close).then(made<AccountClosed>([](auto& e) { e.last_day = day("2026-10-05"); }));
  CHECK(is_active(story, "2026-10-05 23:59"));
  CHECK_FALSE(is_active(story, "2026-10-06 00:00"));
  story.on("2026-10-06 09:00");
  refused_by(about<CorrectAccount>(kNew.account), Rejection::account_closed);
  refused_by(invite(1, "2026-10-20 09:00"), Rejection::account_closed);
  refused_by(give(Role::teacher, "2026-10-06"), Rejection::account_closed);
  refused_by(about<BlockAccount>(kNew.account), Rejection::account_closed);
  refused_by(close, Rejection::account_closed);
}

TEST_CASE("an invitation ends in the future, at most sixty days from now") {
  Story story = a_newcomer();
  story.by(kOffice).on("2026-10-05 10:00");
  story.when(invite(1, "2026-10-05 10:00")).then_rejected(Rejection::invitation_expiry_invalid);
  story.when(invite(1, "2026-12-05 10:00")).then_rejected(Rejection::invitation_expiry_invalid);
  auto longest = invite(1, "2026-10-05 10:00");
  longest.expires_at_us += 60 * 24 * kHourUs;
  story.when(longest).then(made<AccountInvited>([&](auto& e) {
    e.invitation = numbered<InvitationId>(1);
    e.code_digest = kDigest;
    e.expires_at_us = longest.expires_at_us;
  }));
  longest.invitation = numbered<InvitationId>(2);
  ++longest.expires_at_us;
  story.when(longest).then_rejected(Rejection::invitation_expiry_invalid);
  story.when(invite(1, "2026-10-20 09:00")).then_rejected(Rejection::invitation_used);
}

TEST_CASE("what an invitation keeps is a digest of its code") {
  Story story = a_newcomer();
  auto short_digest = invite(1, "2026-10-20 09:00");
  short_digest.code_digest.pop_back();
  story.by(kOffice).when(short_digest).then_rejected(Rejection::code_wrong);
}

TEST_CASE("an invitation lets its person in once") {
  Story story = a_newcomer();
  story.by(kOffice).when(invite(1, "2026-10-20 09:00")).then_accepted();
  story.by(kNew).when(accept(2)).then_rejected(Rejection::invitation_not_found);
  story.when(accept(1, 8)).then_rejected(Rejection::code_wrong);
  story.when(accept(1)).then(
      made<InvitationAccepted>([](auto& e) { e.invitation = numbered<InvitationId>(1); }));
  story.when(accept(1)).then_rejected(Rejection::invitation_used);
  story.by(kOffice)
      .when(invite(2, "2026-10-20 09:00"))
      .then_rejected(Rejection::account_already_admitted);
}

TEST_CASE("an invitation is good until it expires, not at that moment") {
  Story story = a_newcomer();
  story.by(kOffice).when(invite(1, "2026-10-20 09:00")).then_accepted();
  story.by(kNew).on("2026-10-20 09:00");
  story.when(accept(1)).then_rejected(Rejection::invitation_expired);
  story.at(moment("2026-10-20 09:00") - 1).when(accept(1)).then_accepted();
}

TEST_CASE("a newer invitation voids those before it") {
  Story story = a_newcomer();
  story.by(kOffice).when(invite(1, "2026-10-20 09:00")).then_accepted();
  story.when(invite(2, "2026-10-21 09:00")).then_accepted();
  story.by(kNew).when(accept(1)).then_rejected(Rejection::invitation_replaced);
  story.when(accept(2)).then_accepted();
}

TEST_CASE("a role is held from its first to its last day") {
  Story story = a_newcomer();
  story.by(kDirector);
  story.when(give(Role::director, "2026-11-02", "2026-11-06")).then(made<RoleGiven>([](auto& e) {
    e.role = Role::director;
    e.first_day = day("2026-11-02");
    e.last_day = day("2026-11-06");
  }));
  CHECK_FALSE(holds(story, Role::director, "2026-11-01"));
  CHECK(holds(story, Role::director, "2026-11-02"));
  CHECK(holds(story, Role::director, "2026-11-06"));
  CHECK_FALSE(holds(story, Role::director, "2026-11-07"));
  CHECK_FALSE(holds(story, Role::teacher, "2026-11-03"));
}

TEST_CASE("a role isn't given twice for the same days, nor backwards") {
  Story story = a_newcomer();
  story.by(kDirector);
  story.when(give(Role::teacher, "2026-11-02", "2026-11-01"))
      .then_rejected(Rejection::term_invalid);
  story.when(give(Role::teacher, "2026-11-02", "2026-11-06")).then_accepted();
  for (const auto& [first, last] :
       {std::pair("2026-11-06", "2026-11-10"), std::pair("2026-10-30", "2026-11-02"),
        std::pair("2026-10-30", ""), std::pair("2026-11-03", "2026-11-04")}) {
    story.when(give(Role::teacher, first, last)).then_rejected(Rejection::role_already_given);
  }
  story.when(give(Role::office, "2026-11-03")).then_accepted();
  story.when(give(Role::teacher, "2026-11-07")).then_accepted();
}

TEST_CASE("some roles are nobody's to give") {
  Story story = a_newcomer();
  story.by(kDirector);
  for (const auto role : {Role::none, Role::guardian, Role::operator_, Role::system}) {
    story.when(give(role, "2026-11-02")).then_rejected(Rejection::role_invalid);
  }
  for (const auto role :
       {Role::pupil, Role::teacher, Role::class_parent, Role::care, Role::office, Role::director,
        Role::deputy, Role::board, Role::reporter, Role::auditor}) {
    story.when(give(role, "2026-11-02")).then_accepted();
  }
}

TEST_CASE("a role ends, also a term that was still to begin") {
  Story story = a_newcomer();
  story.by(kDirector);
  story.when(end(Role::teacher, "2026-10-09")).then_rejected(Rejection::role_not_given);
  story.when(give(Role::teacher, "2026-10-01")).then_accepted();
  story.when(end(Role::teacher, "2026-10-09")).then(made<RoleEnded>([](auto& e) {
    e.role = Role::teacher;
    e.last_day = day("2026-10-09");
  }));
  CHECK(holds(story, Role::teacher, "2026-10-09"));
  CHECK_FALSE(holds(story, Role::teacher, "2026-10-10"));
  story.when(end(Role::teacher, "2026-10-09")).then_rejected(Rejection::role_not_given);
  story.when(give(Role::teacher, "2027-01-04")).then_accepted();
  story.when(end(Role::teacher, "2026-12-31")).then_accepted();
  CHECK_FALSE(holds(story, Role::teacher, "2027-01-04"));
  CHECK(holds(story, Role::teacher, "2026-10-09"));
}

TEST_CASE("a block has a reason, and holds until its end") {
  Story story = a_newcomer();
  story.by(kDirector).on("2026-10-05 10:00");
  auto block = about<BlockAccount>(kNew.account);
  story.when(block).then_rejected(Rejection::reason_missing);
  block.reason = story.text();
  block.until_us = moment("2026-10-05 10:00");
  story.when(block).then_rejected(Rejection::term_invalid);
  block.until_us = moment("2026-10-12 10:00");
  story.when(block).then(made<AccountBlocked>([&](auto& e) {
    e.reason = story.sealed(block.reason);
    e.until_us = moment("2026-10-12 10:00");
  }));
  CHECK_FALSE(is_active(story, "2026-10-12 09:59"));
  CHECK(is_active(story, "2026-10-12 10:00"));
  story.when(block).then_rejected(Rejection::account_blocked);
  story.when(invite(1, "2026-10-20 09:00")).then_rejected(Rejection::account_blocked);
  // The term has passed by itself, so there is something to block again.
  story.on("2026-10-12 10:00");
  story.when(about<UnblockAccount>(kNew.account)).then_rejected(Rejection::account_not_blocked);
  block.until_us = 0;
  story.when(block).then_accepted();
  CHECK_FALSE(is_active(story, "2030-01-01 00:00"));
}

TEST_CASE("a block is ended by hand") {
  Story story = a_newcomer();
  story.by(kDirector);
  auto unblock = about<UnblockAccount>(kNew.account);
  story.when(unblock).then_rejected(Rejection::account_not_blocked);
  story.given(account_stream(kNew.account), AccountBlocked{});
  unblock.reason = story.text();
  story.when(unblock).then(
      made<AccountUnblocked>([&](auto& e) { e.reason = story.sealed(unblock.reason); }));
  CHECK(is_active(story, "2026-10-05 10:00"));
}

TEST_CASE("a person ends his own sessions, and the head those of another") {
  Story story = a_newcomer();
  story.on("2026-10-05 10:00").by(kNew);
  const auto ended =
      made<SessionsEnded>([](auto& e) { e.not_before_us = moment("2026-10-05 10:00"); });
  story.when(about<EndSessions>(kNew.account)).then(ended);
  story.by(kDirector).when(about<EndSessions>(kNew.account)).then(ended);
  aggregates::Facts facts(kSchool, story);
  CHECK(facts.account(kNew.account).sessions_not_before_us == moment("2026-10-05 10:00"));
}

}  // namespace
}  // namespace klasboek::tests
