// The power goes under log, views and vault: seeds that the fast tests don't try. Ten of each by
// default; with KLASBOEK_SEEDS=1000 a thousand, and from KLASBOEK_SEED on.
#include <catch2/catch.hpp>

#include "tests/support/from_environment.h"
#include "tests/support/power_trial.h"
#include "tests/support/vault_trial.h"

namespace klasboek::tests {
namespace {

std::uint64_t first_seed() { return number_from_environment("KLASBOEK_SEED", 1001); }
std::uint64_t seeds() { return number_from_environment("KLASBOEK_SEEDS", 10); }

TEST_CASE("after power cuts at many moments all that was acknowledged is there") {
  check_power_cuts({.first_seed = first_seed(), .seeds = seeds()});
}

TEST_CASE("after power cuts under views at many moments they are what the log says") {
  check_power_cuts_of_views({.first_seed = first_seed(), .seeds = seeds()});
}

TEST_CASE("after power cuts under a vault at many moments each key opens what it sealed") {
  check_vault_power_cuts({.first_seed = first_seed(), .seeds = seeds()});
}

}  // namespace
}  // namespace klasboek::tests
