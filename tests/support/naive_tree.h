#pragma once
// A transparency tree as RFC 6962 defines it, recursively and slowly, to hold the quick one
// against; and a random source whose seed is told by whatever fails.

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "events/log/transparency_proof.h"
#include "events/log/transparency_tree.h"

namespace klasboek::tests {

/// MTH(D) of RFC 6962, section 2.1, over leaf hashes.
log::Hash naive_root(std::span<const log::Hash> leaves);

/// Distinct leaf hashes, the same for the same count and salt.
std::vector<log::Hash> numbered_leaves(std::uint64_t count, std::uint64_t salt = 0);

/// A tree kept in memory as the ledger keeps it on disk: leaf hashes, and each node of a higher
/// level when CompactRange reports it complete.
class TreeInMemory : public log::HashReader {
 public:
  void append(const log::Hash& leaf);
  bool read(unsigned level, std::uint64_t first, std::span<log::Hash> hashes) override;

  const log::CompactRange& edge() const { return edge_; }
  std::vector<log::Hash>& hashes(unsigned level) { return levels_.at(level); }

 private:
  std::vector<std::vector<log::Hash>> levels_ =
      std::vector<std::vector<log::Hash>>(log::kTileLevelsMax);
  log::CompactRange edge_;
};

TreeInMemory tree_of(std::span<const log::Hash> leaves);

/// KLASBOEK_SEED from the environment to repeat a run, else a fresh one. Print it with CAPTURE.
std::uint64_t seed_of_this_run();

}  // namespace klasboek::tests
