// The real program, killed while a mail is on its way: nothing is lost, and what may be double is
// known as one mail and counted.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reactions/mail_smtp.h"
#include "tests/support/mail_school.h"
#include "tests/support/server_program.h"
#include "tests/support/smtp_server.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

using nlohmann::json;

std::int64_t real_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

json outbox_of(const tools::Configuration& configuration) {
  std::ostringstream out;
  std::ostringstream err;
  REQUIRE(tools::outbox_show_command({configuration, true, out, err}) == tools::kDone);
  return json::parse(out.str())["mails"];
}

/// The invitation of a new school's director, on its way when the program is killed.
void kill_over_a_mail(const std::string& rule, std::size_t copies) {
  const TemporaryDirectory directory;
  tools::Configuration configuration;
  configuration.data_dir = directory / "data";
  configuration.master_key_file = configuration.data_dir + ".master.key";
  std::ostringstream out;
  std::ostringstream err;
  tools::SchoolOptions options;
  options.name = "De Regenboog";
  options.director_name = "Wilma Voorbeeld";
  options.director_email = "directie@school.example";
  REQUIRE(tools::school_create_command({configuration, true, out, err}, options) == tools::kDone);

  SmtpServer server;
  server.rule(rule);
  {
    ServerProgram program(
        {KLASBOEK_PROGRAM,
         {"serve", "--data", configuration.data_dir, "--listen", "127.0.0.1:0"},
         {"KLASBOEK_MAIL_SERVER=" + server.url(), "KLASBOEK_MAIL_FROM=" + std::string(kMailFrom)},
         {}});
    server.wait_until_held(1);
    program.kill();
    CHECK(program.end().was_killed);
  }
  REQUIRE(outbox_of(configuration).size() == 1);
  CHECK(outbox_of(configuration)[0]["state"] == "sending");
  CHECK(outbox_of(configuration)[0]["claims"] == 1);

  // Ten minutes later, by another clock.
  server.rule("take");
  auto later = reactions::Installation::open(
      tools::place_of(configuration),
      [] { return real_now_us() + aggregates::delivery::kClaimTermUs; }, vault::system_random());
  REQUIRE(later.has_value());
  const auto sender =
      reactions::make_smtp_sender(reactions::parse_smtp_server(server.url()).value(), kMailFrom);
  reactions::MailRoom room((*later)->node(), {kMailFrom, kPublicUrl}, sender.get());
  REQUIRE(room.open().has_value());
  room.round();
  CHECK(room.waiting() == 0);
  const auto mails = server.mails(copies);
  REQUIRE(mails.size() == copies);
  for (const auto& mail : mails) {
    CHECK(header_of(mail, "Message-ID") == header_of(mails[0], "Message-ID"));
    CHECK(body_of(mail).contains(std::string(json::parse(out.str())["invitation"])));
  }
  int claims = 0;
  const auto& ledger = (*later)->node().shards.all()[0]->ledger();
  ledger.read_school(ledger.schools().at(0), 0, [&](const events::RecordedEvent& event) {
    if (std::holds_alternative<events::DeliveryClaimed>(event.body)) ++claims;
    return true;
  });
  CHECK(claims == 2);
}

}  // namespace

TEST_CASE("killed before the server has it, the mail arrives later") {
  kill_over_a_mail("hang", 1);
}

TEST_CASE("killed before the server's answer, the mail comes twice, is one, and is counted") {
  kill_over_a_mail("keep-hang", 2);
}

}  // namespace klasboek::tests
