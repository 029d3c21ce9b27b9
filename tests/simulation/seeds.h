#pragma once
// Runs simulations seed by seed, by turns with an embedded log and with a partition.
#include <cstdint>

namespace klasboek::tests {

struct SimulationSeeds {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
};

/// Fails the test, with the seed and the end of its trace, where something that must hold doesn't.
void check_simulations(const SimulationSeeds& seeds);

}  // namespace klasboek::tests
