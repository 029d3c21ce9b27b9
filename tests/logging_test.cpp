#include "tools/logging.h"

#include <spdlog/details/log_msg.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace klasboek::tests {
namespace {

nlohmann::json line_of(const std::string& message) {
  spdlog::memory_buf_t line;
  tools::json_lines()->format(spdlog::details::log_msg("klasboek", spdlog::level::warn, message),
                              line);
  return nlohmann::json::parse(std::string(line.data(), line.size()));
}

TEST_CASE("a line of the record is JSON, whatever was written") {
  CHECK(line_of("log: partition 0 is open")["message"] == "log: partition 0 is open");
  CHECK(line_of("a \"quoted\"\nword\\")["message"] == "a \"quoted\"\nword\\");
  CHECK(line_of("")["message"] == "");
  CHECK(line_of("log: open")["level"] == "warning");
  CHECK(line_of("log: open")["at"].get<std::string>().ends_with("Z"));
}

TEST_CASE("members of a message stand beside time and level") {
  const auto line = line_of(R"("request":"r1","status":200)");
  CHECK(line["request"] == "r1");
  CHECK(line["status"] == 200);
  CHECK_FALSE(line.contains("message"));
}

}  // namespace
}  // namespace klasboek::tests
