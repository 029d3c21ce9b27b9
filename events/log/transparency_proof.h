#pragma once
// Proofs over the transparency tree (RFC 6962, section 2.1): that a leaf is in it, and that an
// earlier tree is the beginning of a later one. Building a proof reads stored tile hashes; checking
// one needs nothing but the proof, and is what `klasboek verify` and a guardian's receipt rest on.
//
// Functions keep no state and may be called from any thread as far as the given HashReader may.

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "events/log/transparency_tree.h"

namespace klasboek::log {

/// Where the hashes of one school's tree are stored. Implemented by the ledger.
class HashReader {
 public:
  virtual ~HashReader() = default;

  /// Copies hashes [first, first + hashes.size()) of `level` (numbered as in TileNode) to `hashes`.
  /// The range never crosses the border of a tile, and only nodes whose leaves are all in the tree
  /// are asked for. False: at least one of them can't be read, and the ledger is damaged.
  virtual bool read(unsigned level, std::uint64_t first, std::span<Hash> hashes) = 0;
};

enum class ProofFault : std::uint8_t {
  leaf_is_beyond_tree,     // index >= size
  sizes_run_backwards,     // the earlier tree is larger than the later one
  hash_is_missing,         // ProofError::level and ::index say where
  proof_has_wrong_length,  // hashes too few or too many for these sizes
  earlier_root_differs,    // the proof doesn't lead to the earlier tree's root
  root_differs,            // the proof doesn't lead to the tree's root
};

struct ProofError {
  ProofFault fault{};
  /// Of the first hash that couldn't be read; zero for every other fault.
  unsigned level = 0;
  std::uint64_t index = 0;

  friend bool operator==(const ProofError&, const ProofError&) = default;
};

/// What is wrong, where, and what to do, in one line.
std::string describe(const ProofError& error);

/// Sibling hashes, those nearest to the leaves first.
using Proof = std::vector<Hash>;

/// PATH(index, D[0:size]) of RFC 6962, section 2.1.1.
std::expected<Proof, ProofError> prove_inclusion(HashReader& reader, std::uint64_t index,
                                                 std::uint64_t size);

/// PROOF(earlier_size, D[0:size]) of RFC 6962, section 2.1.2. Empty where nothing is to be shown:
/// for equal sizes, and for an earlier tree without leaves.
std::expected<Proof, ProofError> prove_consistency(HashReader& reader, std::uint64_t earlier_size,
                                                   std::uint64_t size);

/// The right edge that the tree had when it held `size` leaves, built from stored hashes: its root,
/// and a check on the edge that is kept apart. REQUIRES: size <= kTreeSizeMax.
std::expected<CompactRange, ProofError> read_compact_range(HashReader& reader, std::uint64_t size);

/// Succeeds only if the leaf with this hash is number `index` of the tree with this size and root.
std::expected<void, ProofError> verify_inclusion(const Hash& leaf, std::uint64_t index,
                                                 std::uint64_t size, const Hash& root,
                                                 std::span<const Hash> proof);

/// Succeeds only if the first `earlier_size` leaves of the tree are those of the earlier tree.
std::expected<void, ProofError> verify_consistency(std::uint64_t earlier_size,
                                                   const Hash& earlier_root, std::uint64_t size,
                                                   const Hash& root, std::span<const Hash> proof);

}  // namespace klasboek::log
