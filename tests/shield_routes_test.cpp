// A shield over HTTP: nothing of the child reaches the guardian it is shielded from, and the school
// sees a sign wherever that one stands beside the child.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

/// Between the child and its father, who has authority, and is the guardian of another one too.
class Shielded {
 public:
  Shielded() {
    ApiSchool::done(school.post(
        "director", "/children/" + school.id("other_child") + "/guardians",
        {{"account", school.id("father")}, {"relation", "father"}, {"authority", "with"}}));
  }

  ApiAnswer raise() { return change("/shield", "Een uitspraak"); }
  ApiAnswer lift() { return change("/shield-lifting", "Een nieuwe uitspraak"); }
  std::string child() const { return "/children/" + school.id("child"); }
  std::string post(const std::string& title) {
    return ApiSchool::done(school.post(
        "teacher", "/posts",
        {{"groups", {school.id("class")}}, {"title", title}, {"text", "Tot dan!"}}))["id"];
  }
  int status(const std::string& path) { return school.get("father", path).status; }
  std::size_t items(const std::string& path) {
    return ApiSchool::done(school.get("father", path))["items"].size();
  }
  void report_ill(const std::string& first_day) {
    ApiSchool::done(school.post("office", "/absences",
                                {{"children", {school.id("child")}},
                                 {"reason", "ill"},
                                 {"first_day", first_day},
                                 {"last_day", first_day}}));
  }

  ApiSchool school;

 private:
  ApiAnswer change(const std::string& what, const std::string& reason) {
    return school.post("office", child() + "/guardians/" + school.id("father") + what,
                       {{"reason", reason}});
  }
};

TEST_CASE("nothing of a shielded child reaches the guardian it is shielded from") {
  Shielded town;
  town.post("Zwemles");
  const std::vector<std::string> all = {town.child(), town.child() + "/consents",
                                        town.child() + "/absences", town.child() + "/leaves",
                                        "/audit?subject=" + town.school.id("child")};
  for (const auto& path : all) CHECK(town.status(path) == 200);
  CHECK(town.items("/feed") == 1);
  CHECK(town.items("/guardians") == 1);
  ApiSchool::done(town.raise());
  const auto told = town.items("/notifications");
  for (const auto& path : all) {
    CAPTURE(path);
    CHECK(town.status(path) == 404);
  }
  CHECK(town.status("/children/" + town.school.id("other_child")) == 200);
  CHECK(town.items("/children") == 1);
  town.report_ill("2026-10-06");
  town.post("Museum");
  const auto feed = town.school.get("father", "/feed");
  CHECK(feed.status == 200);
  CHECK_FALSE(feed.response.body.contains("Museum"));
  CHECK(town.items("/notifications") == told);
  const auto me = ApiSchool::done(town.school.send("GET", "/v1/me", "father", ""));
  CHECK_FALSE(me.dump().contains(town.school.id("child")));
  const auto account = town.school.get("father", "/accounts/" + town.school.id("father"));
  CHECK_FALSE(account.response.body.contains(town.school.id("child")));
  // The mother notices nothing.
  CHECK(town.school.get("mother", town.child()).status == 200);
}

TEST_CASE("who is guardian of no other child is nobody's guardian while the shield stands") {
  Shielded town;
  ApiSchool::done(town.raise());
  ApiSchool::done(town.school.remove("office", "/children/" + town.school.id("other_child") +
                                                   "/guardians/" + town.school.id("father")));
  CHECK(town.status(town.child()) == 403);
  CHECK(town.status("/feed") == 403);
}

TEST_CASE("a shield that is lifted gives back what was there") {
  Shielded town;
  ApiSchool::done(town.raise());
  ApiSchool::done(town.lift());
  CHECK(town.status(town.child()) == 200);
  town.post("Museum");
  CHECK(town.school.get("father", "/feed").response.body.contains("Museum"));
  const auto told = town.items("/notifications");
  town.report_ill("2026-10-06");
  CHECK(town.items("/notifications") == told + 1);
}

TEST_CASE("the school sees a sign in every list where the two stand together") {
  Shielded town;
  const auto father = town.school.id("father");
  const auto child = town.school.id("child");
  const auto link_of_child = [&] {
    const auto seen = ApiSchool::done(town.school.get("office", town.child()));
    for (const auto& link : seen["guardians"]) {
      if (link["account"] == father) return link;
    }
    FAIL("not linked");
    return json();
  };
  const auto listed = [&] {
    const auto seen = ApiSchool::done(town.school.get("office", "/guardians"));
    for (const auto& one : seen["items"]) {
      if (one["id"] != father) continue;
      for (const auto& of : one["children"]) {
        if (of["child"] == child) return json(of);
      }
    }
    FAIL("not listed");
    return json();
  };
  const auto found = [&] {
    const auto seen = ApiSchool::done(town.school.get("office", "/roster-search?q=father"));
    for (const auto& one : seen["items"]) {
      if (one["id"] != father) continue;
      for (const auto& of : one["children"]) {
        if (of["id"] == child) return json(of);
      }
    }
    FAIL("not found");
    return json();
  };
  for (const auto& one : {link_of_child(), listed(), found()})
    CHECK_FALSE(one.contains("shielded"));
  ApiSchool::done(town.raise());
  for (const auto& one : {link_of_child(), listed(), found()}) CHECK(one["shielded"] == true);
  const auto account = ApiSchool::done(town.school.get("office", "/accounts/" + father));
  CHECK(account["shielded_children"] == json{child});
  // His link is still kept up, and who is linked anew is shielded from first.
  ApiSchool::done(
      town.school.patch("office", town.child() + "/guardians/" + father, {{"household", 3}}));
  CHECK(link_of_child()["household"] == 3);
  CHECK(link_of_child()["relation"] == "guardian");
  ApiSchool::done(town.school.remove("office", town.child() + "/guardians/" + father));
  CHECK(town.school
            .post("office", town.child() + "/guardians",
                  {{"account", father}, {"relation", "father"}, {"authority", "with"}})
            .code() == "shield_already_raised");
}

TEST_CASE("a guardian with authority can't shield a child from the other one") {
  Shielded town;
  CHECK(town.school
            .post("mother", town.child() + "/guardians/" + town.school.id("father") + "/shield",
                  {{"reason", "Ruzie"}})
            .status == 403);
  CHECK(town.status(town.child()) == 200);
}

}  // namespace
}  // namespace klasboek::tests
