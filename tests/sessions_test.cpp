// Sessions as their owner sees them: listed, ended one by one, and all others with a new password.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

const std::string kPassword = "een zin als wachtwoord";
const std::string kNewPassword = "een nieuwe zin erbij";

/// A school with somebody who came in by an invitation and a password.
class WithPassword {
 public:
  WithPassword() {
    school.name("newcomer", ApiSchool::done(school.post("office", "/accounts",
                                                        {{"name", {{"family", "Nieuw"}}},
                                                         {"email", "nieuw@example.org"}}))["id"]);
    const auto invitation = ApiSchool::done(
        school.post("office", "/invitations", {{"account", school.id("newcomer")}}));
    const auto accepted =
        school.send("POST", "/v1/invitations/" + invitation["code"].get<std::string>(), "",
                    json{{"password", kPassword}}.dump(), {{"User-Agent", "Laptop"}});
    first = ApiSchool::done(accepted)["token"];
  }

  ApiAnswer log_in(const std::string& password, const std::string& program = "Telefoon") {
    return school.send("POST", "/v1/sessions", "",
                       json{{"email", "nieuw@example.org"}, {"password", password}}.dump(),
                       {{"User-Agent", program}});
  }
  std::string token(const std::string& password) {
    return ApiSchool::done(log_in(password))["token"];
  }
  ApiAnswer with(const std::string& token, const std::string& method, const std::string& target,
                 const std::string& body = "") {
    return school.send(method, target, "", body, {{"Authorization", "Bearer " + token}});
  }
  int status(const std::string& token) { return with(token, "GET", "/v1/me").status; }

  ApiSchool school;
  std::string first;
};

TEST_CASE("my sessions are listed, each with what it was begun by, and this one is marked") {
  WithPassword person;
  const auto second = person.token(kPassword);
  const auto items = ApiSchool::done(person.with(second, "GET", "/v1/me/sessions"))["items"];
  REQUIRE(items.size() == 2);
  for (const auto& item : items) {
    CHECK(item["current"] == (item["label"] == "Telefoon"));
    CHECK((item["label"] == "Telefoon" || item["label"] == "Laptop"));
  }
}

TEST_CASE("a session that its owner ends is over, and the others go on") {
  WithPassword person;
  const auto second = person.token(kPassword);
  const auto items = ApiSchool::done(person.with(second, "GET", "/v1/me/sessions"))["items"];
  for (const auto& item : items) {
    if (item["current"] == true) continue;
    CHECK(
        person.with(second, "DELETE", "/v1/me/sessions/" + item["id"].get<std::string>()).status ==
        204);
  }
  CHECK(person.status(person.first) == 401);
  CHECK(person.status(second) == 200);
  CHECK(ApiSchool::done(person.with(second, "GET", "/v1/me/sessions"))["items"].size() == 1);
}

TEST_CASE("another one's session looks like none") {
  WithPassword person;
  const auto items = ApiSchool::done(person.with(person.first, "GET", "/v1/me/sessions"))["items"];
  const auto target = "/v1/me/sessions/" + items[0]["id"].get<std::string>();
  const auto refused = person.school.send("DELETE", target, "mother", "");
  CHECK(refused.status == 404);
  const auto missing = person.school.send(
      "DELETE", "/v1/me/sessions/session_01h455vb4pex5vsknk084sn02q", "mother", "");
  CHECK(refused.response.body == missing.response.body);
  CHECK(person.status(person.first) == 200);
}

TEST_CASE("whoever logs out has one session less in the list") {
  WithPassword person;
  const auto second = person.token(kPassword);
  CHECK(person.with(second, "DELETE", "/v1/sessions/current").status == 204);
  CHECK(ApiSchool::done(person.with(person.first, "GET", "/v1/me/sessions"))["items"].size() == 1);
}

TEST_CASE("a new password asks for the old one and ends every other session") {
  WithPassword person;
  const auto second = person.token(kPassword);
  const auto change = [&](const std::string& old_password, const std::string& new_password) {
    return person.with(second, "PUT", "/v1/me/password",
                       json{{"old_password", old_password}, {"new_password", new_password}}.dump());
  };
  CHECK(change("een heel andere zin", kNewPassword).status == 422);
  const auto leaked = change(kPassword, "welkom2026");
  CHECK(leaked.status == 422);
  CHECK(leaked.body["errors"][0]["code"] == "leaked");
  CHECK(person.status(person.first) == 200);
  CHECK(change(kPassword, kNewPassword).status == 204);
  CHECK(person.status(person.first) == 401);
  CHECK(person.status(second) == 200);
  CHECK(person.log_in(kPassword).status == 401);
  CHECK(person.log_in(kNewPassword).status == 201);
}

TEST_CASE("whoever guesses the old password with a session is held up") {
  WithPassword person;
  const auto guess = [&] {
    return person.with(
        person.first, "PUT", "/v1/me/password",
        json{{"old_password", "een verkeerde zin"}, {"new_password", kNewPassword}}.dump());
  };
  for (int i = 0; i < 5; ++i) CHECK(guess().status == 422);
  CHECK(guess().status == 429);
}

}  // namespace
}  // namespace klasboek::tests
