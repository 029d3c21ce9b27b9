#include "api/problem.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/http_text.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

}  // namespace

TEST_CASE("a problem is answered as problem+json with a stable code and a remedy") {
  const Response response = to_response(not_found(), "4f2a");
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/problem+json");
  CHECK(header(response, "Cache-Control") == "no-store");
  const auto body = nlohmann::json::parse(response.body);
  CHECK(body["type"] == "urn:klasboek:problem:not_found");
  CHECK(body["status"] == 404);
  CHECK(body["code"] == "not_found");
  CHECK(body["request_id"] == "4f2a");
  CHECK_FALSE(body["remedy"].get<std::string>().empty());
  CHECK_FALSE(body.contains("errors"));
}

TEST_CASE("a problem with a body names each place that is wrong") {
  const Response response = to_response(
      invalid_body({{"/children/0", "unknown_id", "no such child"}, {"", "missing", "\"x\""}}), "");
  const auto body = nlohmann::json::parse(response.body);
  CHECK(response.status == 422);
  REQUIRE(body["errors"].size() == 2);
  CHECK(body["errors"][0]["pointer"] == "/children/0");
  CHECK(body["errors"][0]["code"] == "unknown_id");
  CHECK(body["errors"][1]["message"] == "\"x\"");
  CHECK_FALSE(body.contains("request_id"));
}

TEST_CASE("405 carries Allow, and 429 and 503 carry Retry-After") {
  CHECK(header(to_response(method_not_allowed({Method::get, Method::head}), ""), "Allow") ==
        "GET, HEAD");
  CHECK(header(to_response(too_many_requests("x", 7), ""), "Retry-After") == "7");
  CHECK(header(to_response(unavailable("x", 2), ""), "Retry-After") == "2");
  CHECK(header(to_response(not_found(), ""), "Retry-After") == "(none)");
}

TEST_CASE("every problem of the server itself has its status, a code and words for a person") {
  const std::vector<std::pair<int, Problem>> problems = {{400, malformed_request("d")},
                                                         {400, invalid_parameter("limit", "d")},
                                                         {400, malformed_json("d")},
                                                         {404, not_found()},
                                                         {405, method_not_allowed({Method::get})},
                                                         {408, request_timeout()},
                                                         {411, length_required()},
                                                         {413, body_too_large(9)},
                                                         {414, target_too_long("d")},
                                                         {415, unsupported_media_type("a/b")},
                                                         {417, expectation_failed()},
                                                         {421, misdirected_request()},
                                                         {422, invalid_body({})},
                                                         {429, too_many_requests("d", 1)},
                                                         {431, headers_too_large("d")},
                                                         {500, internal_error()},
                                                         {501, method_not_implemented()},
                                                         {503, unavailable("d", 1)},
                                                         {505, version_not_supported()}};
  std::vector<std::string> codes;
  for (const auto& [status, problem] : problems) {
    INFO(problem.code);
    CHECK(problem.status == status);
    CHECK_FALSE(problem.title.empty());
    CHECK_FALSE(problem.detail.empty());
    CHECK_FALSE(problem.remedy.empty());
    CHECK(std::ranges::all_of(problem.code,
                              [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }));
    codes.push_back(problem.code);
  }
  std::ranges::sort(codes);
  CHECK(std::ranges::adjacent_find(codes) == codes.end());
}

}  // namespace klasboek::tests
