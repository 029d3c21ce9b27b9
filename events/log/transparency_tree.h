#pragma once
// The transparency tree of one school: a Merkle tree over SHA-256 whose leaves are the school's
// events in the order of their sequence. Hashing is that of RFC 6962 (section 2.1), tiles are those
// of C2SP tlog-tiles, so that anyone's tool can check what we sign.
//
// This file holds hashing and CompactRange, which is all that growing the tree needs. Proofs are in
// transparency_proof.h, paths of tiles in transparency_tiles.h, signing in checkpoint.h.
//
// Nothing here does I/O, and appending allocates nothing. Functions may be called from any thread;
// a CompactRange has one owner and is not synchronised.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "events/ids.h"

namespace klasboek::log {

using events::Hash;
inline constexpr std::size_t kHashSizeBytes = std::tuple_size_v<Hash>;

/// SHA-256(0x00 || entry).
Hash leaf_hash(std::span<const std::uint8_t> entry);

/// SHA-256(0x01 || left || right).
Hash node_hash(const Hash& left, const Hash& right);

/// The root of the tree without leaves: SHA-256 of nothing.
Hash empty_root();

/// A tile is a subtree eight high, told by its 256 lowest hashes. On level 0 these are leaf hashes;
/// on level L hash number i is the root over the leaves [i * 256^L, (i + 1) * 256^L).
inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 256;

/// A school with a thousand events every second fills this tree in nine thousand years.
inline constexpr unsigned kTreeHeightMax = 48;
inline constexpr std::uint64_t kTreeSizeMax = (std::uint64_t{1} << kTreeHeightMax) - 1;
inline constexpr unsigned kTileLevelsMax = kTreeHeightMax / kTileHeight;

/// One hash of a tile: number `index` of all hashes on `level`, counted over the whole tree.
/// It lies in tile index / 256 at place index % 256.
struct TileNode {
  unsigned level = 0;
  std::uint64_t index = 0;
  Hash hash{};

  friend bool operator==(const TileNode&, const TileNode&) = default;
};

/// The nodes on level 1 and up whose last leaf was just appended, lowest level first.
/// Empty after 255 of 256 appends.
class CompletedNodes {
 public:
  const TileNode* begin() const { return nodes_.data(); }
  const TileNode* end() const { return nodes_.data() + count_; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  friend class CompactRange;

  std::array<TileNode, kTileLevelsMax - 1> nodes_{};
  std::size_t count_ = 0;
};

enum class CompactRangeError : std::uint8_t {
  encoding_is_truncated,
  encoding_has_trailing_bytes,
  tree_size_exceeds_limit,
};

/// What is wrong and what to do, in one line.
std::string_view describe(CompactRangeError error);

/// The right edge of a tree of a given size: the root of every full subtree on it, one for each bit
/// that is set in the size. Enough to append further leaves and to know the root at any moment.
class CompactRange {
 public:
  CompactRange() = default;

  /// The tree whose full subtrees, from left to right, have these roots.
  /// REQUIRES: as many peaks as bits set in `size`, size <= kTreeSizeMax.
  CompactRange(std::uint64_t size, std::span<const Hash> peaks);

  std::uint64_t size() const { return size_; }

  /// Adds the leaf with index size(). The nodes returned are complete from now on and never change:
  /// the caller stores them, and the leaf hash itself, for later proofs.
  /// Costs one node_hash on average. REQUIRES: size() < kTreeSizeMax.
  CompletedNodes append(const Hash& leaf);

  /// The root over all leaves; at most kTreeHeightMax node hashes.
  Hash root() const;

  /// size, big-endian in 8 bytes, then the peaks from left to right, 32 bytes each.
  std::string encode() const;
  static std::expected<CompactRange, CompactRangeError> decode(std::string_view bytes);

  friend bool operator==(const CompactRange& a, const CompactRange& b);

 private:
  bool has_peak(unsigned height) const { return (size_ >> height & 1U) != 0; }

  std::uint64_t size_ = 0;
  /// peaks_[h] is the root of the full subtree of height h, and stale unless bit h of size_ is set.
  std::array<Hash, kTreeHeightMax> peaks_{};
};

}  // namespace klasboek::log
