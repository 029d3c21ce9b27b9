// How what is there is read: as of then, at least as of now, unchanged, page by page; and what the
// installation says of itself.
#include <catch2/catch.hpp>
#include <set>

#include "api/route.h"
#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

/// The position of the answer to a post of the teacher's to the class.
std::uint64_t post_to_class(ApiSchool& school, const std::string& title) {
  return ApiSchool::done(school.post(
      "teacher", "/posts",
      {{"groups", {school.id("class")}}, {"title", title}, {"text", "Tot dan!"}}))["position"];
}

std::vector<std::string> types_in(const json& items) {
  std::vector<std::string> types;
  for (const auto& item : items) types.push_back(item["type"]);
  return types;
}

TEST_CASE("an audit trail as of then holds what had happened by then") {
  ApiSchool school;
  const auto path = "/audit?subject=" + school.id("class");
  const auto first = post_to_class(school, "Zwemles");
  post_to_class(school, "Museum");
  const auto now = ApiSchool::done(school.get("director", path))["items"];
  const auto then =
      ApiSchool::done(school.get("director", path + "&at=" + std::to_string(first)))["items"];
  CHECK(now.size() == then.size() + 1);
  CHECK(types_in(then).front() == "PostPublished");
  CHECK(then.front()["position"] == first);
  CHECK(school.get("director", path + "&at=1000000").code() == "invalid_parameter");
  // A position has one way to be written, but for a few zeros.
  CHECK(school.get("director", path + "&at=" + std::string(41, '0')).code() == "invalid_parameter");
}

TEST_CASE("consent as of then is what it was then") {
  ApiSchool school;
  const auto path = "/children/" + school.id("child") + "/consents";
  const auto answer = [&](const std::string& who, const std::string& what) {
    return ApiSchool::done(school.put(
        who, path + "/" + school.id("purpose"),
        {{"answer", what}, {"notice_version", 1}, {"language", "nl"}}))["position"]
        .get<std::uint64_t>();
  };
  answer("mother", "given");
  const auto both = answer("father", "given");
  answer("father", "refused");
  const auto status_at = [&](const std::string& query) {
    return ApiSchool::done(school.get("mother", path + query))["items"][0]["status"];
  };
  CHECK(status_at("?at=" + std::to_string(both)) == "given");
  CHECK(status_at("") != "given");
}

TEST_CASE("what hasn't changed isn't sent again") {
  ApiSchool school;
  const auto path = "/groups/" + school.id("class");
  const auto first = school.get("office", path);
  const auto tag = first.header("ETag");
  REQUIRE_FALSE(tag.empty());
  const auto again = school.get("office", path, {{"If-None-Match", tag}});
  CHECK(again.status == 304);
  CHECK(again.response.body.empty());
  ApiSchool::done(school.patch("office", path, {{"name", "Groep 4"}}));
  CHECK(school.get("office", path, {{"If-None-Match", tag}}).status == 200);
}

TEST_CASE("a read asks for at least a position, and is told where that isn't of this log") {
  ApiSchool school;
  const auto position = post_to_class(school, "Zwemles");
  const auto feed =
      ApiSchool::done(school.get("mother", "/feed?min_position=" + std::to_string(position)));
  CHECK(feed["items"][0]["title"] == "Zwemles");
  CHECK(school.get("mother", "/feed?min_position=1000000").status == 400);
  CHECK(school.get("mother", "/feed?min_position=gisteren").status == 400);
}

TEST_CASE("a long list comes in pages, each item once, newest first") {
  ApiSchool school;
  std::vector<std::string> titles;
  for (int i = 0; i < 5; ++i) {
    titles.insert(titles.begin(), "Bericht " + std::to_string(i));
    post_to_class(school, titles.front());
  }
  std::vector<std::string> seen;
  std::string query = "?limit=2";
  for (int pages = 1;; ++pages) {
    const auto answer = school.get("mother", "/feed" + query);
    const auto page = ApiSchool::done(answer);
    for (const auto& item : page["items"]) seen.push_back(item["title"]);
    if (page["next"].is_null()) {
      CHECK(pages == 3);
      CHECK(answer.header("Link").empty());
      break;
    }
    CHECK(answer.header("Link").contains("rel=\"next\""));
    query = "?limit=2&cursor=" + page["next"].get<std::string>();
  }
  CHECK(seen == titles);
  CHECK(school.get("other_mother", "/feed?cursor=verzonnen").status == 400);
}

TEST_CASE("the installation says that it lives and is ready, and counts without naming anybody") {
  ApiSchool school;
  CHECK(school.send_bare("GET", "/livez", "", "").status == 200);
  CHECK(school.send_bare("GET", "/readyz", "", "").status == 200);
  const auto metrics = school.send_bare("GET", "/metrics", "", "");
  CHECK(metrics.status == 200);
  CHECK(metrics.response.body.contains("klasboek_log_events_total{shard=\"0\"} "));
  CHECK(metrics.response.body.contains("klasboek_shard_ready{shard=\"0\"} 1"));
  CHECK_FALSE(metrics.response.body.contains("school_"));
}

TEST_CASE("the description of the API has every route of the table, with who may") {
  ApiSchool school;
  const auto described = school.send_bare("GET", "/openapi.json", "", "");
  REQUIRE(described.status == 200);
  CHECK(described.body["openapi"] == "3.1.0");
  std::set<std::string> operations;
  for (const auto& path : described.body["paths"]) {
    for (const auto& operation : path) operations.insert(operation["operationId"]);
  }
  for (const auto& route : api::all_routes()) {
    CAPTURE(route.path);
    CHECK(operations.contains(std::string(route.name)));
  }
  CHECK(operations.size() == api::all_routes().size());
  const auto& decision =
      described.body["paths"]["/v1/schools/{school}/leaves/{leave}/decision"]["post"];
  CHECK(decision["x-roles"] == json({"director", "deputy"}));
}

}  // namespace
}  // namespace klasboek::tests
