// A program that is told to use a Kafka that isn't there says so in bounded time, and begins as if
// nothing had happened once it is named rightly.
#include <catch2/catch.hpp>
#include <chrono>
#include <sstream>

#include "tests/support/temporary_directory.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

using Catch::Contains;

constexpr std::chrono::seconds kPatienceMax{90};

TEST_CASE("no broker where one was named: an exit code and its address, in bounded time") {
  const TemporaryDirectory directory;
  tools::Configuration configuration;
  configuration.data_dir = (directory / "school").string();
  configuration.master_key_file = (directory / "master.key").string();
  configuration.log_kind = "kafka";
  configuration.log_brokers = "127.0.0.1:1";
  tools::SchoolOptions options;
  options.name = "De Vlieger";
  options.director_name = "Dirkje Directeur";
  options.director_email = "directie@example.org";
  const auto create = [&](std::ostream& err) {
    std::ostringstream out;
    return tools::school_create_command(tools::Toolbox{configuration, true, out, err}, options);
  };
  std::ostringstream err;
  const auto began = std::chrono::steady_clock::now();
  CHECK(create(err) == tools::kCannotOpen);
  CHECK(std::chrono::steady_clock::now() - began < kPatienceMax);
  CHECK_THAT(err.str(), Contains("klasboek: ") && Contains("127.0.0.1:1"));

  configuration.log_kind = "embedded";
  std::ostringstream none;
  CHECK(create(none) == tools::kDone);
  CHECK(none.str().empty());
}

}  // namespace
}  // namespace klasboek::tests
