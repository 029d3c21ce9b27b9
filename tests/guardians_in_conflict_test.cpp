// Two guardians of one child in conflict, on every route: neither learns the other's answers,
// contact data, log-ins or reads. What one does for himself changes nothing in what the other gets.
#include <catch2/catch.hpp>
#include <map>

#include "tests/support/access_table.h"
#include "tests/support/matrix_school.h"

namespace klasboek::tests {
namespace {

/// Everything that somebody can read, by route.
std::map<std::string, std::string> read_all(MatrixSchool& town, const std::string& who) {
  std::map<std::string, std::string> read;
  for (const auto& row : access_table()) {
    if (row.method != "GET" || row.everyone_gets) continue;
    // Of the office alone, and about a file that waits.
    if (row.route == "see_roster_import") continue;
    const auto answer = town.ask(who, "GET", std::string(row.target));
    auto body = json::parse(answer.body, nullptr, false);
    if (body.is_object()) body.erase("request_id");
    read[std::string(row.route)] = std::to_string(answer.status) + " " + body.dump();
  }
  return read;
}

class Conflict {
 public:
  Conflict() {
    auto& school = town.school;
    const auto made = [&](const std::string& who, const std::string& path, const json& body) {
      return ApiSchool::done(school.post(who, path, body));
    };
    school.name(
        "post",
        made("teacher", "/posts",
             {{"groups", {school.id("class")}}, {"title", "Gym"}, {"text", "Morgen"}})["id"]);
    const auto invitee =
        made("office", "/accounts",
             {{"name", {{"family", "Genodigd"}}}, {"email", "genodigd@example.org"}})["id"];
    school.name("invitation", made("office", "/invitations", {{"account", invitee}})["id"]);
    const auto forgotten =
        made("teacher", "/posts",
             {{"groups", {school.id("class")}}, {"title", "Sport"}, {"text", "Vrijdag"}})["id"];
    school.name("erasure", made("director", "/erasures",
                                {{"subject", forgotten}, {"ground", "request"}})["id"]);
    school.name("absence", made("office", "/absences",
                                {{"children", {school.id("child")}},
                                 {"reason", "ill"},
                                 {"first_day", "2026-11-23"},
                                 {"last_day", "2026-11-25"}})["items"][0]["id"]);
    school.name("leave", made("father", "/leaves",
                              {{"children", {school.id("child")}},
                               {"ground", "other_circumstances"},
                               {"first_day", "2026-11-03"},
                               {"last_day", "2026-11-03"},
                               {"motivation", "Een bruiloft"}})["items"][0]["id"]);
  }

  /// His own no stands before and after, so that nothing of the outcome hangs on the other.
  void refuse(const std::string& who) {
    ApiSchool::done(town.school.put(
        who, "/children/" + town.school.id("child") + "/consents/" + town.school.id("purpose"),
        {{"answer", "refused"}, {"notice_version", 1}, {"language", "nl"}}));
  }

  /// All that is nobody else's business: answers, reads, channels, contact data, sessions.
  void live_privately(const std::string& who) {
    auto& school = town.school;
    refuse(who);
    read_all(town, who);
    ApiSchool::done(school.put(who, "/me/channels", {{"mail", false}}));
    ApiSchool::done(
        school.patch("office", "/accounts/" + school.id(who),
                     {{"name", {{"given", "Andere"}, {"family", "Naam"}}},
                      {"contact", {{"email", "geheim@example.org"}, {"phones", {"06-geheim"}}}}}));
    CHECK(town.ask(who, "DELETE", "/v1/sessions/current").status == 204);
  }

  MatrixSchool town;
};

void check_nothing_shows(const std::string& lives, const std::string& looks) {
  CAPTURE(lives, looks);
  Conflict conflict;
  conflict.refuse(looks);
  const auto before = read_all(conflict.town, looks);
  conflict.live_privately(lives);
  const auto after = read_all(conflict.town, looks);
  for (const auto& [route, answer] : before) {
    CAPTURE(route);
    CHECK(after.at(route) == answer);
    CHECK_FALSE(after.at(route).contains("geheim"));
    CHECK_FALSE(answer.contains(lives + "@example.org"));
    CHECK_FALSE(answer.contains("06-" + lives));
  }
  CHECK(before.size() > 20);
}

TEST_CASE("what one guardian does for herself shows in no answer to the other") {
  check_nothing_shows("mother", "father");
  check_nothing_shows("father", "mother");
}

TEST_CASE("the pages of an audit trail don't tell that something is left out") {
  Conflict conflict;
  auto& town = conflict.town;
  const auto pages = [&] {
    std::vector<std::string> bodies;
    std::string target = "/audit?subject={child}&limit=1";
    while (!target.empty()) {
      const auto body = json::parse(town.ask("father", "GET", target).body);
      bodies.push_back(body["items"].dump());
      target = body["next"].is_null()
                   ? std::string()
                   : "/audit?subject={child}&limit=1&cursor=" + body["next"].get<std::string>();
    }
    return bodies;
  };
  conflict.refuse("father");
  const auto before = pages();
  conflict.refuse("mother");
  CHECK(pages() == before);
  for (const auto& items : before) CHECK(items != "[]");
}

TEST_CASE("one guardian can change nothing of the other's, on any route") {
  Conflict conflict;
  auto& town = conflict.town;
  const auto events = town.events();
  const auto refused = [&](const std::string& method, const std::string& target,
                           const std::string& body) {
    const auto answer = town.ask("mother", method, target, body);
    CAPTURE(method, target, answer.body);
    CHECK((answer.status == 403 || answer.status == 404));
  };
  refused("GET", "/accounts/{father}", "");
  refused("PATCH", "/accounts/{father}", R"({"name":{"family":"Anders"}})");
  refused("POST", "/accounts/{father}/block", R"({"reason":"Ruzie"})");
  refused("POST", "/accounts/{father}/close", "{}");
  refused("PATCH", "/children/{child}/guardians/{father}", R"({"authority":"without"})");
  refused("DELETE", "/children/{child}/guardians/{father}", "");
  refused("POST", "/leaves/{leave}/withdrawal", "");
  refused(
      "POST", "/children/{child}/consents/{purpose}/recorded-answers",
      R"({"answer":"given","notice_version":1,"language":"nl","answered_by":"{father}","route":"paper","given_at":"2026-10-05T09:00:00+02:00"})");
  refused("GET", "/audit?subject={father}", "");
  CHECK(town.events() == events);
}

}  // namespace
}  // namespace klasboek::tests
