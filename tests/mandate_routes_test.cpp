// A mandate over HTTP: given, used, seen and ended; and the end of any role.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

/// With somebody who has come in and holds nothing yet, and a request for leave to decide on.
class AwayDirector {
 public:
  AwayDirector() {
    school.admit("stand_in");
    leave = ApiSchool::done(school.post("mother", "/leaves",
                                        {{"children", {school.id("child")}},
                                         {"ground", "other_circumstances"},
                                         {"first_day", "2026-11-02"},
                                         {"last_day", "2026-11-02"},
                                         {"motivation", "Een bruiloft"}}))["items"][0]["id"];
  }

  ApiAnswer give(const json& powers, const std::string& last_day) {
    return school.post("director", "/mandates",
                       {{"account", school.id("stand_in")},
                        {"powers", powers},
                        {"first_day", "2026-10-05"},
                        {"last_day", last_day}});
  }
  ApiAnswer decide() {
    return school.post("stand_in", "/leaves/" + leave + "/decision",
                       {{"verdict", "refuse"}, {"reasons", "Daar is een vakantie voor"}});
  }
  ApiAnswer rename() { return school.patch("stand_in", "", {{"name", "De Linde"}}); }

  ApiSchool school;
  std::string leave;
};

TEST_CASE("who has a mandate for leave decides on leave, and on nothing else") {
  AwayDirector town;
  CHECK(town.decide().code() == "role_not_held");
  CHECK(town.give({"leave"}, "2026-10-09").status == 200);
  CHECK(town.rename().code() == "mandate_does_not_cover");
  CHECK(town.decide().status == 200);
  const auto mandates = ApiSchool::done(town.school.get("stand_in", "/mandates"))["items"];
  REQUIRE(mandates.size() == 1);
  CHECK(mandates[0]["powers"] == json{"leave"});
  CHECK(mandates[0]["last_day"] == "2026-10-09");
}

TEST_CASE("a mandate ends with its last day, or when the director says so") {
  AwayDirector town;
  CHECK(town.give({"leave"}, "2026-10-05").status == 200);
  town.school.on("2026-10-06 00:00");
  CHECK(town.decide().code() == "role_not_held");
  CHECK(town.give({"settings"}, "2026-10-09").code() == "role_already_given");
  CHECK(town.school
            .post("director", "/mandates",
                  {{"account", town.school.id("stand_in")}, {"powers", {"settings"}}})
            .status == 200);
  CHECK(town.rename().status == 200);
  ApiSchool::done(town.school.remove("director", "/mandates/" + town.school.id("stand_in")));
  CHECK(town.rename().code() == "role_not_held");
}

TEST_CASE("any role is ended by the director, at once or with a last day") {
  AwayDirector town;
  const auto path = "/accounts/" + town.school.id("stand_in") + "/roles";
  const auto sees_accounts = [&] { return town.school.get("stand_in", "/accounts").status == 200; };
  ApiSchool::done(
      town.school.post("director", path, {{"role", "office"}, {"first_day", "2026-08-24"}}));
  CHECK(sees_accounts());
  CHECK(town.school.remove("office", path + "/office").status == 403);
  CHECK(town.school.remove("director", path + "/guardian").status == 404);
  ApiSchool::done(town.school.remove("director", path + "/office?last_day=2026-10-06"));
  CHECK(sees_accounts());
  town.school.on("2026-10-07 00:00");
  CHECK_FALSE(sees_accounts());
  ApiSchool::done(
      town.school.post("director", path, {{"role", "office"}, {"first_day", "2026-10-07"}}));
  CHECK(sees_accounts());
  ApiSchool::done(town.school.remove("director", path + "/office"));
  CHECK_FALSE(sees_accounts());
}

}  // namespace
}  // namespace klasboek::tests
