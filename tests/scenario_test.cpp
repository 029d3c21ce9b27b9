// The four actions from end to end on the embedded log.
#include <catch2/catch.hpp>

#include "tests/support/scenario.h"
#include "tests/support/source_dir.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {
namespace {

TEST_CASE("a post, consent, an absence and leave on the embedded log") {
  const TemporaryDirectory directory;
  tools::Configuration configuration;
  configuration.data_dir = directory.path() / "data";
  configuration.master_key_file = directory.path() / "master.key";
  run_scenario(source_path("tests/scenarios/four_actions.txt"), configuration);
}

}  // namespace
}  // namespace klasboek::tests
