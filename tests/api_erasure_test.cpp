// R14 and R15 over the routes: what is erased is unreadable at once, everything else stays, and the
// log alone says what is erased.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"
#include "tests/support/given.h"
#include "vault/sqlite.h"

namespace klasboek::tests {
namespace {

using events::RetentionClass;
using events::SubjectKind;

std::string a_post(ApiSchool& school) {
  return ApiSchool::done(school.post("teacher", "/posts",
                                     {{"groups", {school.id("class")}},
                                      {"title", "Zwemles"},
                                      {"text", "Neem een handdoek mee"}}))["id"];
}

void report_ill(ApiSchool& school) {
  ApiSchool::done(school.post("mother", "/absences",
                              {{"children", {school.id("child")}},
                               {"reason", "ill"},
                               {"first_day", "2026-10-06"},
                               {"note", "Ligt met koorts in bed"}}));
}

std::string erase(ApiSchool& school, const std::string& subject, const json& classes = nullptr) {
  json body{{"subject", subject}, {"ground", "request"}};
  if (!classes.is_null()) body["classes"] = classes;
  return ApiSchool::done(school.post("director", "/erasures", body))["id"];
}

json absences(ApiSchool& school) {
  return ApiSchool::done(
      school.get("office", "/children/" + school.id("child") + "/absences"))["items"];
}

std::string name_of_child(ApiSchool& school) {
  return ApiSchool::done(school.get("office", "/children/" + school.id("child")))["name"];
}

std::vector<vault::KeyListing> keys_of(ApiSchool& school, const events::SubjectRef& subject) {
  const auto id = *events::parse_id<events::SchoolId>(school.id("school"));
  return school.installation().vault().keys().of_subject(id, subject).value();
}

events::SubjectRef the_child(ApiSchool& school) {
  return {SubjectKind::child, events::parse_id<events::ChildId>(school.id("child"))->value};
}

TEST_CASE("R14 the event comes first, then the keys go, then the log says that they went") {
  ApiSchool school;
  const auto post = a_post(school);
  const auto id = erase(school, post);
  auto proof = ApiSchool::done(school.get("director", "/erasures/" + id));
  CHECK(proof["state"] == "being_destroyed");
  CHECK(proof["subject"] == post);
  CHECK(proof["ground"] == "request");
  CHECK(proof["erased_by"] == school.id("director"));
  REQUIRE(proof["keys"].size() == 1);
  CHECK_FALSE(proof.contains("promise"));

  school.installation().erasures().round();
  proof = ApiSchool::done(school.get("director", "/erasures/" + id));
  CHECK(proof["state"] == "destroyed");
  CHECK(proof["destroyed_position"] > proof["position"]);
  const auto key = *events::parse_id<events::KeyId>(proof["keys"][0].get<std::string>());
  CHECK(school.installation().vault().keys().find(key).error() == vault::UnsealFault::erased);
  const auto seen = school.get("mother", "/posts/" + post);
  CHECK(seen.response.body.contains("[erased]"));
  CHECK_FALSE(seen.response.body.contains("Zwemles"));
  // Done is done: further rounds add nothing.
  const auto position = proof["destroyed_position"];
  school.installation().erasures().round();
  CHECK(ApiSchool::done(school.get("director", "/erasures"))["items"].size() == 1);
  CHECK(ApiSchool::done(school.get("director", "/erasures/" + id))["destroyed_position"] ==
        position);
}

TEST_CASE("R15 the proof names the day by which it is gone from backups of the vault") {
  ApiSchool school;
  const auto id = erase(school, a_post(school));
  school.installation().erasures().round();
  const auto proof = ApiSchool::done(school.get("director", "/erasures/" + id));
  CHECK(proof["destroyed_at"] == "2026-10-05T08:00:00Z");
  CHECK(proof["promise"] == json{{"unreadable_since", "2026-10-05T08:00:00Z"},
                                 {"gone_from_vault_backups_by", "2026-11-04T08:00:00Z"}});
}

TEST_CASE("a class of a child's texts is erased, and the others are read") {
  ApiSchool school;
  report_ill(school);
  REQUIRE(keys_of(school, the_child(school)).size() == 2);
  CHECK(absences(school)[0]["notes"] == json{"Ligt met koorts in bed"});
  erase(school, school.id("child"), {"absence_note"});
  school.installation().erasures().round();
  CHECK(absences(school)[0]["notes"] == json{"[erased]"});
  CHECK(name_of_child(school) == "child Leerling");
  REQUIRE(keys_of(school, the_child(school)).size() == 1);
  CHECK(keys_of(school, the_child(school))[0].scope.retention ==
        RetentionClass::identity_attendance);
}

TEST_CASE("identity and attendance stay for the legal term, and the answer says so") {
  ApiSchool school;
  const auto refused = school.post("director", "/erasures",
                                   {{"subject", school.id("child")}, {"ground", "request"}});
  CHECK(refused.status == 409);
  CHECK(refused.code() == "erasure_before_term");
  CHECK(name_of_child(school) == "child Leerling");
}

TEST_CASE("R16 who is erased can't be found by address, nor come in, any more") {
  ApiSchool school;
  const auto path = "/accounts/" + school.id("stepfather");
  const auto link = "/children/" + school.id("child") + "/guardians/" + school.id("stepfather");
  const auto identity =
      school.installation().vault().logins().identity_of("stepfather@example.org");
  REQUIRE(identity.has_value());
  CHECK(school.installation().vault().logins().memberships_of(*identity)->size() == 1);
  const auto open = school.post("director", "/erasures",
                                {{"subject", school.id("stepfather")}, {"ground", "request"}});
  CHECK(open.code() == "erasure_of_open_account");
  ApiSchool::done(school.remove("director", link));
  ApiSchool::done(school.post("director", path + "/close", {{"last_day", "2026-10-05"}}));
  school.on("2026-10-06 10:00");
  erase(school, school.id("stepfather"));
  school.installation().erasures().round();
  CHECK(school.installation().vault().logins().memberships_of(*identity)->empty());
  CHECK(school.get("stepfather", "/children").status == 404);
}

TEST_CASE("R14 who seals at the very moment of the erasure loses") {
  ApiSchool school;
  const auto post = a_post(school);
  const auto& node = school.installation().node();
  reactions::Order order;
  order.school = *events::parse_id<events::SchoolId>(school.id("school"));
  order.actor = {
      *events::parse_id<events::AccountId>(school.id("teacher")), events::Role::teacher, {}};
  order.command = {42};
  order.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::EditPost edit;
    edit.post = *events::parse_id<events::PostId>(post);
    edit.text = *sealer.seal({SubjectKind::post, edit.post.value}, RetentionClass::post, "Te laat");
    // Sealed, and not decided yet: now the post is erased.
    erase(school, post);
    return edit;
  };
  const auto outcome = reactions::carry_out(node, order);
  const auto* refused = std::get_if<log::Refused>(&outcome);
  REQUIRE(refused != nullptr);
  CHECK(refused->rejection == "key_retired");
}

TEST_CASE("R14 a key that was minted while its subject was being erased goes as well") {
  ApiSchool school;
  report_ill(school);
  const auto& node = school.installation().node();
  const auto id = *events::parse_id<events::SchoolId>(school.id("school"));
  // Another node's, which met the child for the first time too: two keys of one class.
  events::MintedKey beside;
  beside.id = node.new_id<events::KeyId>();
  beside.school = id;
  beside.subject = the_child(school);
  beside.retention = RetentionClass::absence_note;
  const auto first = erase(school, school.id("child"), {"absence_note"});
  REQUIRE(school.installation().vault().key_sink().make_durable({&beside, 1}).has_value());
  school.installation().erasures().round();
  school.installation().erasures().round();
  CHECK(school.installation().vault().keys().find(beside.id).error() == vault::UnsealFault::erased);
  const auto all = ApiSchool::done(school.get("director", "/erasures"))["items"];
  REQUIRE(all.size() == 2);
  CHECK(all[0]["id"] == first);
  CHECK(all[1]["keys"] == json{events::to_text(beside.id)});
  CHECK(all[1]["state"] == "destroyed");
  CHECK_FALSE(all[1].contains("erased_by"));
}

TEST_CASE(
    "R14 a vault put back from a backup loses again what was erased, before anybody is served") {
  ApiSchool school;
  const auto post = a_post(school);
  std::filesystem::path backup;
  school.reopen([&](const std::filesystem::path& directory) {
    backup = directory.parent_path() / "vault-backup";
    std::filesystem::copy(directory / "vault", backup, std::filesystem::copy_options::recursive);
  });
  const auto id = erase(school, post);
  school.installation().erasures().round();
  const auto proof = ApiSchool::done(school.get("director", "/erasures/" + id));
  const auto key = *events::parse_id<events::KeyId>(proof["keys"][0].get<std::string>());
  school.reopen([&](const std::filesystem::path& directory) {
    std::filesystem::remove_all(directory / "vault");
    std::filesystem::copy(backup, directory / "vault", std::filesystem::copy_options::recursive);
  });
  // No round has been: opening did it.
  CHECK(school.installation().vault().keys().find(key).error() == vault::UnsealFault::erased);
  CHECK(school.get("mother", "/posts/" + post).response.body.contains("[erased]"));
  CHECK(
      keys_of(school, {SubjectKind::post, events::parse_id<events::PostId>(post)->value}).empty());
}

TEST_CASE("R14 an erasure that was cut off before the keys went is done at the next start") {
  ApiSchool school;
  const auto post = a_post(school);
  const auto id = erase(school, post);
  school.reopen();
  CHECK(school.get("mother", "/posts/" + post).response.body.contains("[erased]"));
  school.installation().erasures().round();
  CHECK(ApiSchool::done(school.get("director", "/erasures/" + id))["state"] == "destroyed");
}

TEST_CASE("R14 a key that is missing and not listed is a fault, and is never called erased") {
  ApiSchool school;
  const auto post = a_post(school);
  const auto keys =
      keys_of(school, {SubjectKind::post, events::parse_id<events::PostId>(post)->value});
  REQUIRE(keys.size() == 1);
  school.reopen([&](const std::filesystem::path& directory) {
    auto vault = vault::Connection::open(directory / "vault" / "vault.sqlite",
                                         vault::Connection::Mode::write, 1000);
    REQUIRE(vault.has_value());
    const auto key = events::to_bytes(keys[0].id.value);
    REQUIRE(vault->run("DELETE FROM secret WHERE kind = 2 AND key = x'" + events::to_hex(key) + "'")
                .has_value());
  });
  const auto answer = school.get("mother", "/posts/" + post);
  CHECK(answer.status == 503);
  CHECK(answer.code() == "unavailable");
  CHECK_FALSE(answer.header("Retry-After").empty());
  CHECK(school.get("mother", "/feed").status == 503);
  CHECK(name_of_child(school) == "child Leerling");
}

}  // namespace
}  // namespace klasboek::tests
