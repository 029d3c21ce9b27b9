// The description of the API, before anybody asks anything: each row of the route table says all of
// itself. What is answered is held against it by recorded_answers_test.py.
#include "api/openapi.h"

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "api/route.h"
#include "api/route_problems.h"

namespace klasboek::tests {
namespace {

using api::all_routes;
using api::Method;
using nlohmann::json;

std::string place_of(const api::Route& route) {
  return std::string(api::method_name(route.method)) + " " + std::string(route.path);
}

json document() {
  return json::parse(api::openapi_document(all_routes(), "https://school.example.org"));
}

TEST_CASE("every parameter of a path is described") {
  for (const auto& route : all_routes()) {
    for (const auto name : api::path_parameter_names(route.path)) {
      INFO(place_of(route) << ": say in api/route_problems.cpp what {" << name << "} is");
      CHECK(api::path_parameter(name).has_value());
    }
  }
}

TEST_CASE("a route has a name of its own and says in words what it is for") {
  std::set<std::string_view> names;
  for (const auto& route : all_routes()) {
    INFO(place_of(route));
    CHECK(names.insert(route.name).second);
    CHECK(std::regex_match(std::string(route.name), std::regex("[a-z]+(_[a-z]+)*")));
    CHECK(route.summary.size() >= 10);
    CHECK_FALSE(route.tag.empty());
  }
}

TEST_CASE("a changing route says what its body is unless it has none, and a reading one has none") {
  for (const auto& route : all_routes()) {
    INFO(place_of(route));
    if (route.method == Method::get || route.method == Method::delete_) {
      CHECK_FALSE(route.shape.body().has_value());
    }
    if (route.method == Method::put || route.method == Method::patch) {
      CHECK(route.shape.body().has_value());
    }
  }
}

TEST_CASE("a schema's name means one thing") {
  std::map<std::string, std::string> known;
  const auto look = [&](const api::schema::Schema& schema) {
    for (const auto& [name, text] : schema.named()) {
      INFO(name);
      CHECK(known.try_emplace(name, text).first->second == text);
    }
  };
  for (const auto& route : all_routes()) {
    if (route.shape.body()) look(*route.shape.body());
    for (const auto& answer : route.shape.answers()) {
      if (answer.body) look(*answer.body);
    }
  }
  CHECK(known.contains("Post"));
}

TEST_CASE("every error of every operation has its status, its code and an example") {
  const auto described = document();
  const auto& examples = described["components"]["examples"];
  for (const auto& route : all_routes()) {
    std::string method(api::method_name(route.method));
    std::ranges::transform(method, method.begin(), [](char c) { return c | 0x20; });
    const auto& answers = described["paths"][std::string(route.path)][method]["responses"];
    for (const auto& problem : api::problems_of(route)) {
      INFO(place_of(route) << " " << problem.code);
      const auto status = std::to_string(problem.status);
      REQUIRE(answers.contains(status));
      const auto& form = answers[status]["content"]["application/problem+json"];
      REQUIRE(form["examples"].contains(problem.code));
      const auto& value = examples[problem.code]["value"];
      CHECK(value["status"] == problem.status);
      CHECK(value["code"] == problem.code);
      CHECK_FALSE(value["title"].get<std::string>().empty());
      CHECK_FALSE(value["remedy"].get<std::string>().empty());
    }
  }
}

TEST_CASE("who may is said as it is enforced") {
  const auto described = document();
  const auto& decide = described["paths"]["/v1/schools/{school}/leaves/{leave}/decision"]["post"];
  CHECK(decide["x-roles"] == json::array({"director", "deputy"}));
  CHECK(decide["description"].get<std::string>().ends_with("For: director, deputy."));
  CHECK(described["paths"]["/v1/sessions"]["post"]["security"] == json::array());
  CHECK(described["security"] == json::array({{{"session", json::array()}}}));
}

}  // namespace
}  // namespace klasboek::tests
