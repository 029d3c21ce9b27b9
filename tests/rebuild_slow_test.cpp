// The power goes while views are made anew: more seeds than there is time for among the fast tests.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/support/rebuild_trial.h"

namespace klasboek::tests {
namespace {

/// A number from the environment, for whoever has more time or repeats a seed.
std::uint64_t number_in(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

TEST_CASE("cut off at dozens of moments, a rebuild goes on and comes to the same rows") {
  check_rebuild_cuts({.first_seed = number_in("KLASBOEK_SEED", std::random_device{}()),
                      .seeds = number_in("KLASBOEK_SEEDS", 20)});
}

}  // namespace
}  // namespace klasboek::tests
