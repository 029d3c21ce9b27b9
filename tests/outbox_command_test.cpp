#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/mail_school.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

using nlohmann::json;

struct Shown {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Shown show(const MailSchool& school, bool as_json) {
  tools::Configuration configuration;
  configuration.data_dir = school.data_directory();
  configuration.master_key_file = school.master_key_file();
  std::ostringstream out;
  std::ostringstream err;
  const int exit_code = tools::outbox_show_command({configuration, as_json, out, err});
  return {exit_code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("outbox show counts what waits by kind and state, while the installation is open") {
  MailSchool school;
  FakeSender sender;
  CHECK(show(school, false).out == "no mail waits\n");
  const auto absent = school.report_absence(kOffice);
  school.mail_round(nullptr);
  school.restart();
  sender.outcomes.assign(1, reactions::SendOutcome::refused_for_now);
  school.decide_leave(events::LeaveVerdict::grant);
  sender.outcomes.assign(3, reactions::SendOutcome::refused_for_now);
  school.mail_round(&sender);
  school.mail_round(&sender);
  const auto shown = show(school, true);
  REQUIRE(shown.exit_code == tools::kDone);
  const auto found = json::parse(shown.out);
  const json counts = json::parse(
      R"([{"message":"absence_notice","state":"retrying","count":2},
          {"message":"leave_decision","state":"retrying","count":1}])");
  CHECK(found["counts"] == counts);
  REQUIRE(found["mails"].size() == 3);
  int of_absence = 0;
  for (const auto& mail : found["mails"]) {
    CHECK(mail["claims"] == 1);
    CHECK(mail["school"] == events::to_text(kSchool));
    if (mail["cause"] == events::to_text(absent)) ++of_absence;
  }
  CHECK(of_absence == 2);
  const auto lines = show(school, false).out;
  CHECK(lines.starts_with("absence_notice  retrying  2\nleave_decision  retrying  1\n"));
  for (const char* text : {kMotherEmail, "Sietske", "Fenna", "Goedendag"}) {
    CHECK_FALSE(lines.contains(text));
    CHECK_FALSE(shown.out.contains(text));
  }
}

TEST_CASE("outbox show says what is wrong with a place where there is nothing") {
  const TemporaryDirectory empty;
  tools::Configuration configuration;
  configuration.data_dir = empty / "data";
  configuration.master_key_file = empty / "master.key";
  std::ostringstream out;
  std::ostringstream err;
  CHECK(tools::outbox_show_command({configuration, false, out, err}) == tools::kCannotOpen);
  CHECK(err.str().contains("master.key"));
  CHECK(out.str().empty());
}

}  // namespace klasboek::tests
