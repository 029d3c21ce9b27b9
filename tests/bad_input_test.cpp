// What a client sends wrongly, kind by kind: the answer names it, and nothing was done.
#include <catch2/catch.hpp>

#include "tests/support/refusal.h"

namespace klasboek::tests {
namespace {

std::size_t events_of(ApiSchool& school) {
  const auto id = *events::parse_id<events::SchoolId>(school.id("school"));
  return school.installation().node().shards.of(id).ledger().school_head(id).next_sequence;
}

/// Sends it, and makes sure that nothing was recorded.
ApiAnswer refused(ApiSchool& school, const std::string& method, const std::string& path,
                  const std::string& who, const std::string& body,
                  const HeaderFields& fields = {}) {
  const auto before = events_of(school);
  auto answer = school.send(method, school.root() + path, who, body, fields);
  INFO(method << " " << path << ": " << answer.response.body);
  CHECK(answer.status >= 400);
  check_refusal(answer);
  CHECK(events_of(school) == before);
  return answer;
}

std::string error_at(const ApiAnswer& answer, const std::string& pointer) {
  for (const auto& error : answer.body.value("errors", json::array())) {
    if (error["pointer"] == pointer) return error["code"];
  }
  return "no error at " + pointer;
}

const std::string kGroupBody = R"({"name":"Groep 9","kind":"other"})";

TEST_CASE("malformed JSON is refused with the place, and not with the text") {
  ApiSchool school;
  const std::vector<std::string> bodies = {"{",
                                           "",
                                           "[]",
                                           "null",
                                           "{\"name\":}",
                                           "{\"name\":\"" + kCanary,
                                           "{\"name\":\"a\"} x",
                                           "{\"name\":\"a\",\"name\":\"b\",\"kind\":\"other\"}",
                                           "{'name':'a'}",
                                           "{\"name\":\"\xFF\",\"kind\":\"other\"}",
                                           "{\"name\":\"\\ud800\",\"kind\":\"other\"}",
                                           "{\"name\":NaN}",
                                           "{\"name\":\"a\tb\"}",
                                           std::string("{\"name\":\"a\0b\"}", 14)};
  for (const auto& body : bodies) {
    CAPTURE(body);
    const HeaderFields json_type = {{"Content-Type", "application/json"}};
    const auto answer = refused(school, "POST", "/groups", "office", body, json_type);
    CHECK(answer.code() == "malformed_json");
    CHECK(answer.status == 400);
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"name\":";
  CHECK(refused(school, "POST", "/groups", "office", deep).code() == "malformed_json");
}

TEST_CASE("a body that is too large is refused as such") {
  ApiSchool school;
  const auto body = R"({"name":")" + std::string(2 << 20, 'x') + R"(","kind":"other"})";
  const auto answer = refused(school, "POST", "/groups", "office", body);
  CHECK(answer.status == 413);
  CHECK(answer.code() == "body_too_large");
}

TEST_CASE("unknown members, wrong types and impossible days are all named at once") {
  ApiSchool school;
  const auto answer =
      refused(school, "POST", "/children", "office",
              R"({"name":{"given":7,"family":"A","nick":"B"},"birth_day":"2026-02-30",)"
              R"("first_day":"2026-13-01","group":")" +
                  kCanary + R"(","bsn":"1"})");
  CHECK(answer.code() == "invalid_body");
  CHECK(answer.status == 422);
  CHECK(error_at(answer, "/name/given") == "wrong_type");
  CHECK(error_at(answer, "/name/nick") == "unknown_member");
  CHECK(error_at(answer, "/birth_day") == "not_a_day");
  CHECK(error_at(answer, "/first_day") == "not_a_day");
  CHECK(error_at(answer, "/group") == "invalid_value");
  CHECK(error_at(answer, "/bsn") == "unknown_member");
}

TEST_CASE("days in the wrong order are refused by their rule") {
  ApiSchool school;
  const auto child = school.id("child");
  const json leave = {{"children", {child}},
                      {"ground", "other_circumstances"},
                      {"first_day", "2026-11-06"},
                      {"last_day", "2026-11-02"},
                      {"motivation", "Een bruiloft"}};
  CHECK(refused(school, "POST", "/leaves", "mother", leave.dump()).code() == "leave_days_invalid");
  json far = leave;
  far["first_day"] = "1900-01-01";
  far["last_day"] = "2199-12-31";
  CHECK(refused(school, "POST", "/leaves", "mother", far.dump()).code() ==
        "leave_outside_school_year");
  const json absence = {{"children", {child}},
                        {"reason", "ill"},
                        {"first_day", "2026-11-06"},
                        {"last_day", "2026-11-02"}};
  CHECK(refused(school, "POST", "/absences", "mother", absence.dump()).code() ==
        "absence_days_invalid");
  const json year = {
      {"first_day", "2028-08-01"}, {"last_day", "2027-08-01"}, {"periods", json::array()}};
  CHECK(refused(school, "PUT", "/school-years", "director", year.dump()).code() ==
        "school_year_invalid");
}

TEST_CASE("ids that nobody has, of another kind or of another school are not found") {
  ApiSchool school;
  const std::string unknown = events::to_text(events::ChildId{{1, 2}});
  for (const auto& id : {unknown, school.id("mother"), std::string("child_"), kCanary,
                         std::string("child_zzzzzzzzzzzzzzzzzzzzzzzzzz"), std::string("%00")}) {
    CAPTURE(id);
    const auto answer = school.send("GET", school.root() + "/children/" + id, "office", "");
    check_refusal(answer);
    CHECK((answer.status == 404 || answer.code() == "malformed_request"));
  }
  // Another school's group is not here, and what is here isn't theirs.
  CHECK(refused(school, "PATCH", "/groups/" + school.id("their_class"), "office",
                R"({"name":"Onze"})")
            .code() == "group_not_found");
  const json enrol = {{"name", {{"family", "A"}}},
                      {"birth_day", "2020-01-01"},
                      {"group", school.id("their_class")}};
  CHECK(refused(school, "POST", "/children", "office", enrol.dump()).code() == "group_not_found");
  CHECK(refused(school, "GET", "", "stranger", "").status == 404);
  const auto theirs = "/v1/schools/" + school.id("their_school");
  CHECK(school.send("GET", theirs, "director", "").status == 404);
  CHECK(school.send("GET", theirs + "/groups/" + school.id("class"), "stranger", "").status == 404);
}

TEST_CASE(
    "a key that was used for another request is refused, one for the same repeats its answer") {
  ApiSchool school;
  const HeaderFields key = {{"Idempotency-Key", "once"}};
  const auto send = [&](const std::string& method, const std::string& path,
                        const std::string& body) {
    return school.send(method, school.root() + path, "office", body, key);
  };
  const auto first = send("POST", "/groups", kGroupBody);
  CHECK(first.status == 201);
  // The same document, laid out otherwise.
  const auto again = send("POST", "/groups", R"({ "kind": "other", "name": "Groep 9" })");
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  const auto before = events_of(school);
  for (const auto& [method, path, body] :
       {std::tuple("POST", std::string("/groups"), std::string(R"({"name":"B","kind":"other"})")),
        std::tuple("PATCH", "/groups/" + school.id("class"), kGroupBody),
        std::tuple("DELETE",
                   "/children/" + school.id("child") + "/guardians/" + school.id("stepfather"),
                   std::string())}) {
    CAPTURE(method, path);
    const auto answer = send(method, path, body);
    check_refusal(answer);
    if (path == "/groups") {
      CHECK(answer.status == 422);
      CHECK(answer.code() == "idempotency_key_reused");
    } else {
      CHECK(answer.status >= 400);
    }
  }
  CHECK(events_of(school) == before);
}

TEST_CASE("the same key on two paths is two requests, even where their bodies are the same") {
  ApiSchool school;
  const HeaderFields key = {{"Idempotency-Key", "once"}};
  const auto guardians = "/children/" + school.id("child") + "/guardians/";
  ApiSchool::done(school.remove("office", guardians + school.id("stepfather"), key));
  const auto answer = school.remove("office", guardians + school.id("father"), key);
  CHECK(answer.code() == "idempotency_key_reused");
  CHECK(ApiSchool::done(school.get("office", "/guardians"))["items"].size() == 3);
}

TEST_CASE("a change without a usable Idempotency-Key isn't made") {
  ApiSchool school;
  for (const auto& key : {std::string(), std::string(256, 'k'), std::string("two words"),
                          std::string("caf\xC3\xA9")}) {
    CAPTURE(key);
    const auto answer =
        refused(school, "POST", "/groups", "office", kGroupBody, {{"Idempotency-Key", key}});
    CHECK(answer.code() == "idempotency_key_malformed");
  }
  const auto before = events_of(school);
  const auto answer = school.send_bare("POST", school.root() + "/groups", "office", kGroupBody,
                                       {{"Content-Type", "application/json"}});
  CHECK(events_of(school) == before);
  CHECK(answer.status == 400);
  CHECK(answer.code() == "idempotency_key_missing");
}

TEST_CASE("a method that a path doesn't take is answered with those it takes") {
  ApiSchool school;
  const auto answer = refused(school, "DELETE", "/groups", "office", "");
  CHECK(answer.status == 405);
  CHECK(answer.code() == "method_not_allowed");
  CHECK(answer.header("Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(school.send("OPTIONS", school.root() + "/groups", "", "").header("Allow") ==
        "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("a body of another type is refused with the type that is wanted") {
  ApiSchool school;
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                           "application/xml", "", "application/jsonx"}) {
    CAPTURE(type);
    const auto answer =
        refused(school, "POST", "/groups", "office", kGroupBody, {{"Content-Type", type}});
    CHECK(answer.status == 415);
    CHECK(answer.code() == "unsupported_media_type");
  }
}

TEST_CASE("a parameter that a route doesn't know is refused, not passed over") {
  ApiSchool school;
  CHECK(school.get("mother", "/feed?limit=20&min_position=0").status == 200);
  const auto misspelt = school.get("mother", "/feed?limt=20");
  CHECK(misspelt.status == 400);
  CHECK(misspelt.code() == "invalid_parameter");
  CHECK_FALSE(misspelt.response.body.contains("limt"));
  CHECK(school.send_bare("GET", "/livez?at=0", "", "").status == 400);
  // Whoever isn't let in hears nothing of parameters.
  CHECK(school.send_bare("GET", school.root() + "/feed?limt=20", "", "").status == 401);
}

TEST_CASE("without a session, or with a forged one, nobody is let in") {
  ApiSchool school;
  CHECK(refused(school, "GET", "/children", "", "").code() == "not_logged_in");
  for (const auto& token : {"Bearer " + kCanary, std::string("Basic YTpi"), std::string("Bearer "),
                            "Bearer " + std::string(5000, 'a'), std::string()}) {
    CAPTURE(token);
    CHECK(refused(school, "GET", "/children", "", "", {{"Authorization", token}}).status == 401);
  }
}

}  // namespace
}  // namespace klasboek::tests
