#include "tests/support/naive_tree.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace klasboek::tests {

log::Hash naive_root(std::span<const log::Hash> leaves) {
  if (leaves.empty()) return log::empty_root();
  if (leaves.size() == 1) return leaves.front();
  const std::size_t left = std::bit_floor(leaves.size() - 1);
  return log::node_hash(naive_root(leaves.first(left)), naive_root(leaves.subspan(left)));
}

std::vector<log::Hash> numbered_leaves(std::uint64_t count, std::uint64_t salt) {
  std::vector<log::Hash> leaves;
  leaves.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string entry = std::to_string(salt) + "/" + std::to_string(i);
    leaves.push_back(log::leaf_hash(std::vector<std::uint8_t>(entry.begin(), entry.end())));
  }
  return leaves;
}

void TreeInMemory::append(const log::Hash& leaf) {
  levels_[0].push_back(leaf);
  for (const log::TileNode& node : edge_.append(leaf)) {
    std::vector<log::Hash>& level = levels_.at(node.level);
    if (node.index != level.size()) throw std::logic_error("a node was completed out of turn");
    level.push_back(node.hash);
  }
}

bool TreeInMemory::read(unsigned level, std::uint64_t first, std::span<log::Hash> hashes) {
  const std::vector<log::Hash>& stored = levels_.at(level);
  if (first / log::kTileWidth != (first + hashes.size() - 1) / log::kTileWidth) {
    throw std::logic_error("a read crosses the border of a tile");
  }
  if (first + hashes.size() > stored.size()) return false;
  std::copy_n(stored.begin() + static_cast<std::ptrdiff_t>(first), hashes.size(), hashes.begin());
  return true;
}

TreeInMemory tree_of(std::span<const log::Hash> leaves) {
  TreeInMemory tree;
  for (const log::Hash& leaf : leaves) tree.append(leaf);
  return tree;
}

std::uint64_t seed_of_this_run() {
  if (const char* given = std::getenv("KLASBOEK_SEED")) return std::stoull(given);
  return std::random_device{}();
}

}  // namespace klasboek::tests
