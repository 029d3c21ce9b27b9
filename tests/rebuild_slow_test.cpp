// The power goes while views are made anew: more seeds than there is time for among the fast tests.
#include <catch2/catch.hpp>

#include "tests/support/from_environment.h"
#include "tests/support/rebuild_trial.h"

namespace klasboek::tests {
namespace {

TEST_CASE("cut off at dozens of moments, a rebuild goes on and comes to the same rows") {
  check_rebuild_cuts({.first_seed = number_from_environment("KLASBOEK_SEED", 1),
                      .seeds = number_from_environment("KLASBOEK_SEEDS", 8)});
}

}  // namespace
}  // namespace klasboek::tests
