#include "events/log/embedded_log.h"

#include <catch2/catch.hpp>

#include "tests/support/embedded_under_test.h"

namespace klasboek::tests {
namespace {

TEST_CASE("the embedded log keeps the contract of a log") {
  check_log_contract([] { return std::make_unique<EmbeddedUnderTest>(); });
}

TEST_CASE("a directory in use by another program is refused by name") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  auto first = log::EmbeddedLog::open(embedded_options_in(directory), keys);
  REQUIRE(first.has_value());
  const auto second = log::EmbeddedLog::open(embedded_options_in(directory), keys);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == log::LogFaultKind::in_use);
}

TEST_CASE("a closed log answers everybody who waits") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  auto log = log::EmbeddedLog::open(embedded_options_in(directory), keys);
  REQUIRE(log.has_value());
  (*log)->close();
  CHECK(std::holds_alternative<log::Unavailable>(
      append(**log, small_commit(school_number(1), "a", 0))));
  CHECK_FALSE((*log)->health().ready);
}

}  // namespace
}  // namespace klasboek::tests
