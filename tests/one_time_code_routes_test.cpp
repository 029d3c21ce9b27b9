// One-time codes over the API: who has one logs in with it, and a school may ask it of its staff.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"
#include "tests/support/authenticator.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

const std::string kPassword = "een zin als wachtwoord";

/// The office has a new colleague, who directs the school too and has a password.
class Colleague {
 public:
  Colleague() {
    school.name("colleague", ApiSchool::done(school.post("office", "/accounts",
                                                         {{"name", {{"family", "Nieuw"}}},
                                                          {"email", "nieuw@example.org"}}))["id"]);
    ApiSchool::done(school.post("director", "/accounts/" + school.id("colleague") + "/roles",
                                {{"role", "director"}, {"first_day", "2026-08-24"}}));
    const auto invitation = ApiSchool::done(
        school.post("office", "/invitations", {{"account", school.id("colleague")}}));
    token = ApiSchool::done(school.send("POST",
                                        "/v1/invitations/" + invitation["code"].get<std::string>(),
                                        "", json{{"password", kPassword}}.dump()))["token"];
  }

  ApiAnswer with(const std::string& method, const std::string& target,
                 const std::string& body = "") {
    return school.send(method, target, "", body, {{"Authorization", "Bearer " + token}});
  }
  ApiAnswer log_in(const std::string& code = "") {
    json body = {{"email", "nieuw@example.org"}, {"password", kPassword}};
    if (!code.empty()) body["one_time_code"] = code;
    return school.send("POST", "/v1/sessions", "", body.dump());
  }
  void set_up() {
    secret = ApiSchool::done(with("POST", "/v1/me/totp"))["secret"];
    CHECK(with("PUT", "/v1/me/totp", json{{"code", code_now()}}.dump()).status == 204);
    // The code that confirmed it isn't one to log in with.
    school.on("2026-10-05 10:02");
  }
  std::string code_now() const { return code_shown(secret, school.now_us()); }

  ApiSchool school;
  std::string token;
  std::string secret;
};

TEST_CASE("who has set up a one-time code logs in with it, once per code") {
  Colleague person;
  CHECK(person.log_in().status == 201);
  person.set_up();
  CHECK(person.log_in().code() == "one_time_code_missing");
  CHECK(person.log_in("000000").code() == "one_time_code_wrong");
  const auto code = person.code_now();
  CHECK(person.log_in(code).status == 201);
  CHECK(person.log_in(code).code() == "one_time_code_wrong");
}

TEST_CASE("with a wrong password nobody hears whether there is a one-time code") {
  Colleague person;
  person.set_up();
  const auto guess = [&](const std::string& email) {
    return person.school.send(
        "POST", "/v1/sessions", "",
        json{{"email", email}, {"password", "een verkeerde zin"}, {"one_time_code", "000000"}}
            .dump());
  };
  CHECK(guess("nieuw@example.org").code() == "login_failed");
  CHECK(guess("niemand@example.org").code() == "login_failed");
}

TEST_CASE("guesses at the code are held up as guesses at the password are") {
  Colleague person;
  person.set_up();
  for (int i = 0; i < 5; ++i) CHECK(person.log_in("000000").status == 401);
  CHECK(person.log_in("000000").status == 429);
}

TEST_CASE("a session without the code can't take it away or replace it") {
  Colleague person;
  person.set_up();
  CHECK(person.with("DELETE", "/v1/me/totp").code() == "one_time_code_required");
  CHECK(person.with("POST", "/v1/me/totp").code() == "one_time_code_required");
  person.token = ApiSchool::done(person.log_in(person.code_now()))["token"];
  CHECK(person.with("DELETE", "/v1/me/totp").status == 204);
  CHECK(person.log_in().status == 201);
}

TEST_CASE("an invitation to a second school lets nobody in past the code") {
  Colleague person;
  person.set_up();
  auto& school = person.school;
  const auto theirs = [&](const std::string& path, const json& body) {
    return ApiSchool::done(school.send("POST", "/v1/schools/" + school.id("their_school") + path,
                                       "stranger", body.dump()));
  };
  const auto account =
      theirs("/accounts", {{"name", {{"family", "Nieuw"}}}, {"email", "nieuw@example.org"}})["id"];
  const std::string code = theirs("/invitations", {{"account", account}})["code"];
  const auto accept = [&](const json& body) {
    return school.send("POST", "/v1/invitations/" + code, "", body.dump());
  };
  CHECK(accept({{"password", kPassword}}).code() == "one_time_code_missing");
  CHECK(accept({{"password", kPassword}, {"one_time_code", "000000"}}).code() ==
        "one_time_code_wrong");
  person.token = ApiSchool::done(
      accept({{"password", kPassword}, {"one_time_code", person.code_now()}}))["token"];
  // It is a session with the code.
  CHECK(person.with("DELETE", "/v1/me/totp").status == 204);
}

TEST_CASE("guesses at a password by an invitation are held up too") {
  Colleague person;
  auto& school = person.school;
  const auto theirs = [&](const std::string& path, const json& body) {
    return ApiSchool::done(school.send("POST", "/v1/schools/" + school.id("their_school") + path,
                                       "stranger", body.dump()));
  };
  const auto account =
      theirs("/accounts", {{"name", {{"family", "Nieuw"}}}, {"email", "nieuw@example.org"}})["id"];
  const std::string code = theirs("/invitations", {{"account", account}})["code"];
  const auto guess = [&] {
    return school.send("POST", "/v1/invitations/" + code, "",
                       json{{"password", "een verkeerde zin"}}.dump());
  };
  for (int i = 0; i < 5; ++i) CHECK(guess().status == 422);
  CHECK(guess().status == 429);
}

TEST_CASE("where a school asks it, its staff get nowhere without a code, and guardians do") {
  Colleague person;
  auto& school = person.school;
  const auto ask_of_all = [&] {
    return person.with("PUT", school.root() + "/staff-codes", R"({"required":true})");
  };
  CHECK(ask_of_all().code() == "own_code_first");
  person.set_up();
  person.token = ApiSchool::done(person.log_in(person.code_now()))["token"];
  CHECK(ask_of_all().status == 200);
  CHECK(person.with("GET", school.root() + "/accounts").status == 200);
  for (const auto* who : {"director", "office", "teacher"}) {
    CAPTURE(who);
    CHECK(school.get(who, "/feed").code() == "one_time_code_required");
    const auto me = ApiSchool::done(school.send("GET", "/v1/me", who, ""));
    CHECK(me["schools"][0]["code_required"] == true);
    const auto feed = ApiSchool::done(school.send("GET", "/v1/feed", who, ""));
    CHECK(feed["code_required"][0] == school.id("school"));
  }
  CHECK(school.get("mother", "/feed").status == 200);
}

}  // namespace
}  // namespace klasboek::tests
