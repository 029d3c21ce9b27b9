// Whole schools for days, by seed, in one thread: the program's own code on a simulated disk, clock
// and partition (docs/simulation.md).
#include <catch2/catch.hpp>

#include "tests/simulation/seeds.h"
#include "tests/simulation/simulation.h"
#include "tests/support/from_environment.h"

namespace klasboek::tests {
namespace {

TEST_CASE("two hundred seeds of crashes, lost answers and late records leave every promise kept") {
  const auto one = number_from_environment("KLASBOEK_SIMULATION_SEED", 0);
  const auto count = number_from_environment("KLASBOEK_SIMULATION_SEEDS", 200);
  check_simulations({.first = one == 0 ? 1 : one, .count = one == 0 ? count : 1});
}

TEST_CASE("the same seed takes the same steps, another one others") {
  for (const auto kind : {SimulatedKind::embedded, SimulatedKind::partition}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      INFO("seed " << seed);
      const auto first = simulate(seed, kind);
      const auto again = simulate(seed, kind);
      CHECK(first.trace == again.trace);
      CHECK(first.trace_hash == again.trace_hash);
      CHECK(first.trace_hash != simulate(seed + 1, kind).trace_hash);
    }
  }
}

}  // namespace
}  // namespace klasboek::tests
