#include "tests/support/power_trial.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/support/disk_trial.h"
#include "tests/support/power_cut.h"

namespace klasboek::tests {

namespace {

/// Opening and the appends of a trial change the disk about as often.
constexpr std::uint64_t kCallsMax = 120;
/// The log is closed, opened and cut again: damage may lie upon damage.
constexpr int kCutsPerLog = 3;

}  // namespace

void check_power_cuts(const PowerCuts& cuts) {
  std::size_t cut_in_time = 0;
  for (auto seed = cuts.first_seed; seed < cuts.first_seed + cuts.seeds; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 dice(seed);
    DiskTrial trial;
    for (int n = 0; n < kCutsPerLog; ++n) {
      PowerCutDisk disk(1 + dice() % kCallsMax);
      if (trial.append_on(*disk.env()).met_fault) ++cut_in_time;
      disk.cut();
      disk.settle(dice);
      trial.check_after();
    }
  }
  // Not all cuts came after all was done.
  CHECK(cut_in_time > cuts.seeds);
}

}  // namespace klasboek::tests
