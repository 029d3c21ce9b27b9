// R14: a text that can't be read is either erased, and then its key was destroyed, or it is a
// fault.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"
#include "vault/sqlite.h"

namespace klasboek::tests {
namespace {

std::string a_post(ApiSchool& school) {
  return ApiSchool::done(school.post("teacher", "/posts",
                                     {{"groups", {school.id("class")}},
                                      {"title", "Zwemles"},
                                      {"text", "Neem een handdoek mee"}}))["id"];
}

events::KeyId key_of(ApiSchool& school, const std::string& post) {
  const auto id = *events::parse_id<events::SchoolId>(school.id("school"));
  const events::SubjectRef subject{events::SubjectKind::post,
                                   events::parse_id<events::PostId>(post)->value};
  const auto keys = school.installation().vault().keys().of_subject(id, subject).value();
  REQUIRE(keys.size() == 1);
  return keys[0].id;
}

TEST_CASE("R14 a key that is missing and was destroyed by nobody is a fault: 503, never erased") {
  ApiSchool school;
  const auto post = a_post(school);
  const auto key = key_of(school, post);
  school.reopen([&](const std::filesystem::path& directory) {
    auto vault = vault::Connection::open(directory / "vault" / "vault.sqlite",
                                         vault::Connection::Mode::write, 1000);
    REQUIRE(vault.has_value());
    const auto id = events::to_bytes(key.value);
    REQUIRE(
        vault->run("DELETE FROM secret WHERE kind = 2 AND key = x'" + events::to_hex(id) + "'"));
  });
  for (const auto& path : {"/posts/" + post, std::string("/feed")}) {
    const auto answer = school.get("mother", path);
    CAPTURE(path, answer.response.body);
    CHECK(answer.status == 503);
    CHECK(answer.code() == "unavailable");
    CHECK_FALSE(answer.header("Retry-After").empty());
    CHECK_FALSE(answer.response.body.contains("erased"));
  }
  // What has nothing to do with it is answered.
  CHECK(ApiSchool::done(school.get("office", "/children/" + school.id("child")))["name"] ==
        "child Leerling");
}

TEST_CASE(
    "R14 a text whose key was destroyed is shown as erased, and everything beside it is read") {
  ApiSchool school;
  const auto post = a_post(school);
  const auto other = a_post(school);
  const auto key = key_of(school, post);
  REQUIRE(school.installation().vault().keys().destroy({&key, 1}).has_value());
  const auto seen = ApiSchool::done(school.get("mother", "/posts/" + post));
  CHECK(seen["title"] == "[erased]");
  CHECK(ApiSchool::done(school.get("mother", "/posts/" + other))["title"] == "Zwemles");
}

}  // namespace
}  // namespace klasboek::tests
