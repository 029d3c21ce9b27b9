// What becomes of a mail that the server doesn't take, and of a node that dies over it.
#include <catch2/catch.hpp>

#include "reactions/mail_run.h"
#include "tests/support/mail_school.h"
#include "tests/support/smtp_server.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::delivery::Standing;
using reactions::MailState;
using reactions::SendOutcome;
using Names = std::vector<std::string>;

/// A school in which one decision is to be told to the mother.
struct OneMail {
  MailSchool school;
  FakeSender sender;
  EventId cause = school.decide_leave(LeaveVerdict::grant);

  void round() { school.mail_round(&sender); }
  [[nodiscard]] std::uint32_t claims() const {
    const auto attempt = school.attempt(kMother.account, cause);
    return attempt ? attempt->count : 0;
  }
  [[nodiscard]] Names deliveries() const { return school.deliveries(kMother.account); }
};

}  // namespace

TEST_CASE("what the server refuses for now is tried again, later and later") {
  OneMail one;
  one.sender.outcomes.assign(3, SendOutcome::refused_for_now);
  one.round();
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed refused"});
  one.round();
  CHECK(one.sender.mails.size() == 1);
  REQUIRE(one.school.outbox().size() == 1);
  CHECK(one.school.outbox()[0].state == MailState::retrying);
  one.school.later(1);
  one.round();
  CHECK(one.sender.mails.size() == 2);
  one.school.later(4);
  one.round();
  CHECK(one.sender.mails.size() == 2);
  one.school.later(1);
  one.round();
  CHECK(one.sender.mails.size() == 3);
  one.school.later(15);
  one.round();
  CHECK(one.sender.mails.size() == 4);
  CHECK(one.school.attempt(kMother.account, one.cause)->standing == Standing::sent);
  CHECK(one.claims() == 4);
  // It is one mail: who gets it twice can tell.
  CHECK(header_of(one.sender.mails[0].text, "Message-ID") ==
        header_of(one.sender.mails[3].text, "Message-ID"));
  CHECK(one.school.outbox().empty());
}

TEST_CASE("what the server refuses for good is never tried again") {
  OneMail one;
  one.sender.outcomes.assign(1, SendOutcome::refused);
  one.round();
  one.school.later(24 * 60);
  one.round();
  CHECK(one.sender.mails.size() == 1);
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed refused for good"});
  CHECK(one.school.outbox().empty());
}

TEST_CASE("while the server is away nothing is claimed, and it is asked less and less often") {
  OneMail one;
  one.sender.reached = SendOutcome::no_answer;
  one.round();
  one.round();
  CHECK(one.sender.reaches == 1);
  for (int minute = 0; minute < 60; ++minute) {
    one.school.later(1);
    one.round();
  }
  CHECK(one.sender.reaches <= 16);
  CHECK(one.claims() == 0);
  CHECK(one.school.outbox().size() == 1);
  one.sender.reached = SendOutcome::sent;
  one.school.later(5);
  one.round();
  CHECK(one.sender.mails.size() == 1);
  CHECK(one.claims() == 1);
}

TEST_CASE("a server that goes away over one mail isn't tried with the next") {
  MailSchool school;
  FakeSender sender;
  school.report_absence(kOffice);
  sender.outcomes.assign(1, SendOutcome::no_answer);
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 1);
  school.later(5);
  school.mail_round(&sender);
  CHECK(sender.mails.size() == 3);
  CHECK(school.outbox().empty());
}

TEST_CASE("a server that doesn't want us gives up no mail") {
  OneMail one;
  one.sender.outcomes.assign(1, SendOutcome::not_served);
  one.round();
  CHECK(one.deliveries() == Names{"DeliveryClaimed", "DeliveryFailed refused"});
  one.school.later(5);
  one.round();
  CHECK(one.sender.mails.size() == 2);
  CHECK(one.school.outbox().empty());
}

TEST_CASE("a node that dies after its claim loses nothing: it runs out after ten minutes") {
  OneMail one;
  one.sender.outcomes.assign(1, SendOutcome::stopped);
  one.round();
  CHECK(one.deliveries() == Names{"DeliveryClaimed"});
  one.school.restart();
  one.round();
  one.school.later(9);
  one.round();
  CHECK(one.sender.mails.size() == 1);
  CHECK(one.school.outbox().at(0).state == MailState::sending);
  one.school.later(1);
  one.round();
  CHECK(one.sender.mails.size() == 2);
  CHECK(one.claims() == 2);
  CHECK(one.school.attempt(kMother.account, one.cause)->standing == Standing::sent);
}

TEST_CASE("of two nodes one sends, and the other lets go when it is done") {
  OneMail one;
  FakeSender others;
  reactions::MailRoom other(one.school.node(), {kMailFrom, kPublicUrl}, &others);
  REQUIRE(other.open().has_value());
  one.sender.meanwhile = [&] { other.round(); };
  one.round();
  CHECK(one.sender.mails.size() == 1);
  CHECK(others.mails.empty());
  CHECK(other.waiting() == 1);
  other.round();
  CHECK(other.waiting() == 0);
  one.school.later(60);
  other.round();
  CHECK(others.mails.empty());
  CHECK(one.claims() == 1);
}

TEST_CASE("the other node takes over what the first never finished") {
  OneMail one;
  FakeSender others;
  reactions::MailRoom other(one.school.node(), {kMailFrom, kPublicUrl}, &others);
  REQUIRE(other.open().has_value());
  one.sender.outcomes.assign(1, SendOutcome::stopped);
  one.round();
  other.round();
  CHECK(others.mails.empty());
  one.school.later(10);
  other.round();
  one.round();
  CHECK(others.mails.size() == 1);
  CHECK(one.sender.mails.size() == 1);
  CHECK(one.claims() == 2);
}

TEST_CASE("the pauses between tries grow to six hours") {
  constexpr std::int64_t kMinuteUs = 60'000'000;
  CHECK(reactions::retry_pause_us(1) == kMinuteUs);
  CHECK(reactions::retry_pause_us(2) == 5 * kMinuteUs);
  CHECK(reactions::retry_pause_us(6) == 360 * kMinuteUs);
  CHECK(reactions::retry_pause_us(600) == 360 * kMinuteUs);
}

TEST_CASE("mail runs by itself, and ends when it is asked to") {
  OneMail one;
  std::mutex mutex;
  std::condition_variable came;
  bool is_sent = false;
  one.sender.meanwhile = [&] {
    const std::lock_guard lock(mutex);
    is_sent = true;
    came.notify_all();
  };
  auto& room = one.school.mail(&one.sender);
  {
    const reactions::MailRun run(room);
    std::unique_lock lock(mutex);
    REQUIRE(came.wait_for(lock, std::chrono::seconds(60), [&] { return is_sent; }));
  }
  // It remembers how far it was.
  const auto& identity = one.school.node().shards.all()[0]->ledger().identity();
  const auto cursor = one.school.node().vault.cursors().next_position(
      {uuid_from_bytes(identity.log_id), identity.partition, "mail"});
  REQUIRE(cursor.has_value());
  CHECK(cursor->value_or(0) > 0);
}

}  // namespace klasboek::tests
