#pragma once
// Records as a partition may hold them, by a seed.
#include <cstdint>
#include <vector>

#include "events/commit.h"

namespace klasboek::tests {

/// Commits of the schools 1 to 3 that are good, late, doubled, settled or skewed, decided about
/// now, records about the log, and noise.
std::vector<events::Bytes> random_records(std::uint32_t seed, std::int64_t now_us);

}  // namespace klasboek::tests
