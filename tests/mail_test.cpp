// Who is told what by mail, and that it happens once: with a sender that does what it is told.
#include <catch2/catch.hpp>

#include "reactions/password_reset.h"
#include "tests/support/mail_school.h"
#include "tests/support/smtp_server.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::delivery::Standing;
using reactions::SendOutcome;
using Names = std::vector<std::string>;

std::vector<std::string> addressees(const FakeSender& sender) {
  std::vector<std::string> to;
  for (const auto& mail : sender.mails) to.push_back(mail.to);
  std::ranges::sort(to);
  return to;
}

constexpr auto kNew = numbered<AccountId>(77);
const std::string kNewEmail = "nienke.nieuw@thuis.example";

}  // namespace

TEST_CASE("who is invited gets one mail with the code") {
  MailSchool school;
  FakeSender sender;
  school.open_account(kNew, contact(kNewEmail));
  const auto invited = school.invite(kNew);
  school.mail_round(&sender);
  school.mail_round(&sender);
  REQUIRE(sender.mails.size() == 1);
  CHECK(sender.mails[0].to == kNewEmail);
  CHECK(sender.mails[0].from == kMailFrom);
  CHECK(body_of(sender.mails[0].text)
            .contains(std::string(kPublicUrl) + "/invitations/" + school.code_of(invited) + "\n"));
  CHECK(school.attempt(kNew, invited)->standing == Standing::sent);
  CHECK(school.attempt(kNew, invited)->count == 1);
  CHECK(school.mail(&sender).waiting() == 0);
  CHECK(school.outbox().empty());
}

TEST_CASE("who asked for leave is told of every answer, and the other guardian of none") {
  MailSchool school;
  FakeSender sender;
  const auto kBelief = LeaveGround::belief;
  const auto kOther = LeaveGround::other_circumstances;
  std::vector<EventId> decisions;
  decisions.push_back(school.decide_leave(LeaveVerdict::grant, kOther, "2026-11-02", "2026-11-02"));
  decisions.push_back(
      school.decide_leave(LeaveVerdict::grant_partly, kOther, "2026-11-03", "2026-11-04"));
  decisions.push_back(
      school.decide_leave(LeaveVerdict::refuse, kOther, "2026-11-05", "2026-11-05"));
  decisions.push_back(
      school.decide_leave(LeaveVerdict::forward, kOther, "2026-11-10", "2026-11-30"));
  decisions.push_back(
      school.decide_leave(LeaveVerdict::accept, kBelief, "2026-12-02", "2026-12-02"));
  decisions.push_back(
      school.decide_leave(LeaveVerdict::contest, kBelief, "2026-12-03", "2026-12-03"));
  school.mail_round(&sender);
  CHECK(addressees(sender) == Names(6, kMotherEmail));
  for (const auto& decision : decisions) {
    CHECK(school.attempt(kMother.account, decision)->standing == Standing::sent);
    CHECK_FALSE(school.attempt(kFather.account, decision).has_value());
  }
}

TEST_CASE("mail names no child and gives no reason, for it leaves the closed portal") {
  MailSchool school;
  FakeSender sender;
  school.decide_leave(LeaveVerdict::refuse);
  school.report_absence(kOffice);
  school.mail_round(&sender);
  REQUIRE(sender.mails.size() == 3);
  for (const auto& mail : sender.mails) {
    const auto body = body_of(mail.text);
    for (const char* text : {"Fenna", "Sietske", "bruiloft", "Omdat", "child_", "2017"}) {
      CHECK_FALSE(body.contains(text));
      CHECK_FALSE(mail.text.contains(text));
    }
  }
}

TEST_CASE("guardians with authority are told of an absence, but for who entered it himself") {
  const auto told_after = [](const Actor& actor) {
    MailSchool school;
    FakeSender sender;
    school.report_absence(actor);
    school.mail_round(&sender);
    return addressees(sender);
  };
  CHECK(told_after(kOffice) == Names{kFatherEmail, kMotherEmail});
  CHECK(told_after(kMother) == Names{kFatherEmail});
  // She rang the school: now she sees what was noted.
  CHECK(told_after(on_behalf_of(kOffice, kMother)) == Names{kFatherEmail, kMotherEmail});
}

TEST_CASE("who is no longer to be told gets nothing, and nothing is claimed for him") {
  MailSchool school;
  FakeSender sender;
  const auto absent = school.report_absence(kOffice);
  SECTION("blocked") { school.block(kMother.account); }
  SECTION("closed") {
    school.by(kDirector, made<CloseAccount>([](auto& c) {
                c.account = kMother.account;
                c.last_day = day("2026-10-04");
              }));
  }
  SECTION("without authority") {
    school.by(kOffice, made<RecordGuardianAuthority>([](auto& c) {
                c.child = kChild;
                c.guardian = kMother.account;
                c.authority = Authority::without;
              }));
  }
  SECTION("shielded from") {
    school.by(kOffice, [](vault::Sealer& sealer) -> events::CommandBody {
      const auto reason = sealer.seal({SubjectKind::child, kChild.value},
                                      RetentionClass::identity_attendance, "Een uitspraak");
      return made<RaiseShield>([&](auto& c) {
        c.child = kChild;
        c.against = kMother.account;
        c.reason = *reason;
      });
    });
  }
  SECTION("mail switched off") {
    school.by({kMother.account, Role::guardian, {}}, made<ChooseChannels>([](auto& c) {
                c.account = kMother.account;
                c.mail = false;
              }));
  }
  SECTION("erased") {
    const auto keys = school.node().vault.keys().of_subject(
        kSchool, {SubjectKind::account, kMother.account.value});
    REQUIRE(keys.has_value());
    std::vector<KeyId> ids;
    for (const auto& key : *keys) ids.push_back(key.id);
    REQUIRE(school.node().vault.keys().destroy(ids).has_value());
  }
  school.mail_round(&sender);
  CHECK(addressees(sender) == Names{kFatherEmail});
  CHECK_FALSE(school.attempt(kMother.account, absent).has_value());
  CHECK(school.outbox().empty());
}

TEST_CASE("an account that never came in gets its invitation, and nothing else") {
  MailSchool school;
  FakeSender sender;
  school.open_account(kNew, contact(kNewEmail));
  school.by(kDirector, made<LinkGuardian>([](auto& c) {
              c.child = kChild;
              c.guardian = kNew;
              c.authority = Authority::with;
              c.household = 1;
              c.contact_order = 4;
            }));
  school.report_absence(kOffice);
  school.invite(kNew);
  school.mail_round(&sender);
  CHECK(addressees(sender) == Names{kFatherEmail, kNewEmail, kMotherEmail});
  const auto to_new = std::ranges::find(sender.mails, kNewEmail, &reactions::Mail::to);
  CHECK(header_of(to_new->text, "Message-ID").starts_with("<mail_"));
  CHECK(body_of(to_new->text).contains("/invitations/"));
}

TEST_CASE("an absence that was taken back is no news any more") {
  MailSchool school;
  FakeSender sender;
  school.report_absence(kOffice);
  school.by(kOffice, made<WithdrawAbsence>([](auto& c) {
              c.child = kChild;
              c.absence = numbered<AbsenceId>(1);
            }));
  school.mail_round(&sender);
  CHECK(sender.mails.empty());
  CHECK(school.outbox().empty());
}

TEST_CASE("only the newest invitation is mailed, and none that was accepted") {
  MailSchool school;
  FakeSender sender;
  school.open_account(kNew, contact(kNewEmail));
  school.invite(kNew);
  const auto newest = school.invite(kNew);
  SECTION("of two") {
    school.mail_round(&sender);
    REQUIRE(sender.mails.size() == 1);
    CHECK(body_of(sender.mails[0].text).contains(school.code_of(newest)));
  }
  SECTION("accepted by a letter before the mail went") {
    school.come_in(kNew);
    school.mail_round(&sender);
    CHECK(sender.mails.empty());
  }
}

TEST_CASE("who asks for a new password gets one mail with the link, and an unknown address none") {
  MailSchool school;
  FakeSender sender;
  auto& logins = school.node().vault.logins();
  const auto mother = logins.identity_of(kMotherEmail);
  const auto nobody = logins.identity_of("niemand@thuis.example");
  REQUIRE(mother);
  REQUIRE(nobody);
  REQUIRE(logins.join(*mother, {kSchool, kMother.account}).has_value());
  REQUIRE(reactions::ask_for_reset(school.node(), *nobody).has_value());
  school.mail_round(&sender);
  CHECK(sender.mails.empty());
  REQUIRE(reactions::ask_for_reset(school.node(), *mother).has_value());
  school.mail_round(&sender);
  school.mail_round(&sender);
  REQUIRE(sender.mails.size() == 1);
  CHECK(sender.mails[0].to == kMotherEmail);
  CHECK(body_of(sender.mails[0].text).contains(std::string(kPublicUrl) + "/password-resets/"));
  // Asking again at once makes no second one.
  REQUIRE(reactions::ask_for_reset(school.node(), *mother).has_value());
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 1);
}

TEST_CASE("of two links for a new password only the newest is mailed") {
  MailSchool school;
  FakeSender sender;
  auto& logins = school.node().vault.logins();
  const auto mother = *logins.identity_of(kMotherEmail);
  REQUIRE(logins.join(mother, {kSchool, kMother.account}).has_value());
  REQUIRE(reactions::ask_for_reset(school.node(), mother).has_value());
  reactions::take_up_resets(school.node());
  school.later(10);
  REQUIRE(reactions::ask_for_reset(school.node(), mother).has_value());
  reactions::take_up_resets(school.node());
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 1);
}

TEST_CASE("who has no address that mail can go to is recorded so, once and for all") {
  const auto address = GENERATE(as<std::string>{}, "", R"({"phones":["0612345678"]})",
                                R"({"email":"email"})", R"({"email":"a@b.example, c@d.example"})",
                                R"({"email":"a@b.example\r\nBcc: c@d.example"})");
  CAPTURE(address);
  MailSchool school;
  FakeSender sender;
  school.open_account(kNew, address);
  school.invite(kNew);
  school.mail_round(&sender);
  school.later(600);
  school.mail_round(&sender);
  CHECK(sender.mails.empty());
  CHECK(school.deliveries(kNew) == Names{"DeliveryClaimed", "DeliveryFailed no_address for good"});
  CHECK(school.outbox().empty());
}

TEST_CASE("without a server mail waits, sealed, and goes when there is one") {
  MailSchool school;
  school.open_account(kNew, contact(kNewEmail));
  const auto invited = school.invite(kNew);
  school.report_absence(kOffice);
  school.mail_round(nullptr);
  CHECK(school.outbox().size() == 3);
  CHECK_FALSE(school.attempt(kNew, invited).has_value());
  const auto bytes = school.bytes_on_disk();
  for (const auto& text :
       {kNewEmail, std::string(kMotherEmail), std::string("Sietske"), std::string("Fenna"),
        school.code_of(invited), std::string("Goedendag"), to_text(kNew), to_text(invited)}) {
    CAPTURE(text);
    CHECK_FALSE(holds_text(bytes, text));
  }
  school.later(3 * 24 * 60);
  school.restart();
  FakeSender sender;
  school.mail_round(&sender);
  CHECK(addressees(sender) == Names{kFatherEmail, kNewEmail, kMotherEmail});
  CHECK(school.outbox().empty());
}

TEST_CASE("mail that comes too late isn't sent, and says so") {
  MailSchool school;
  FakeSender sender;
  school.open_account(kNew, contact(kNewEmail));
  school.invite(kNew, 2);
  school.mail_round(nullptr);
  school.restart();
  school.later(2 * 24 * 60);
  school.mail_round(&sender);
  CHECK(sender.mails.empty());
  CHECK(school.deliveries(kNew) == Names{"DeliveryClaimed", "DeliveryFailed expired for good"});
  CHECK(school.outbox().empty());
}

TEST_CASE("a log that is followed from its beginning is no reason to write again, or of old news") {
  MailSchool school;
  FakeSender sender;
  school.report_absence(kOffice);
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 2);
  // Nothing said how far it was: the cursor is lost.
  school.restart();
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 2);
  // Written down, it isn't read again.
  school.mail(&sender).close();
  school.restart();
  school.report_absence(kMother, numbered<AbsenceId>(2));
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 2);  // she added to what was known
}

}  // namespace klasboek::tests
