#include "api/router.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "api/http_target.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;

std::vector<RoutePattern> school_routes() {
  return {{Method::get, "/", 0},
          {Method::get, "/livez", 1},
          {Method::post, "/v1/sessions", 2},
          {Method::delete_, "/v1/sessions/current", 3},
          {Method::get, "/v1/schools/{school}/posts/{post}", 4},
          {Method::patch, "/v1/schools/{school}/posts/{post}", 5},
          {Method::post, "/v1/schools/{school}/posts/check", 6},
          {Method::get, "/v1/schools/{school}/children/{child}/consents", 7},
          {Method::put, "/v1/schools/{school}/children/{child}/consents/{purpose}", 8},
          {Method::get, "/v1/calendars/{secret}.ics", 9},
          {Method::get, "/v1/calendars/{calendar}", 10},
          {Method::get, "/v1/schemas/{hash}.bfbs", 11}};
}

Router school_router() {
  const auto routes = school_routes();
  auto router = Router::build(routes);
  REQUIRE(router);
  return *std::move(router);
}

// What a path leads to, with its segments kept alive for the parameters' sake.
struct Visit {
  Target target;
  RouteResult result;
};

Visit visit(const Router& router, Method method, std::string_view path) {
  auto target = parse_target(path);
  REQUIRE(target);
  Visit visit{*std::move(target), RouteNotFound{}};
  visit.result = router.find(method, visit.target.segments);
  return visit;
}

std::size_t index_of(const Visit& visit) {
  REQUIRE(std::holds_alternative<RouteFound>(visit.result));
  return std::get<RouteFound>(visit.result).index;
}

RouteFaultKind fault_of(std::vector<RoutePattern> routes) {
  const auto router = Router::build(routes);
  REQUIRE_FALSE(router);
  CHECK(router.error().index == routes.back().index);
  return router.error().kind;
}

}  // namespace

TEST_CASE("a path leads to its route and gives the parameters by name") {
  const Router router = school_router();
  const Visit consent =
      visit(router, Method::put, "/v1/schools/school_1/children/child_2/consents/photos");
  CHECK(index_of(consent) == 8);
  const auto& parameters = std::get<RouteFound>(consent.result).parameters;
  CHECK(parameters["school"] == "school_1");
  CHECK(parameters["child"] == "child_2");
  CHECK(parameters["purpose"] == "photos");
  CHECK(parameters.all().size() == 3);
  CHECK(index_of(visit(router, Method::get, "/")) == 0);
}

TEST_CASE("a literal segment goes before a parameter, but not when it refuses the method") {
  const Router router = school_router();
  CHECK(index_of(visit(router, Method::post, "/v1/schools/s/posts/check")) == 6);
  CHECK(index_of(visit(router, Method::get, "/v1/schools/s/posts/check")) == 4);
}

TEST_CASE("a parameter with a fixed ending is given without it") {
  const Router router = school_router();
  const Visit calendar = visit(router, Method::get, "/v1/calendars/abc.def.ics");
  CHECK(index_of(calendar) == 9);
  CHECK(std::get<RouteFound>(calendar.result).parameters["secret"] == "abc.def");
  CHECK(index_of(visit(router, Method::get, "/v1/calendars/abc")) == 10);
  const Visit only_ending = visit(router, Method::get, "/v1/calendars/.ics");
  CHECK(index_of(only_ending) == 10);
  CHECK(
      std::holds_alternative<RouteNotFound>(visit(router, Method::get, "/v1/schemas/abc").result));
}

TEST_CASE("a path nobody has is not found, and neither is one with an empty segment") {
  const Router router = school_router();
  for (const char* path : {"/v1", "/v2/sessions", "/v1/sessions/", "//livez", "/livez/",
                           "/v1/schools//posts/p", "/v1/schools/s/posts", "/Livez"}) {
    INFO(path);
    CHECK(std::holds_alternative<RouteNotFound>(visit(router, Method::get, path).result));
  }
}

TEST_CASE("a method that a path doesn't take is refused with those that it takes") {
  const Router router = school_router();
  const Visit deleted = visit(router, Method::delete_, "/v1/schools/s/posts/p");
  REQUIRE(std::holds_alternative<RouteMethodNotAllowed>(deleted.result));
  CHECK(std::get<RouteMethodNotAllowed>(deleted.result).allow ==
        std::vector{Method::get, Method::head, Method::patch, Method::options});
  const Visit both = visit(router, Method::put, "/v1/schools/s/posts/check");
  REQUIRE(std::holds_alternative<RouteMethodNotAllowed>(both.result));
  CHECK(std::get<RouteMethodNotAllowed>(both.result).allow ==
        std::vector{Method::get, Method::head, Method::post, Method::patch, Method::options});
}

TEST_CASE("HEAD is answered by GET, and OPTIONS by what the path takes") {
  const Router router = school_router();
  CHECK(index_of(visit(router, Method::head, "/livez")) == 1);
  CHECK(std::holds_alternative<RouteMethodNotAllowed>(
      visit(router, Method::head, "/v1/sessions").result));
  const Visit options = visit(router, Method::options, "/v1/sessions");
  REQUIRE(std::holds_alternative<RouteOptions>(options.result));
  const auto& allow = std::get<RouteOptions>(options.result).allow;
  CHECK(allow == std::vector{Method::post, Method::options});
  const Response response = options_response(allow);
  CHECK(response.status == 204);
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0].second == "POST, OPTIONS");
  CHECK(std::holds_alternative<RouteNotFound>(visit(router, Method::options, "/x").result));
}

TEST_CASE("an encoded slash stays inside its parameter, and nothing is decoded twice") {
  const Router router = school_router();
  const Visit slash = visit(router, Method::get, "/v1/schools/s/posts/a%2Fb");
  CHECK(index_of(slash) == 4);
  CHECK(std::get<RouteFound>(slash.result).parameters["post"] == "a/b");
  const Visit twice = visit(router, Method::get, "/v1/schools/s/posts/a%252Fb");
  CHECK(std::get<RouteFound>(twice.result).parameters["post"] == "a%2Fb");
}

TEST_CASE("a table of routes with a fault is refused and the fault named") {
  const RoutePattern good{Method::get, "/a/{x}", 7};
  CHECK(fault_of({good, {Method::get, "/a/{y}", 8}}) == RouteFaultKind::repeated_route);
  CHECK(fault_of({good, {Method::get, "a", 8}}) == RouteFaultKind::template_without_slash);
  CHECK(fault_of({good, {Method::get, "", 8}}) == RouteFaultKind::template_without_slash);
  for (const char* path : {"/a//b", "/a/", "/{}", "/{x", "/x}", "/a{x}", "/{x}{y}"}) {
    INFO(path);
    CHECK(fault_of({good, {Method::get, path, 8}}) == RouteFaultKind::malformed_segment);
  }
  CHECK(fault_of({{Method::get, "/{x}/{x}", 8}}) == RouteFaultKind::repeated_parameter);
  CHECK(fault_of({{Method::get, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", 8}}) ==
        RouteFaultKind::too_many_parameters);
  CHECK(fault_of({{Method::head, "/a", 8}}) == RouteFaultKind::head_or_options);
}

// Property: whatever the table, what a route's own template makes is found again as that route,
// unless a more particular route takes it; and the router agrees with a plain search of the list.
TEST_CASE("the router finds what a search of the list finds, whatever the table") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const std::vector<std::string> words = {"a", "b", "c"};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> templates;
    std::vector<RoutePattern> routes;
    for (std::size_t i = 0; i < 12; ++i) {
      std::string path;
      for (std::size_t depth = 0, length = 1 + below(4); depth < length; ++depth) {
        path += below(3) == 0 ? "/{p" + std::to_string(depth) + "}" : "/" + words[below(3)];
      }
      if (std::ranges::find(templates, path) == templates.end()) templates.push_back(path);
    }
    routes.reserve(templates.size());
    for (const auto& path : templates) routes.push_back({Method::get, path, routes.size()});
    const auto router = Router::build(routes);
    REQUIRE(router);
    for (int query = 0; query < 30; ++query) {
      std::vector<std::string> segments(1 + below(4));
      for (auto& segment : segments) segment = words[below(3)];
      // Best of the list: at the first difference from the left, the literal.
      const std::string* best = nullptr;
      const auto fits = [&](const std::string& path) {
        std::string rest = path;
        for (const auto& segment : segments) {
          if (rest.empty()) return false;
          const std::size_t end = std::min(rest.find('/', 1), rest.size());
          const std::string part = rest.substr(1, end - 1);
          if (part.empty() || (part[0] != '{' && part != segment)) return false;
          rest = rest.substr(end);
        }
        return rest.empty();
      };
      // '{' sorts after every letter, so the smallest fitting template is the most particular.
      for (const auto& path : templates) {
        if (fits(path) && (best == nullptr || path < *best)) best = &path;
      }
      const RouteResult result = router->find(Method::get, segments);
      if (best == nullptr) {
        CHECK(std::holds_alternative<RouteNotFound>(result));
      } else {
        REQUIRE(std::holds_alternative<RouteFound>(result));
        CHECK(templates[std::get<RouteFound>(result).index] == *best);
      }
    }
  }
}

}  // namespace klasboek::tests
