// Every route as every kind of person, over HTTP: who is in the table is let in, everybody else is
// refused, changes nothing, and can't tell what is there from what isn't.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <set>
#include <sstream>

#include "api/route.h"
#include "tests/support/access_table.h"
#include "tests/support/matrix_school.h"

namespace klasboek::tests {
namespace {

std::set<std::string> names_in(const std::string& list) {
  std::istringstream words(list);
  return {std::istream_iterator<std::string>(words), {}};
}

bool has_session(const std::string& who) {
  return who != "expired" && who != "logged_out" && who != "nobody";
}

bool is_refusal(const RawAnswer& answer) {
  if (answer.status == 401 || answer.status == 403) return true;
  return answer.status == 404 && answer.code() == "not_found";
}

/// What a refusal says, without the number of the request.
json told(const RawAnswer& answer) {
  auto body = json::parse(answer.body, nullptr, false);
  if (body.is_object()) body.erase("request_id");
  return {{"status", answer.status}, {"body", body}};
}

/// The target with other ids in place of those of this school, the school's own excepted.
std::string with_unknown_ids(const MatrixSchool& town, const std::string& target) {
  static const std::map<std::string, std::string> kUnknown = {
      {"child", "child_01h455vb4pex5vsknk084sn02q"},
      {"group", "group_01h455vb4pex5vsknk084sn02q"},
      {"account", "account_01h455vb4pex5vsknk084sn02q"},
      {"post", "post_01h455vb4pex5vsknk084sn02q"},
      {"purpose", "purpose_01h455vb4pex5vsknk084sn02q"},
      {"absence", "absence_01h455vb4pex5vsknk084sn02q"},
      {"leave", "leave_01h455vb4pex5vsknk084sn02q"},
      {"session", "session_01h455vb4pex5vsknk084sn02q"},
      {"invitation", "invitation_01h455vb4pex5vsknk084sn02q"},
      {"event", "event_01h455vb4pex5vsknk084sn02q"},
      {"roster_import", "roster_import_01h455vb4pex5vsknk084sn02q"}};
  std::string unknown = target;
  for (auto open = unknown.find('{'); open != std::string::npos; open = unknown.find('{')) {
    const auto close = unknown.find('}', open);
    const auto id = town.filled(unknown.substr(open, close - open + 1));
    const auto kind = id.substr(0, id.rfind('_'));
    INFO("no unknown id of the kind " << kind);
    REQUIRE(kUnknown.contains(kind));
    unknown.replace(open, close - open + 1, kUnknown.at(kind));
  }
  return unknown;
}

class Matrix {
 public:
  Matrix() {
    auto& school = town.school;
    const auto made = [&](const std::string& who, const std::string& path, const json& body) {
      return ApiSchool::done(school.post(who, path, body));
    };
    const json post = {{"groups", {school.id("class")}}, {"title", "Gym"}, {"text", "Morgen"}};
    school.name("post", made("teacher", "/posts", post)["id"]);
    school.name("gone_post", made("teacher", "/posts", post)["id"]);
    const auto forgotten = made("teacher", "/posts", post)["id"];
    school.name("erasure", made("director", "/erasures",
                                {{"subject", forgotten}, {"ground", "request"}})["id"]);
    for (const auto& [name, first_day, last_day] :
         {std::tuple("absence", "2026-11-23", "2026-11-25"),
          std::tuple("gone_absence", "2026-11-16", "2026-11-17"),
          std::tuple("begun_absence", "2026-10-05", "2026-10-09")}) {
      school.name(name, made("mother", "/absences",
                             {{"children", {school.id("child")}},
                              {"reason", "ill"},
                              {"first_day", first_day},
                              {"last_day", last_day}})["items"][0]["id"]);
    }
    for (const auto& [name, day] :
         {std::pair("leave", "2026-11-03"), std::pair("gone_leave", "2026-11-10")}) {
      school.name(name, made("mother", "/leaves",
                             {{"children", {school.id("child")}},
                              {"ground", "other_circumstances"},
                              {"first_day", day},
                              {"last_day", day},
                              {"motivation", "Een bruiloft"}})["items"][0]["id"]);
    }
    school.name("invitee", made("office", "/accounts",
                                {{"name", {{"family", "Genodigd"}}},
                                 {"email", "genodigd@example.org"}})["id"]);
    // leerling;voornaam;…: one guardian of a child that the school doesn't have.
    school.name(
        "roster_file",
        "bGVlcmxpbmc7dm9vcm5hYW07dm9vcnZvZWdzZWw7YWNodGVybmFhbTtlbWFpbDtyZWxhdGllO2dlemFnO2h1"
        "aXNob3VkZW47dGVsZWZvb24xO3RlbGVmb29uMgpMMTtOb29yO3ZhbjtWb29yYmVlbGQ7bm9vckB2b29yYmVl"
        "bGQuZXhhbXBsZTttb2VkZXI7amE7QTswNjEyMzQ1Njc4OzAyMDEyMzQ1NjcK");
  }

  /// A waiting import, a session of the director's or an invitation for each request that needs
  /// one: whoever is let in may use it up, or another request has.
  void prepare(const AccessRow& row) {
    if (row.target.find("{session}") != std::string_view::npos) remember_session();
    if (row.target.find("{invitation}") != std::string_view::npos) {
      const auto made = town.ask("director", "POST", "/invitations", R"({"account":"{invitee}"})");
      REQUIRE(made.status < 300);
      town.school.name("invitation", json::parse(made.body)["id"]);
    }
    if (row.target.find("{import}") == std::string_view::npos) return;
    const auto answer = town.ask("director", "POST", "/roster-imports",
                                 R"({"files":[{"name":"ouders.csv","content":"{roster_file}"}]})");
    INFO(answer.body);
    REQUIRE(answer.status < 300);
    town.school.name("import", json::parse(answer.body)["id"]);
  }

  void check_let_in(const AccessRow& row, const std::string& who) {
    const auto answer = ask(row, who);
    INFO(answer.status << " " << answer.body);
    CHECK_FALSE(is_refusal(answer));
    CHECK(answer.status < 500);
    if (answer.status < 300) ++done[std::string(row.route)];
  }

  void check_refused(const AccessRow& row, const std::string& who) {
    const auto before = town.events();
    const auto answer = ask(row, who);
    INFO(answer.status << " " << answer.body);
    CHECK(is_refusal(answer));
    CHECK((answer.status == 401) == !has_session(who));
    CHECK(town.events() == before);
    const auto unknown = with_unknown_ids(town, std::string(row.target));
    if (unknown == row.target) return;
    // To whoever sees the child it is no secret what there is of it, only that it isn't his to do.
    if (answer.status == 403 && knows_child(who)) return;
    const auto missing = town.ask(who, std::string(row.method), unknown, std::string(row.body));
    CHECK(told(answer) == told(missing));
  }

  bool knows_child(const std::string& who) {
    const auto known = knows_.find(who);
    if (known != knows_.end()) return known->second;
    return knows_[who] = town.ask(who, "GET", "/children/{child}").status == 200;
  }

  RawAnswer ask(const AccessRow& row, const std::string& who) {
    std::string body(row.body);
    // Guesses at one log-in from one address are held up; here each person tries another.
    if (const auto at = body.find("{who}"); at != std::string::npos) body.replace(at, 5, who);
    return town.ask(who, std::string(row.method), std::string(row.target), body);
  }

  MatrixSchool town;
  std::map<std::string, int> done;

 private:
  void remember_session() {
    auto& sessions = town.school.installation().vault().sessions();
    const auto session = sessions.read(town.school.token_of("director"), town.school.now_us());
    REQUIRE(session.has_value());
    REQUIRE(sessions.remember(*session, "Laptop").has_value());
    town.school.name("session", events::to_text(session->id));
  }

  std::map<std::string, bool> knows_;
};

TEST_CASE("every route has its row, and every row its route") {
  std::map<std::string_view, std::string_view> methods;
  for (const auto& route : api::all_routes()) methods[route.name] = method_name(route.method);
  std::set<std::string_view> rows;
  for (const auto& row : access_table()) {
    INFO(row.route);
    CHECK(rows.insert(row.route).second);
    REQUIRE(methods.contains(row.route));
    CHECK(methods[row.route] == row.method);
  }
  for (const auto& [route, method] : methods) {
    INFO("nobody has said who may: " << route);
    CHECK(rows.contains(route));
  }
}

TEST_CASE("whoever is in the table is let in, and nobody else") {
  Matrix matrix;
  for (const auto& row : access_table()) {
    const auto let_in = names_in(row.let_in);
    for (const auto& who : MatrixSchool::everybody()) {
      CAPTURE(row.route, who);
      matrix.prepare(row);
      if (row.everyone_gets) {
        CHECK(matrix.ask(row, who).status == *row.everyone_gets);
      } else if (let_in.contains(who)) {
        matrix.check_let_in(row, who);
      } else {
        matrix.check_refused(row, who);
      }
    }
    if (row.everyone_gets || !row.done_in.empty()) continue;
    INFO("the request of " << row.route << " was never one that could be done");
    CHECK(matrix.done[std::string(row.route)] > 0);
  }
}

TEST_CASE(
    "no answer holds a child that isn't the asker's to see, or how another guardian is reached") {
  Matrix matrix;
  auto& town = matrix.town;
  const std::vector<std::string> children = {"child", "classmate", "other_child"};
  const std::set<std::string> guardians = {"mother", "father",  "stepfather",       "shielded",
                                           "former", "blocked", "classmate_mother", "other_mother"};
  int looked = 0;
  for (const auto& who : MatrixSchool::everybody()) {
    if (!has_session(who)) continue;
    std::set<std::string> hidden;
    for (const auto& child : children) {
      if (town.ask(who, "GET", "/children/{" + child + "}").status != 200) hidden.insert(child);
    }
    for (const auto& row : access_table()) {
      if (row.method != "GET" || row.everyone_gets) continue;
      matrix.prepare(row);
      const auto answer = matrix.ask(row, who);
      if (answer.status != 200) continue;
      CAPTURE(row.route, who, answer.body);
      ++looked;
      for (const auto& child : hidden) CHECK_FALSE(answer.body.contains(town.school.id(child)));
      if (!guardians.contains(who)) continue;
      for (const auto& other : guardians) {
        if (other == who) continue;
        CHECK_FALSE(answer.body.contains('"' + other + "@example.org"));
        CHECK_FALSE(answer.body.contains("06-" + other + "\""));
      }
    }
  }
  CHECK(looked > 100);
}

TEST_CASE("what isn't there and what isn't the asker's take as long") {
  Matrix matrix;
  using Clock = std::chrono::steady_clock;
  constexpr int kTimes = 101;
  const auto took = [&](const std::string& target) {
    const auto begin = Clock::now();
    CHECK(matrix.town.ask("other_mother", "GET", target).status == 404);
    return Clock::now() - begin;
  };
  for (const std::string target : {"/children/{child}", "/posts/{post}", "/leaves/{leave}",
                                   "/children/{child}/consents", "/groups/{class}"}) {
    CAPTURE(target);
    std::vector<Clock::duration> there;
    std::vector<Clock::duration> nowhere;
    for (int i = 0; i < kTimes; ++i) {
      there.push_back(took(target));
      nowhere.push_back(took(with_unknown_ids(matrix.town, target)));
    }
    std::ranges::sort(there);
    std::ranges::sort(nowhere);
    const auto ratio = static_cast<double>(there[kTimes / 2].count()) /
                       static_cast<double>(nowhere[kTimes / 2].count());
    CAPTURE(ratio);
    CHECK(ratio < 2.0);
    CHECK(ratio > 0.5);
  }
}

TEST_CASE("rights begin and end with their days") {
  MatrixSchool town;
  const auto status = [&](const std::string& who, const std::string& target) {
    return town.ask(who, "GET", target).status;
  };
  CHECK(status("teacher_tomorrow", "/children/{child}") == 404);
  CHECK(status("office_tomorrow", "/accounts") == 403);
  CHECK(status("mandated", "/leaves") == 200);
  town.school.on("2026-10-06 00:00");
  CHECK(status("teacher_tomorrow", "/children/{child}") == 200);
  CHECK(status("office_tomorrow", "/accounts") == 200);
  CHECK(status("mandated", "/leaves") == 403);
  CHECK(status("auditor_child", "/children/{child}") == 200);
  // (A session lasts thirty days; each of these logs in anew.)
  town.school.on("2026-10-31 00:00");
  CHECK(status("auditor_child", "/children/{child}") == 403);
}

}  // namespace
}  // namespace klasboek::tests
