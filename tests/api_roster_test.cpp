// The school, its groups, children, guardians and accounts by hand: who may read and change what,
// and that nobody learns more than is his.
#include <catch2/catch.hpp>
#include <set>

#include "aggregates/rejection.h"
#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

/// The items of a list by a member of each.
std::set<std::string> all(const ApiAnswer& answer, const std::string& member) {
  std::set<std::string> found;
  const auto body = ApiSchool::done(answer);
  for (const auto& item : body["items"]) found.insert(item[member]);
  return found;
}

json item_of(const ApiAnswer& answer, const std::string& id) {
  const auto body = ApiSchool::done(answer);
  for (const auto& item : body["items"]) {
    if (item["id"] == id) return item;
  }
  FAIL("not in the list: " << id);
  return {};
}

TEST_CASE("the director renames the school, and all its settings are read in one place") {
  ApiSchool school;
  ApiSchool::done(school.patch("director", "", {{"name", "De Vlieger"}}));
  ApiSchool::done(
      school.put("director", "/consent-policy",
                 {{"one_household", "all_must_answer"}, {"two_households", "one_yes_counts"}}));
  const auto settings = ApiSchool::done(school.get("mother", ""));
  CHECK(settings["name"] == "De Vlieger");
  CHECK(settings["time_zone"] == "Europe/Amsterdam");
  CHECK(settings["consent_policy"]["one_household"] == "all_must_answer");
  CHECK(settings["consent_policy"]["two_households"] == "one_yes_counts");
  CHECK(settings["school_days"].size() == 5);
  CHECK(settings["school_years"][0]["periods"][0]["kind"] == "holiday");
  for (const auto* who : {"teacher", "office", "mother"}) {
    CHECK(school.patch(who, "", {{"name", "Anders"}}).code() == "role_not_held");
  }
}

TEST_CASE("a group is read with who works there, and renamed by the office") {
  ApiSchool school;
  const auto path = "/groups/" + school.id("class");
  const auto group = ApiSchool::done(school.get("office", path));
  CHECK(group["kind"] == "class_group");
  REQUIRE(group["staff"].size() == 1);
  CHECK(group["staff"][0]["id"] == school.id("teacher"));
  CHECK(group["staff"][0]["first_day"] == "2026-08-24");
  ApiSchool::done(school.patch("office", path, {{"name", "Groep 4"}}));
  CHECK(ApiSchool::done(school.get("teacher", path))["name"] == "Groep 4");
  CHECK(school.patch("teacher", path, {{"name", "Groep 5"}}).code() == "role_not_held");
}

TEST_CASE("guardians see the class of their child and who works there today, no other class") {
  ApiSchool school;
  const auto own = ApiSchool::done(school.get("mother", "/groups/" + school.id("class")));
  REQUIRE(own["staff"].size() == 1);
  CHECK_FALSE(own["staff"][0].contains("first_day"));
  CHECK(school.get("mother", "/groups/" + school.id("other_class")).status == 404);
  CHECK(school.get("teacher", "/groups/" + school.id("other_class")).status == 404);
}

TEST_CASE("a colleague's work with a group ends with a day") {
  ApiSchool school;
  const auto assignment = "/groups/" + school.id("class") + "/assignments/" + school.id("teacher");
  CHECK(school.get("teacher", "/children/" + school.id("child")).status == 200);
  ApiSchool::done(school.remove("office", assignment + "?last_day=2026-10-04"));
  CHECK(school.get("teacher", "/children/" + school.id("child")).status == 404);
  CHECK(school.remove("office", assignment).code() == "staff_not_assigned");
  CHECK(school.remove("office", assignment + "?last_day=2026-02-30").code() == "invalid_parameter");
}

TEST_CASE("a child's name and birth day are corrected, each without the other") {
  ApiSchool school;
  const auto path = "/children/" + school.id("child");
  ApiSchool::done(school.patch("office", path, {{"birth_day", "2020-03-02"}}));
  ApiSchool::done(
      school.patch("office", path, {{"name", {{"given", "Noor"}, {"family", "Voorbeeld"}}}}));
  const auto child = ApiSchool::done(school.get("mother", path));
  CHECK(child["birth_day"] == "2020-03-02");
  CHECK(child["name"] == "Noor Voorbeeld");
  CHECK(school.patch("office", path, json::object()).code() == "nothing_to_change");
  CHECK(school.patch("mother", path, {{"birth_day", "2020-03-03"}}).code() == "role_not_held");
}

TEST_CASE("a child that leaves is on no list after its last day") {
  ApiSchool school;
  const auto path = "/children/" + school.id("child");
  ApiSchool::done(school.post("office", path + "/departure", {{"last_day", "2026-10-04"}}));
  CHECK(all(school.get("office", "/children"), "id") == std::set{school.id("other_child")});
  CHECK(all(school.get("office", "/guardians"), "id") == std::set{school.id("other_mother")});
  CHECK(school.post("office", path + "/departure", {{"last_day", "2026-10-05"}}).code() ==
        "child_left");
}

TEST_CASE("relation, household and order of calling change; authority is recorded by itself") {
  ApiSchool school;
  const auto child = "/children/" + school.id("child");
  const auto path = child + "/guardians/" + school.id("stepfather");
  ApiSchool::done(school.patch("office", path, {{"relation", "step_parent"}}));
  ApiSchool::done(school.patch("office", path, {{"contact_order", 9}}));
  const auto guardians = ApiSchool::done(school.get("office", child))["guardians"];
  const auto link = *std::ranges::find_if(
      guardians, [&](const json& one) { return one["account"] == school.id("stepfather"); });
  CHECK(link["relation"] == "step_parent");
  CHECK(link["contact_order"] == 9);
  CHECK(link["household"] == 3);
  CHECK(link["authority"] == "without");
  const auto both = school.patch("office", path, {{"authority", "with"}, {"household", 1}});
  CHECK(both.code() == "invalid_body");
  CHECK(both.body["errors"][0]["pointer"] == "/authority");
  CHECK(school.patch("office", path, json::object()).code() == "nothing_to_change");
  CHECK(school.patch("office", path, {{"relation", "step_parent"}}).code() == "nothing_to_change");
  ApiSchool::done(school.patch("office", path, {{"authority", "with"}}));
  CHECK(school
            .patch("office", child + "/guardians/" + school.id("other_mother"),
                   {{"relation", "mother"}})
            .code() == "guardian_not_linked");
}

TEST_CASE("one guardian never learns how another is reached") {
  ApiSchool school;
  const auto mine = school.get("mother", "/guardians");
  CHECK(all(mine, "id") == std::set{school.id("mother")});
  for (const auto* path : {"/guardians", "/staff", "/children", "/groups"}) {
    const auto seen = school.get("mother", path).response.body;
    CAPTURE(path);
    for (const auto* other : {"father", "stepfather", "other_mother"}) {
      CHECK(seen.find(std::string(other) + "@") == std::string::npos);
      CHECK(seen.find(school.id(other)) == std::string::npos);
    }
  }
  CHECK(school.get("mother", "/accounts/" + school.id("father")).status == 404);
  CHECK(school.get("mother", "/accounts").code() == "role_not_held");
}

TEST_CASE(
    "the office sees every guardian with contact and children, a teacher those of the class") {
  ApiSchool school;
  const auto office = school.get("office", "/guardians");
  CHECK(all(office, "id").size() == 4);
  const auto father = item_of(office, school.id("father"));
  CHECK(father["email"] == "father@example.org");
  CHECK(father["phones"][0] == "06-father");
  CHECK(father["children"][0]["child"] == school.id("child"));
  CHECK(father["children"][0]["authority"] == "with");
  CHECK(all(school.get("teacher", "/guardians"), "id") ==
        std::set{school.id("mother"), school.id("father"), school.id("stepfather")});
}

TEST_CASE("staff with roles and groups; a guardian sees the heads and the own child's teachers") {
  ApiSchool school;
  const auto office = school.get("office", "/staff");
  CHECK(all(office, "id") == std::set{school.id("director"), school.id("office"),
                                      school.id("teacher"), school.id("other_teacher")});
  const auto teacher = item_of(office, school.id("teacher"));
  CHECK(teacher["roles"] == json{"teacher"});
  CHECK(teacher["groups"] == json{school.id("class")});
  CHECK(teacher["email"] == "teacher@example.org");
  const auto mother = school.get("mother", "/staff");
  CHECK(all(mother, "id") == std::set{school.id("director"), school.id("teacher")});
  CHECK(mother.response.body.find('@') == std::string::npos);
}

TEST_CASE("an account is read by the office and by its owner, corrected by the office") {
  ApiSchool school;
  const auto path = "/accounts/" + school.id("mother");
  ApiSchool::done(school.patch(
      "office", path, {{"contact", {{"email", "nieuw@example.org"}, {"phones", {"06-nieuw"}}}}}));
  ApiSchool::done(school.patch("office", path, {{"name", {{"family", "Anders"}}}}));
  for (const auto* who : {"office", "director", "mother"}) {
    const auto account = ApiSchool::done(school.get(who, path));
    CHECK(account["name"] == "Anders");
    CHECK(account["email"] == "nieuw@example.org");
    CHECK(account["phones"] == json{"06-nieuw"});
    CHECK(account["children"] == json{school.id("child")});
  }
  CHECK(school.get("teacher", path).status == 404);
  CHECK(school.patch("mother", path, {{"name", {{"family", "Zelf"}}}}).code() == "role_not_held");
  CHECK(school.patch("office", path, json::object()).code() == "nothing_to_change");
}

TEST_CASE("an account that is closed lets nobody in any more") {
  ApiSchool school;
  ApiSchool::done(school.post("director", "/accounts/" + school.id("father") + "/close",
                              {{"last_day", "2026-10-04"}}));
  CHECK(school.get("father", "/feed").code() == "account_not_active");
  CHECK(school.get("mother", "/feed").status == 200);
}

TEST_CASE("everybody chooses for himself whether mail comes too") {
  ApiSchool school;
  ApiSchool::done(school.put("mother", "/me/channels", {{"mail", false}}));
  CHECK(school.put("mother", "/me/channels", {{"mail", "no"}}).code() == "invalid_body");
  CHECK(school.put("mother", "/me/channels", json::object()).code() == "invalid_body");
}

TEST_CASE("leave is seen by guardians with authority, and by nobody else's") {
  ApiSchool school;
  const auto asked = ApiSchool::done(school.post("mother", "/leaves",
                                                 {{"children", {school.id("child")}},
                                                  {"ground", "other_circumstances"},
                                                  {"first_day", "2026-11-02"},
                                                  {"last_day", "2026-11-03"},
                                                  {"motivation", "Een bruiloft"}}));
  const std::string path = "/leaves/" + std::string(asked["items"][0]["id"]);
  CHECK(school.get("father", path).status == 200);
  CHECK_FALSE(ApiSchool::done(school.get("father", path)).contains("motivation"));
  CHECK(school.get("stepfather", path).status == 404);
  CHECK(school.get("other_mother", path).status == 404);
  CHECK(school.get("teacher", path).code() == "role_not_held");
  ApiSchool::done(school.post("director", path + "/decision", {{"verdict", "grant"}}));
  const auto balance =
      school.get("father", "/children/" + school.id("child") + "/leave-balance?school_year=2026");
  CHECK(ApiSchool::done(balance)["granted"] == 2);
}

TEST_CASE("a notice that asks again makes older answers lapse") {
  ApiSchool school;
  const auto consents = "/children/" + school.id("other_child") + "/consents";
  const auto status = [&] {
    return ApiSchool::done(school.get("director", consents))["items"][0]["status"];
  };
  ApiSchool::done(school.put("other_mother", consents + "/" + school.id("purpose"),
                             {{"answer", "given"}, {"notice_version", 1}, {"language", "nl"}}));
  const auto given = status();
  const json texts = {{{"language", "nl"}, {"title", "Foto's"}, {"text", "Nu ook in de krant"}}};
  ApiSchool::done(school.post("director", "/consent-purposes/" + school.id("purpose") + "/versions",
                              {{"texts", texts}, {"asks_again", true}}));
  CHECK(given == "given");
  CHECK(status() != given);
}

/// The ETag of what a GET gives.
std::string tag_of(ApiSchool& school, const std::string& path) {
  const auto answer = school.get("office", path);
  ApiSchool::done(answer);
  return answer.header("ETag");
}

TEST_CASE("who changes what somebody else changed meanwhile is told to read it again") {
  ApiSchool school;
  const auto path = "/groups/" + school.id("class");
  const auto tag = tag_of(school, path);
  ApiSchool::done(school.patch("director", path, {{"name", "Groep 4"}}));
  const auto late = school.patch("office", path, {{"name", "Groep 5"}}, {{"If-Match", tag}});
  CHECK(late.status == 412);
  CHECK(late.code() == aggregates::row_of(aggregates::Rejection::changed_since_read).name);
  CHECK(ApiSchool::done(school.get("office", path))["name"] == "Groep 4");
  const auto fresh = tag_of(school, path);
  ApiSchool::done(school.patch("office", path, {{"name", "Groep 5"}}, {{"If-Match", fresh}}));
  CHECK(ApiSchool::done(school.get("office", path))["name"] == "Groep 5");
}

TEST_CASE("If-Match compares the version alone, and whoever repeats a request hears the same") {
  ApiSchool school;
  const auto path = "/children/" + school.id("child");
  const auto tag = tag_of(school, path);
  // Another reader gets another body and so another tag, of the same version.
  const auto mothers = school.get("mother", path).header("ETag");
  CHECK(mothers != tag);
  const HeaderFields fields = {{"If-Match", mothers}, {"Idempotency-Key", "once"}};
  const auto first = school.patch("office", path, {{"birth_day", "2020-03-05"}}, fields);
  ApiSchool::done(first);
  const auto again = school.patch("office", path, {{"birth_day", "2020-03-05"}}, fields);
  CHECK(again.body == first.body);
  // The answer's tag is good for the next change.
  ApiSchool::done(school.patch("office", path, {{"birth_day", "2020-03-06"}},
                               {{"If-Match", first.header("ETag")}}));
}

TEST_CASE("If-Match that can't be compared is refused, never passed over") {
  ApiSchool school;
  const auto path = "/groups/" + school.id("class");
  for (const auto* tag : {"", "1", "\"1\"", "\"x.y\"", "W/\"1.ab\"", "\"1.ab\", \"2.cd\"x",
                          "\"99999999999999999999.ab\"", "\"-1.ab\""}) {
    CAPTURE(tag);
    const auto answer = school.patch("office", path, {{"name", "Nee"}}, {{"If-Match", tag}});
    CHECK(answer.code() == "if_match_unusable");
  }
  CHECK(school.put("mother", "/me/channels", {{"mail", true}}, {{"If-Match", "\"1.ab\""}}).code() ==
        "if_match_unusable");
  ApiSchool::done(school.patch("office", path, {{"name", "Ja"}}, {{"If-Match", "*"}}));
}

TEST_CASE("every change of something that is read takes If-Match") {
  ApiSchool school;
  const auto child = "/children/" + school.id("child");
  const auto account = "/accounts/" + school.id("father");
  const HeaderFields stale = {{"If-Match", "\"0.00\""}};
  const auto refused = [](const ApiAnswer& answer) {
    INFO(answer.response.body);
    CHECK(answer.code() == "changed_since_read");
  };
  refused(school.patch("director", "", {{"name", "Anders"}}, stale));
  refused(school.put("director", "/posting-window", {{"opens_minute", 1}, {"closes_minute", 2}},
                     stale));
  refused(school.patch("office", child, {{"birth_day", "2020-01-01"}}, stale));
  refused(school.patch("office", child + "/guardians/" + school.id("father"),
                       {{"relation", "father"}}, stale));
  refused(school.remove("office", child + "/guardians/" + school.id("father"), stale));
  refused(school.patch("office", account, {{"name", {{"family", "Anders"}}}}, stale));
  const std::string post = ApiSchool::done(school.post(
      "teacher", "/posts",
      {{"groups", {school.id("class")}}, {"title", "Zwemmen"}, {"text", "Morgen"}}))["id"];
  refused(school.patch("teacher", "/posts/" + post, {{"title", "Gym"}}, stale));
  const auto tag = school.get("teacher", "/posts/" + post).header("ETag");
  ApiSchool::done(
      school.patch("teacher", "/posts/" + post, {{"title", "Gym"}}, {{"If-Match", tag}}));
}

}  // namespace
}  // namespace klasboek::tests
