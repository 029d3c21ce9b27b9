// Other seeds than simulation_test has: KLASBOEK_SIMULATION_SEEDS says how many, and
// KLASBOEK_SIMULATION_FIRST where to begin.
#include <catch2/catch.hpp>

#include "tests/simulation/seeds.h"
#include "tests/support/from_environment.h"

namespace klasboek::tests {
namespace {

TEST_CASE("many seeds of crashes, lost answers and late records leave every promise kept") {
  check_simulations({.first = number_from_environment("KLASBOEK_SIMULATION_FIRST", 1001),
                     .count = number_from_environment("KLASBOEK_SIMULATION_SEEDS", 50)});
}

}  // namespace
}  // namespace klasboek::tests
