#pragma once
// A simulation: many schools, whose people ask for all kinds of things; nodes that die, stop and go
// on, with clocks that jump; answers that are lost; records that land late or twice. One thread
// takes one step after the other as the dice of the seed say, and then the world calms down: all
// that was asked is asked until it has an outcome, and what must hold is looked at.
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace klasboek::tests {

enum class SimulatedKind : std::uint8_t {
  embedded,  // one node, whose log is its own
  partition  // two or three nodes that share a partition
};

struct SimulationReport {
  /// What must hold and didn't; empty where all is well.
  std::vector<std::string> violations;
  /// The last lines of what happened.
  std::deque<std::string> trace;
  /// Of all of it. The same seed gives the same.
  std::uint64_t trace_hash = 0;

  // How much happened.
  std::uint64_t requests = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;
  std::uint64_t repeated = 0;
  std::uint64_t crashes = 0;
  std::uint64_t voids = 0;
  std::uint64_t lost_answers = 0;
};

SimulationReport simulate(std::uint64_t seed, SimulatedKind kind);

}  // namespace klasboek::tests
