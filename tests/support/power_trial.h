#pragma once
// Cuts the power under an embedded log, or under the views of one, seed by seed.
#include <cstdint>

namespace klasboek::tests {

struct PowerCuts {
  std::uint64_t first_seed = 0;
  std::uint64_t seeds = 0;
};

/// Each seed is the moment of a cut and what the disk makes of it. Fails the test where something
/// that was acknowledged is gone or double, or where the log doesn't open or go on.
void check_power_cuts(const PowerCuts& cuts);

/// The same under the views of a log that goes on. Fails the test where they don't open afterwards
/// or have other rows than views that were never cut off.
void check_power_cuts_of_views(const PowerCuts& cuts);

}  // namespace klasboek::tests
