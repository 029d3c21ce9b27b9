#include "tests/support/refusal.h"

#include <catch2/catch.hpp>

namespace klasboek::tests {

void check_refusal(const ApiAnswer& answer) {
  INFO(answer.status << " " << answer.response.body.substr(0, 500));
  REQUIRE(answer.status < 500);
  if (answer.status < 400) return;
  REQUIRE(answer.response.content_type == "application/problem+json");
  REQUIRE(answer.body.is_object());
  const auto says = [&](const char* member) { return !answer.body.value(member, "").empty(); };
  REQUIRE((says("code") && says("title") && says("detail") && says("remedy")));
  REQUIRE(answer.body.value("status", 0) == answer.status);
  REQUIRE(answer.response.body.find(kCanary) == std::string::npos);
  if (answer.code() != "invalid_body") return;
  REQUIRE_FALSE(answer.body["errors"].empty());
  for (const auto& error : answer.body["errors"]) {
    REQUIRE(error.contains("pointer"));
    REQUIRE_FALSE(error.value("message", "").empty());
  }
}

}  // namespace klasboek::tests
