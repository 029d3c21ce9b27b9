#pragma once
// Checks a log from its first record: whether every commit is in by the rule, the trees are what
// their events make, and every decision, taken again on what was known then, comes out the same.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "events/log/ledger.h"
#include "projections/projector.h"

namespace klasboek::reactions {

struct Verification {
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t decisions = 0;
  /// What is wrong, each with position or sequence and name; empty where all is well.
  std::vector<std::string> faults;
};

/// More faults than this aren't listed.
inline constexpr std::size_t kFaultsListedMax = 100;

/// scratch: an empty directory for a second copy of the ledger; the caller removes it.
Verification verify(const log::Ledger& ledger, const std::filesystem::path& scratch,
                    const projections::Progress& progress = {});

}  // namespace klasboek::reactions
