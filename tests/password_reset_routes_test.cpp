// A new password by the API: the link comes by the log, works once and ends every session; nobody
// learns by asking who has a log-in.
#include <catch2/catch.hpp>

#include "aggregates/account.h"
#include "aggregates/facts.h"
#include "reactions/invitation_code.h"
#include "reactions/password_reset.h"
#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

const std::string kPassword = "een zin als wachtwoord";
const std::string kNewPassword = "een nieuwe zin erbij";

class Forgetful {
 public:
  Forgetful() {
    school.name("newcomer", ApiSchool::done(school.post("office", "/accounts",
                                                        {{"name", {{"family", "Nieuw"}}},
                                                         {"email", "nieuw@example.org"}}))["id"]);
    const auto invitation = ApiSchool::done(
        school.post("office", "/invitations", {{"account", school.id("newcomer")}}));
    token = ApiSchool::done(school.send("POST",
                                        "/v1/invitations/" + invitation["code"].get<std::string>(),
                                        "", json{{"password", kPassword}}.dump()))["token"];
  }

  ApiAnswer ask(const std::string& email) {
    auto answer = school.send("POST", "/v1/password-resets", "", json{{"email", email}}.dump());
    reactions::take_up_resets(school.installation().node());
    return answer;
  }
  /// The code that the mail would hold; "" where nothing was asked.
  std::string code() {
    const auto& node = school.installation().node();
    const auto here = *events::parse_id<events::SchoolId>(school.id("school"));
    const auto account = *events::parse_id<events::AccountId>(school.id("newcomer"));
    const auto streams = node.shards.of(here).ledger().snapshot(here);
    aggregates::Facts facts(here, *streams, nullptr);
    const auto newest = facts.account(account).newest_reset;
    return newest ? reactions::reset_code(node.vault, here, *newest) : std::string();
  }
  ApiAnswer reset(const std::string& with_code, const std::string& password) {
    return school.send("POST", "/v1/password-resets/" + with_code, "",
                       json{{"password", password}}.dump());
  }
  int log_in(const std::string& password) {
    return school
        .send("POST", "/v1/sessions", "",
              json{{"email", "nieuw@example.org"}, {"password", password}}.dump())
        .status;
  }

  ApiSchool school;
  std::string token;
};

TEST_CASE("a link gives a new password once, and ends every session") {
  Forgetful person;
  CHECK(person.ask("Nieuw@example.org").status == 202);
  const auto code = person.code();
  REQUIRE_FALSE(code.empty());
  CHECK(person.reset(code, kNewPassword).status == 200);
  CHECK(person.log_in(kPassword) == 401);
  CHECK(person.log_in(kNewPassword) == 201);
  const auto old_session =
      person.school.send("GET", "/v1/me", "", "", {{"Authorization", "Bearer " + person.token}});
  CHECK(old_session.status == 401);
  CHECK(person.reset(code, "nog een andere zin").code() == "reset_used");
  CHECK(person.log_in(kNewPassword) == 201);
}

TEST_CASE("asking tells nobody who has a log-in") {
  Forgetful person;
  const auto known = person.ask("nieuw@example.org");
  const auto unknown = person.ask("niemand@example.org");
  const auto no_address = person.ask("geen adres");
  CHECK(known.status == 202);
  for (const auto* other : {&unknown, &no_address}) {
    CHECK(other->status == known.status);
    CHECK(other->response.body == known.response.body);
    CHECK(other->response.headers == known.response.headers);
  }
}

TEST_CASE("a link is asked for a few times and then held up, whoever it is for") {
  Forgetful person;
  for (const auto* email : {"nieuw@example.org", "niemand@example.org"}) {
    for (int i = 0; i < 5; ++i) CHECK(person.ask(email).status == 202);
    CHECK(person.ask(email).status == 429);
  }
}

TEST_CASE("a made-up code, or that of an invitation, is none") {
  Forgetful person;
  CHECK(person.ask("nieuw@example.org").status == 202);
  auto code = person.code();
  code.back() = code.back() == '0' ? '1' : '0';
  CHECK(person.reset(code, kNewPassword).status == 404);
  const auto account = ApiSchool::done(
      person.school.post("office", "/accounts",
                         {{"name", {{"family", "Ander"}}}, {"email", "ander@example.org"}}))["id"];
  const auto invitation =
      ApiSchool::done(person.school.post("office", "/invitations", {{"account", account}}));
  CHECK(person.reset(invitation["code"], kNewPassword).status == 404);
  CHECK(person.log_in(kPassword) == 201);
}

TEST_CASE("a new password has to be a good one, and the link stays good for another try") {
  Forgetful person;
  CHECK(person.ask("nieuw@example.org").status == 202);
  const auto code = person.code();
  CHECK(person.reset(code, "kort").body["errors"][0]["code"] == "too_short");
  CHECK(person.reset(code, "Welkom2026").body["errors"][0]["code"] == "leaked");
  CHECK(person.reset(code, kNewPassword).status == 200);
}

}  // namespace
}  // namespace klasboek::tests
