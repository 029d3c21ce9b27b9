// Mail by a real SMTP server program: what arrives, and what becomes of it when the server refuses,
// hangs up, is silent or is away.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <sstream>

#include "reactions/mail_smtp.h"
#include "tests/support/mail_school.h"
#include "tests/support/smtp_server.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::delivery::Standing;
using reactions::parse_smtp_server;
using reactions::SendOutcome;
using Names = std::vector<std::string>;

constexpr std::chrono::milliseconds kShort{300};

std::unique_ptr<reactions::MailSender> sender_to(
    const std::string& url, const std::string& ca_file = {},
    std::chrono::milliseconds send_max = std::chrono::seconds(60)) {
  auto server = parse_smtp_server(url);
  REQUIRE(server.has_value());
  server->ca_file = ca_file;
  server->send_max = send_max;
  return reactions::make_smtp_sender(*std::move(server), kMailFrom);
}

/// A school, a server, and a decision that is to be told to the mother.
struct OneMail {
  SmtpServer server;
  MailSchool school;
  std::unique_ptr<reactions::MailSender> sender = sender_to(server.url());
  EventId cause = school.decide_leave(LeaveVerdict::grant);

  void round() { school.mail_round(sender.get()); }
  [[nodiscard]] Names deliveries() const { return school.deliveries(kMother.account); }
};

/// A certificate for 127.0.0.1 that signs itself, made on the spot.
struct Certificate {
  TemporaryDirectory directory;
  std::string certificate = directory / "certificate.pem";
  std::string key = directory / "key.pem";
  Certificate() {
    const auto command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
        "-addext subjectAltName=IP:127.0.0.1 -keyout " +
        key + " -out " + certificate + " 2>" + (directory / "words").string();
    REQUIRE(std::system(command.c_str()) == 0);
  }
};

}  // namespace

TEST_CASE("an invitation, a decision and a notice of absence arrive once each") {
  constexpr auto kNew = numbered<AccountId>(77);
  SmtpServer server;
  MailSchool school;
  const auto sender = sender_to(server.url());
  school.open_account(kNew, contact("nienke.nieuw@thuis.example"));
  const auto invited = school.invite(kNew);
  school.decide_leave(LeaveVerdict::refuse);
  school.report_absence(kMother);
  for (int round = 0; round < 3; ++round) school.mail_round(sender.get());
  const auto mails = server.mails(3);
  REQUIRE(mails.size() == 3);
  std::map<std::string, std::string> by_addressee;
  for (const auto& mail : mails) {
    CAPTURE(mail);
    CHECK(header_of(mail, "X-Envelope-From") == kMailFrom);
    CHECK(header_of(mail, "X-Helo") == "school.example");
    CHECK(header_of(mail, "To") == "<" + header_of(mail, "X-Envelope-To") + ">");
    CHECK(header_of(mail, "From") ==
          "=?UTF-8?B?QmFzaXNzY2hvb2wgRGUgS3Jha2VlbmQgw6nDqW4=?= <klasboek@school.example>");
    CHECK(header_of(mail, "Date") == "Mon, 5 Oct 2026 08:00:00 +0000");
    CHECK(header_of(mail, "Auto-Submitted") == "auto-generated");
    CHECK(header_of(mail, "Message-ID").ends_with("@school.example>"));
    CHECK(body_of(mail).contains(kSchoolName));
    by_addressee[header_of(mail, "X-Envelope-To")] = mail;
  }
  const auto invitation = by_addressee.at("nienke.nieuw@thuis.example");
  CHECK(header_of(invitation, "Subject").starts_with("=?UTF-8?B?"));
  CHECK(body_of(invitation).contains(school.code_of(invited)));
  CHECK(header_of(by_addressee.at(kMotherEmail), "Subject") == "Bericht over uw verlofaanvraag");
  CHECK(header_of(by_addressee.at(kFatherEmail), "Subject") == "Er is een afwezigheid gemeld");
  CHECK(school.outbox().empty());
}

TEST_CASE("a 4xx is tried again later, and says so in the log") {
  OneMail one;
  one.server.rule(GENERATE(as<std::string>{}, "rcpt 450", "data 451"));
  one.round();
  CHECK(one.server.mails().empty());
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed refused"});
  one.server.rule("take");
  one.round();
  CHECK(one.server.mails().empty());
  one.school.later(1);
  one.round();
  CHECK(one.server.mails(1).size() == 1);
  CHECK(one.school.attempt(kMother.account, one.cause)->count == 2);
}

TEST_CASE("a 5xx is for good") {
  OneMail one;
  one.server.rule(GENERATE(as<std::string>{}, "rcpt 550", "data 554"));
  one.round();
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed refused for good"});
  one.server.rule("take");
  one.school.later(24 * 60);
  one.round();
  CHECK(one.server.mails().empty());
  CHECK(one.school.outbox().empty());
}

TEST_CASE("a mail whose answer was lost is sent again, as the same mail, and counted") {
  OneMail one;
  one.server.rule("keep-drop");
  one.round();
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed no_answer"});
  one.server.rule("take");
  one.school.later(5);
  one.round();
  const auto mails = one.server.mails(2);
  REQUIRE(mails.size() == 2);
  CHECK(header_of(mails[0], "Message-ID") == header_of(mails[1], "Message-ID"));
  CHECK(one.school.attempt(kMother.account, one.cause)->count == 2);
  CHECK(one.school.outbox().empty());
}

TEST_CASE("a server that hangs up or is silent after the text gets it again later") {
  OneMail one;
  one.sender = sender_to(one.server.url(), {}, kShort);
  one.server.rule(GENERATE(as<std::string>{}, "drop", "hang"));
  one.round();
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed no_answer"});
  one.server.rule("take");
  one.school.later(5);
  one.school.restart();
  one.sender = sender_to(one.server.url());
  one.round();
  CHECK(one.server.mails(1).size() == 1);
  CHECK(one.school.outbox().empty());
}

TEST_CASE("while the server is away mail waits, sealed, and arrives when it is back") {
  OneMail one;
  one.server.stop();
  one.round();
  CHECK(one.deliveries().empty());
  CHECK(one.school.outbox().size() == 1);
  const auto bytes = one.school.bytes_on_disk();
  for (const char* text : {kMotherEmail, kFatherEmail, "Sietske", "Fenna", "Goedendag"}) {
    CHECK_FALSE(holds_text(bytes, text));
  }
  one.school.restart();
  one.server.start();
  one.school.later(10);
  one.round();
  CHECK(one.server.mails(1).size() == 1);
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliverySent"});
}

TEST_CASE("a stop between claim and answer loses nothing") {
  OneMail one;
  std::stop_source stop;
  /// Asks to stop while the text is on its way.
  class Stopping final : public reactions::MailSender {
   public:
    Stopping(reactions::MailSender& to, std::stop_source& ending) : to_(to), ending_(ending) {}
    SendOutcome reach(const std::stop_token& asked) override { return to_.reach(asked); }
    SendOutcome send(const reactions::Mail& mail, const std::stop_token& asked) override {
      ending_.request_stop();
      return to_.send(mail, asked);
    }

   private:
    reactions::MailSender& to_;
    std::stop_source& ending_;
  };
  one.server.rule("hang");
  Stopping stopping(*one.sender, stop);
  one.school.mail(&stopping).round(stop.get_token());
  CHECK(one.deliveries() == Names{"DeliveryClaimed"});
  one.school.restart();
  one.server.stop();
  one.server.start();
  one.round();
  CHECK(one.server.mails().empty());
  one.school.later(10);
  one.round();
  CHECK(one.server.mails(1).size() == 1);
  CHECK(one.school.attempt(kMother.account, one.cause)->count == 2);
}

TEST_CASE("a server that wants a log-in gets it, and a wrong one gives up no mail") {
  SmtpServer server({"--login", "portaal", "een: wacht@woord"});
  MailSchool school;
  const auto cause = school.decide_leave(LeaveVerdict::grant);
  const auto at = [&](const std::string& login) {
    return sender_to("smtp://" + login + "@127.0.0.1:" + std::to_string(server.port()));
  };
  const auto wrong = at("portaal:verkeerd");
  CHECK(wrong->reach({}) == SendOutcome::not_served);
  school.mail_round(wrong.get());
  CHECK_FALSE(school.attempt(kMother.account, cause).has_value());
  school.restart();
  const auto right = at("portaal:een%3A%20wacht%40woord");
  school.mail_round(right.get());
  CHECK(header_of(server.mails(1).at(0), "X-Login") == "portaal");
}

TEST_CASE("what the server offers of TLS is taken, and a stranger's certificate isn't") {
  const Certificate own;
  const Certificate strange;
  SmtpServer server({"--tls", own.certificate, own.key});
  MailSchool school;
  const auto cause = school.decide_leave(LeaveVerdict::grant);
  const auto distrustful = sender_to(server.url(), strange.certificate);
  school.mail_round(distrustful.get());
  CHECK_FALSE(school.attempt(kMother.account, cause).has_value());
  school.restart();
  const auto trusting = sender_to(server.url(), own.certificate);
  school.mail_round(trusting.get());
  CHECK(header_of(server.mails(1).at(0), "X-Tls") == "yes");
}

TEST_CASE("a password goes to another machine by TLS only") {
  CHECK(parse_smtp_server("smtp://u:p@mail.school.example")->needs_tls);
  CHECK_FALSE(parse_smtp_server("smtp://u:p@127.0.0.1:25")->needs_tls);
  CHECK_FALSE(parse_smtp_server("smtp://mail.school.example")->needs_tls);
  // A server without TLS is told nothing.
  SmtpServer server;
  auto plain = parse_smtp_server(server.url());
  REQUIRE(plain.has_value());
  plain->needs_tls = true;
  const auto sender = reactions::make_smtp_sender(*std::move(plain), kMailFrom);
  CHECK(sender->reach({}) == SendOutcome::not_served);
}

TEST_CASE("a mail server that can't be one is refused without being repeated") {
  for (const char* text : {"mail.school.example", "http://mail.school.example", "smtp://",
                           "smtp://u:p@", "smtp://mail.school.example/naar",
                           "smtp://mail.school.example?a=geheim", "smtp://a:b:c@d"}) {
    CAPTURE(text);
    const auto server = parse_smtp_server(text);
    if (std::string_view(text) == "smtp://a:b:c@d") {
      CHECK(server->password == "b:c");
      continue;
    }
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().starts_with("must be smtp://"));
  }
  CHECK(parse_smtp_server("smtps://mail.school.example:465")->url ==
        "smtps://mail.school.example:465");
}

}  // namespace klasboek::tests
