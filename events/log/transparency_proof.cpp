#include "events/log/transparency_proof.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

namespace klasboek::log {
namespace {

std::unexpected<ProofError> failed(ProofFault fault) {
  return std::unexpected(ProofError{.fault = fault});
}

// The root over the leaves [index * 2^height, (index + 1) * 2^height), folded up from the nearest
// stored level below: at most half a tile is read.
std::expected<Hash, ProofError> full_subtree_root(HashReader& reader, unsigned height,
                                                  std::uint64_t index) {
  const unsigned level = height / kTileHeight;
  const unsigned above = height % kTileHeight;
  const std::uint64_t first = index << above;
  std::array<Hash, kTileWidth / 2> hashes{};
  std::size_t count = std::size_t{1} << above;
  if (!reader.read(level, first, std::span(hashes).first(count))) {
    return std::unexpected(ProofError{ProofFault::hash_is_missing, level, first});
  }
  for (; count > 1; count /= 2) {
    for (std::size_t i = 0; i < count / 2; ++i) {
      hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes[0];
}

// The root over the leaves [begin, end): full subtrees joined from right to left.
// REQUIRES: begin < end, and begin is a multiple of every full subtree's width, as it is wherever
// RFC 6962 splits a tree.
std::expected<Hash, ProofError> range_root(HashReader& reader, std::uint64_t begin,
                                           std::uint64_t end) {
  assert(begin < end);
  auto height = static_cast<unsigned>(std::countr_zero(end - begin));
  std::uint64_t start = end - (std::uint64_t{1} << height);
  std::expected<Hash, ProofError> joined = full_subtree_root(reader, height, start >> height);
  while (joined && start > begin) {
    height = static_cast<unsigned>(std::countr_zero(start - begin));
    start -= std::uint64_t{1} << height;
    const auto left = full_subtree_root(reader, height, start >> height);
    if (!left) return left;
    joined = node_hash(*left, *joined);
  }
  return joined;
}

// Where RFC 6962 splits a tree of this many leaves: at the largest power of two below it.
std::uint64_t left_width(std::uint64_t width) { return std::bit_floor(width - 1); }

// Leaves [begin, end).
struct Range {
  std::uint64_t begin;
  std::uint64_t end;
};

// The roots of the given ranges in reverse order: proofs are found from the root downwards and
// written from the leaves upwards.
std::expected<Proof, ProofError> roots_upwards(HashReader& reader,
                                               std::span<const Range> downwards) {
  Proof proof;
  proof.reserve(downwards.size());
  for (std::size_t i = downwards.size(); i-- > 0;) {
    const auto root = range_root(reader, downwards[i].begin, downwards[i].end);
    if (!root) return std::unexpected(root.error());
    proof.push_back(*root);
  }
  return proof;
}

// The way from a node up to the root of a tree, as a proof's reader goes it without the tree.
struct Climb {
  std::uint64_t place;  // of the node among those of its height
  std::uint64_t last;   // place of the rightmost node of that height

  bool at_root() const { return last == 0; }
  bool sibling_is_left() const { return place % 2 == 1; }

  void to_parent() {
    place /= 2;
    last /= 2;
  }

  // Up to where the node has a sibling: a rightmost node without one is carried up as it is.
  // False at the root.
  bool to_next_sibling() {
    if (at_root()) return false;
    while (place == last && !sibling_is_left()) to_parent();
    return true;
  }
};

}  // namespace

std::string describe(const ProofError& error) {
  switch (error.fault) {
    case ProofFault::leaf_is_beyond_tree:
      return "the leaf's index is not below the size of the tree: ask for a larger tree";
    case ProofFault::sizes_run_backwards:
      return "the earlier tree is larger than the later one: swap them, or the log has shrunk";
    case ProofFault::hash_is_missing:
      return "hash " + std::to_string(error.index) + " on level " + std::to_string(error.level) +
             " of the tree can't be read: the ledger is damaged, restore it or build it again "
             "from the log";
    case ProofFault::proof_has_wrong_length:
      return "the proof has too few or too many hashes for these tree sizes: it was cut off, or "
             "belongs to another tree";
    case ProofFault::earlier_root_differs:
      return "the proof doesn't lead to the root of the earlier tree: it was altered, or the log "
             "was rewritten";
    case ProofFault::root_differs:
      return "the proof doesn't lead to the root of the tree: leaf, proof or checkpoint was "
             "altered, or they don't belong together";
  }
  return "unknown";
}

std::expected<Proof, ProofError> prove_inclusion(HashReader& reader, std::uint64_t index,
                                                 std::uint64_t size) {
  if (index >= size) return failed(ProofFault::leaf_is_beyond_tree);
  std::vector<Range> siblings;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + left_width(end - begin);
    if (index < middle) {
      siblings.push_back({middle, end});
      end = middle;
    } else {
      siblings.push_back({begin, middle});
      begin = middle;
    }
  }
  return roots_upwards(reader, siblings);
}

std::expected<Proof, ProofError> prove_consistency(HashReader& reader, std::uint64_t earlier_size,
                                                   std::uint64_t size) {
  if (earlier_size > size) return failed(ProofFault::sizes_run_backwards);
  if (earlier_size == 0) return Proof{};
  std::vector<Range> parts;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end != earlier_size) {
    const std::uint64_t middle = begin + left_width(end - begin);
    if (earlier_size <= middle) {
      parts.push_back({middle, end});
      end = middle;
    } else {
      parts.push_back({begin, middle});
      begin = middle;
    }
  }
  // What remains is the earlier tree itself, whose root the reader of the proof knows, or only its
  // right part, which must be told.
  if (begin > 0) parts.push_back({begin, end});
  return roots_upwards(reader, parts);
}

std::expected<CompactRange, ProofError> read_compact_range(HashReader& reader, std::uint64_t size) {
  assert(size <= kTreeSizeMax);
  std::array<Hash, kTreeHeightMax> peaks{};
  std::size_t count = 0;
  std::uint64_t start = 0;
  while (start < size) {
    const std::uint64_t width = std::bit_floor(size - start);
    const auto height = static_cast<unsigned>(std::countr_zero(width));
    const auto peak = full_subtree_root(reader, height, start >> height);
    if (!peak) return std::unexpected(peak.error());
    peaks[count++] = *peak;
    start += width;
  }
  return CompactRange(size, std::span(peaks).first(count));
}

std::expected<void, ProofError> verify_inclusion(const Hash& leaf, std::uint64_t index,
                                                 std::uint64_t size, const Hash& root,
                                                 std::span<const Hash> proof) {
  if (index >= size) return failed(ProofFault::leaf_is_beyond_tree);
  Climb climb{.place = index, .last = size - 1};
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (!climb.to_next_sibling()) return failed(ProofFault::proof_has_wrong_length);
    hash = climb.sibling_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
    climb.to_parent();
  }
  if (!climb.at_root()) return failed(ProofFault::proof_has_wrong_length);
  if (hash != root) return failed(ProofFault::root_differs);
  return {};
}

std::expected<void, ProofError> verify_consistency(std::uint64_t earlier_size,
                                                   const Hash& earlier_root, std::uint64_t size,
                                                   const Hash& root, std::span<const Hash> proof) {
  if (earlier_size > size) return failed(ProofFault::sizes_run_backwards);
  if (earlier_size == 0 || earlier_size == size) {
    if (!proof.empty()) return failed(ProofFault::proof_has_wrong_length);
    const bool same = earlier_root == (earlier_size == 0 ? empty_root() : root);
    return same ? std::expected<void, ProofError>{} : failed(ProofFault::earlier_root_differs);
  }

  // The climb starts at the largest full subtree that ends the earlier tree. Where that is the
  // whole earlier tree, its root is known and not part of the proof.
  const auto height = static_cast<unsigned>(std::countr_zero(earlier_size));
  Climb climb{.place = (earlier_size >> height) - 1, .last = (size - 1) >> height};
  Hash earlier_hash = earlier_root;
  if (climb.place != 0) {
    if (proof.empty()) return failed(ProofFault::proof_has_wrong_length);
    earlier_hash = proof.front();
    proof = proof.subspan(1);
  }
  Hash hash = earlier_hash;
  for (const Hash& sibling : proof) {
    if (!climb.to_next_sibling()) return failed(ProofFault::proof_has_wrong_length);
    // What lies to the left is in both trees, what lies to the right only in the later one.
    if (climb.sibling_is_left()) {
      earlier_hash = node_hash(sibling, earlier_hash);
      hash = node_hash(sibling, hash);
    } else {
      hash = node_hash(hash, sibling);
    }
    climb.to_parent();
  }
  if (!climb.at_root()) return failed(ProofFault::proof_has_wrong_length);
  if (earlier_hash != earlier_root) return failed(ProofFault::earlier_root_differs);
  if (hash != root) return failed(ProofFault::root_differs);
  return {};
}

}  // namespace klasboek::log
