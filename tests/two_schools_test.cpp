// One person with accounts in two schools: one log-in, one feed and one inbox, and each item says
// of which school it is.
#include <catch2/catch.hpp>
#include <set>

#include "api/merged.h"
#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

/// The mother of the first school is also one in the second, of a child in "their_class".
class TwoSchools {
 public:
  TwoSchools() {
    const auto theirs = [&](const std::string& method, const std::string& path, const json& body) {
      return ApiSchool::done(school.send(method, "/v1/schools/" + school.id("their_school") + path,
                                         "stranger", body.dump()));
    };
    json days = json::array();
    for (int weekday = 1; weekday <= 5; ++weekday) {
      days.push_back({{"weekday", weekday}, {"starts_minute", 510}, {"ends_minute", 900}});
    }
    theirs("PUT", "/school-days", {{"days", days}});
    theirs("PUT", "/school-years",
           {{"first_day", "2026-08-24"}, {"last_day", "2027-07-09"}, {"periods", json::array()}});
    theirs("PUT", "/posting-window", {{"opens_minute", 0}, {"closes_minute", 1440}});
    school.name("their_child", theirs("POST", "/children",
                                      {{"name", {{"given", "Zusje"}, {"family", "Leerling"}}},
                                       {"birth_day", "2018-03-01"},
                                       {"group", school.id("their_class")},
                                       {"first_day", "2026-08-24"}})["id"]);
    school.open_theirs("mother_there");
    theirs("POST", "/children/" + school.id("their_child") + "/guardians",
           {{"account", school.id("mother_there")}, {"relation", "mother"}, {"authority", "with"}});
    school.join("mother", "their_school", "mother_there");
  }

  void post_here(const std::string& title) { post("teacher", "school", "class", title); }
  void post_there(const std::string& title) {
    post("stranger", "their_school", "their_class", title);
  }

  json merged(const std::string& target) {
    return ApiSchool::done(school.send("GET", target, "mother", ""));
  }

  ApiSchool school;

 private:
  void post(const std::string& who, const std::string& where, const std::string& group,
            const std::string& title) {
    ApiSchool::done(school.send(
        "POST", "/v1/schools/" + school.id(where) + "/posts", who,
        json{{"groups", {school.id(group)}}, {"title", title}, {"text", "Tot dan!"}}.dump()));
  }
};

std::vector<std::string> titles_of(const json& items) {
  std::vector<std::string> titles;
  for (const auto& item : items) titles.push_back(item["title"]);
  return titles;
}

TEST_CASE("one log-in shows both schools") {
  TwoSchools town;
  const auto me = town.merged("/v1/me");
  REQUIRE(me["schools"].size() == 2);
  std::set<std::string> schools;
  for (const auto& membership : me["schools"]) schools.insert(membership["school"]);
  CHECK(schools == std::set{town.school.id("school"), town.school.id("their_school")});
}

TEST_CASE("one feed merges both schools, newest first, and each item says of which it is") {
  TwoSchools town;
  const auto moments = {"2026-10-05 11:00", "2026-10-05 12:00", "2026-10-05 13:00"};
  auto moment = moments.begin();
  town.school.on(*moment++);
  town.post_here("Zwemles");
  town.school.on(*moment++);
  town.post_there("Museum");
  town.school.on(*moment++);
  town.post_here("Gymles");
  const auto feed = town.merged("/v1/feed");
  CHECK(titles_of(feed["items"]) == std::vector<std::string>{"Gymles", "Museum", "Zwemles"});
  CHECK(feed["items"][0]["school"] == town.school.id("school"));
  CHECK(feed["items"][1]["school"] == town.school.id("their_school"));
  CHECK(feed["unreachable"].empty());
}

TEST_CASE("one inbox merges both schools, and each item says of which it is") {
  TwoSchools town;
  town.post_here("Zwemles");
  town.post_there("Museum");
  std::set<std::string> schools;
  const auto inbox = town.merged("/v1/notifications");
  for (const auto& item : inbox["items"]) {
    if (item["kind"] == "post") schools.insert(item["school"]);
  }
  CHECK(schools == std::set{town.school.id("school"), town.school.id("their_school")});
}

TEST_CASE("page by page the merged feed is the same, also where many have one moment") {
  TwoSchools town;
  for (int i = 0; i < 4; ++i) {
    town.post_here("hier " + std::to_string(i));
    town.post_there("daar " + std::to_string(i));
  }
  const auto whole = titles_of(town.merged("/v1/feed")["items"]);
  REQUIRE(whole.size() == 8);
  for (const auto* limit : {"1", "2", "3", "7"}) {
    CAPTURE(limit);
    std::vector<std::string> paged;
    std::string cursor;
    do {
      const auto page = town.merged("/v1/feed?limit=" + std::string(limit) +
                                    (cursor.empty() ? "" : "&cursor=" + cursor));
      for (const auto& title : titles_of(page["items"])) paged.push_back(title);
      cursor = page["next"].is_null() ? std::string() : page["next"].get<std::string>();
    } while (!cursor.empty());
    CHECK(paged == whole);
  }
}

TEST_CASE("blocked in one school, a person goes on in the other") {
  TwoSchools town;
  town.post_here("Zwemles");
  town.post_there("Museum");
  ApiSchool::done(town.school.post("director", "/accounts/" + town.school.id("mother") + "/block",
                                   {{"reason", "Gedragsregels"}}));
  CHECK(titles_of(town.merged("/v1/feed")["items"]) == std::vector<std::string>{"Museum"});
  CHECK(town.merged("/v1/me")["schools"].size() == 1);
}

TEST_CASE("a cursor of the merged feed is one person's and of no other list") {
  TwoSchools town;
  for (int i = 0; i < 3; ++i) town.post_here("hier " + std::to_string(i));
  const auto cursor = town.merged("/v1/feed?limit=1")["next"].get<std::string>();
  const auto status = [&](const std::string& who, const std::string& list) {
    return town.school.send("GET", list + "?cursor=" + cursor, who, "").status;
  };
  CHECK(status("mother", "/v1/feed") == 200);
  CHECK(status("father", "/v1/feed") == 400);
  CHECK(status("mother", "/v1/notifications") == 400);
}

TEST_CASE("a member of staff who is a guardian too has both, each for its own") {
  ApiSchool school;
  ApiSchool::done(school.post(
      "director", "/children/" + school.id("other_child") + "/guardians",
      {{"account", school.id("teacher")}, {"relation", "father"}, {"authority", "with"}}));
  const auto status = [&](const std::string& path) { return school.get("teacher", path).status; };
  // As its teacher, of the class; as a father, of another class.
  CHECK(status("/children/" + school.id("child")) == 200);
  CHECK(status("/children/" + school.id("other_child")) == 200);
  // Leave is for guardians: his own child's, and not that of his class.
  CHECK(status("/children/" + school.id("other_child") + "/leaves") == 200);
  CHECK(status("/children/" + school.id("child") + "/leaves") == 404);
  const auto me = ApiSchool::done(school.send("GET", "/v1/me", "teacher", ""));
  CHECK(me["schools"][0]["roles"] == json({"teacher", "guardian"}));
}

}  // namespace
}  // namespace klasboek::tests
