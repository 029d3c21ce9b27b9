// An auditor over HTTP: each read is written down before it is answered, and texts stay closed
// where the grant leaves them closed.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

/// With an inspector who has come in, and may read nothing yet.
class Inspected {
 public:
  Inspected() { school.admit("inspector"); }

  void grant(const json& more) {
    json body = {{"account", school.id("inspector")},
                 {"last_day", "2026-10-30"},
                 {"purpose", "Een klacht bij de inspectie"}};
    body.update(more);
    ApiSchool::done(school.post("director", "/audit-grants", body));
  }
  ApiAnswer see_child() { return school.get("inspector", child()); }
  std::string child() const { return "/children/" + school.id("child"); }
  /// The child's trail as somebody sees it.
  json trail(const std::string& who) {
    return ApiSchool::done(school.get(who, "/audit?subject=" + school.id("child")))["items"];
  }
  /// How many reads are written down.
  std::size_t reads() {
    std::size_t count = 0;
    for (const auto& row : trail("director")) count += row["type"] == "AuditReadRecorded" ? 1 : 0;
    return count;
  }

  ApiSchool school;
};

TEST_CASE(
    "an auditor's read is written down before it is answered, and what he may not read isn't") {
  Inspected town;
  CHECK(town.see_child().status == 403);
  CHECK(town.reads() == 0);
  town.grant({{"child", town.school.id("child")}, {"readable_text", true}});
  CHECK(ApiSchool::done(town.see_child())["name"] == "child Leerling");
  REQUIRE(town.reads() == 1);
  const auto row = town.trail("director")[0];
  CHECK(row["actor"] == town.school.id("inspector"));
  CHECK(row["role"] == "auditor");
  CHECK(ApiSchool::done(town.see_child())["name"] == "child Leerling");
  CHECK(town.reads() == 2);
  CHECK(town.school.get("inspector", "/children/" + town.school.id("other_child")).status == 404);
  CHECK(town.school.get("inspector", "/audit?subject=" + town.school.id("school")).status == 404);
  CHECK(town.school.get("inspector", "/erasures").status == 404);
  CHECK(town.school.get("inspector", "/erasures?subject=" + town.school.id("child")).status == 404);
  CHECK(town.reads() == 2);
}

TEST_CASE("without readable texts an auditor gets what happened, and no word of it") {
  Inspected town;
  ApiSchool::done(town.school.post("mother", "/absences",
                                   {{"children", {town.school.id("child")}},
                                    {"reason", "ill"},
                                    {"first_day", "2026-10-05"},
                                    {"note", "Ligt met koorts in bed"}}));
  town.grant({{"child", town.school.id("child")}});
  const auto child = ApiSchool::done(town.see_child());
  CHECK(child["id"] == town.school.id("child"));
  CHECK(child["name"] == "[not granted]");
  CHECK(child["birth_day"] == "[not granted]");
  const auto absences = town.school.get("inspector", town.child() + "/absences");
  CHECK(ApiSchool::done(absences)["items"].size() == 1);
  CHECK_FALSE(absences.response.body.contains("koorts"));
  CHECK_FALSE(absences.response.body.contains("Leerling"));
  // A newer grant for the same child replaces it.
  town.grant({{"child", town.school.id("child")}, {"readable_text", true}});
  CHECK(town.school.get("inspector", town.child() + "/absences").response.body.contains("koorts"));
}

TEST_CASE("a grant that is ended is over with the next request") {
  Inspected town;
  town.grant(json::object());
  CHECK(town.see_child().status == 200);
  const auto grants = ApiSchool::done(town.school.get("director", "/audit-grants"))["items"];
  REQUIRE(grants.size() == 1);
  CHECK(grants[0]["id"] == town.school.id("inspector"));
  CHECK(grants[0]["purpose"] == "Een klacht bij de inspectie");
  ApiSchool::done(town.school.remove("director", "/audit-grants/" + town.school.id("inspector")));
  CHECK(town.see_child().status == 403);
  CHECK(ApiSchool::done(town.school.get("director", "/audit-grants"))["items"].empty());
}

TEST_CASE("whoever is auditor by name reads nothing without a grant") {
  Inspected town;
  // As a role could be given before there were grants.
  reactions::Order order;
  order.school = *events::parse_id<events::SchoolId>(town.school.id("school"));
  order.actor = kOperator;
  order.command = {42};
  order.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return made<events::GiveRole>([&](auto& c) {
      c.account = *events::parse_id<events::AccountId>(town.school.id("inspector"));
      c.role = events::Role::auditor;
      c.first_day = day("2026-10-05");
      c.open_ended = true;
    });
  };
  REQUIRE(std::holds_alternative<log::Done>(
      reactions::carry_out(town.school.installation().node(), order)));
  CHECK(town.see_child().status == 404);
  CHECK(town.school.get("inspector", "/audit?subject=" + town.school.id("school")).status == 404);
  CHECK(town.reads() == 0);
}

TEST_CASE("a guardian doesn't learn who reads of the child as an auditor, nor that somebody may") {
  Inspected town;
  const auto before = town.trail("father");
  town.grant({{"child", town.school.id("child")}, {"readable_text", true}});
  CHECK(town.see_child().status == 200);
  CHECK(town.trail("father") == before);
}

}  // namespace
}  // namespace klasboek::tests
