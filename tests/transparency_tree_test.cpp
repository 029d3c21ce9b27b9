#include "events/log/transparency_tree.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "tests/support/naive_tree.h"

namespace klasboek::tests {
namespace {

using log::CompactRange;
using log::CompactRangeError;
using log::Hash;

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

CompactRange range_of(std::span<const Hash> leaves) {
  CompactRange range;
  for (const Hash& leaf : leaves) range.append(leaf);
  return range;
}

/// The eight entries that Certificate Transparency's implementations have tested with since 2012,
/// and the root after each.
struct KnownTree {
  std::string entry;
  std::string root;
};

const std::vector<KnownTree> known_trees = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {std::string(1, '\0'), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"\x50\x51\x52\x53\x54\x55\x56\x57",
     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

TEST_CASE("the tree without leaves has the root that RFC 6962 gives it") {
  CHECK(events::to_hex(CompactRange().root()) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("the published entries of Certificate Transparency give the published roots") {
  CompactRange range;
  std::vector<Hash> leaves;
  for (const KnownTree& known : known_trees) {
    leaves.push_back(log::leaf_hash(bytes_of(known.entry)));
    range.append(leaves.back());
    CAPTURE(range.size());
    CHECK(events::to_hex(range.root()) == known.root);
    CHECK(events::to_hex(naive_root(leaves)) == known.root);
  }
}

TEST_CASE("a leaf and a node of the same bytes have different hashes") {
  const Hash left = log::leaf_hash(bytes_of("left"));
  const Hash right = log::leaf_hash(bytes_of("right"));
  std::vector<std::uint8_t> both(left.begin(), left.end());
  both.insert(both.end(), right.begin(), right.end());
  CHECK(log::leaf_hash(both) != log::node_hash(left, right));
  CHECK(log::node_hash(left, right) != log::node_hash(right, left));
}

TEST_CASE("however many leaves there are, the root is the one of the definition") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Hash> leaves = numbered_leaves(2000, seed);

  CompactRange range;
  std::map<std::uint64_t, Hash> roots = {{0, range.root()}};
  for (const Hash& leaf : leaves) {
    range.append(leaf);
    roots[range.size()] = range.root();
  }
  for (std::uint64_t size = 0; size <= 300; ++size) {
    CAPTURE(size);
    CHECK(roots[size] == naive_root(std::span(leaves).first(size)));
  }
  std::uniform_int_distribution<std::uint64_t> any_size(301, leaves.size());
  for (int n = 0; n < 100; ++n) {
    const std::uint64_t size = any_size(random);
    CAPTURE(size);
    CHECK(roots[size] == naive_root(std::span(leaves).first(size)));
  }
}

TEST_CASE("appending tells each full subtree of a tile once, in order, with its root") {
  constexpr std::uint64_t kSize = 2 * 256 * 256 + 700;
  const std::vector<Hash> leaves = numbered_leaves(kSize);
  CompactRange range;
  std::map<unsigned, std::uint64_t> told;
  for (const Hash& leaf : leaves) {
    for (const log::TileNode& node : range.append(leaf)) {
      REQUIRE(node.index == told[node.level]);
      ++told[node.level];
      const std::uint64_t width = std::uint64_t{1} << (log::kTileHeight * node.level);
      REQUIRE(range.size() == (node.index + 1) * width);
      REQUIRE(node.hash == naive_root(std::span(leaves).subspan(node.index * width, width)));
    }
  }
  CHECK(told == std::map<unsigned, std::uint64_t>{{1, kSize / 256}, {2, kSize / 65536}});
}

TEST_CASE("the leaf that fills a tile of tiles completes a node on every level, lowest first") {
  const std::vector<Hash> leaves = numbered_leaves(65536);
  CompactRange range = range_of(std::span(leaves).first(65535));
  const log::CompletedNodes completed = range.append(leaves.back());
  REQUIRE(completed.size() == 2);
  CHECK(completed.begin()[0].level == 1);
  CHECK(completed.begin()[0].index == 255);
  CHECK(completed.begin()[1].level == 2);
  CHECK(completed.begin()[1].index == 0);
  CHECK(completed.begin()[1].hash == range.root());
}

TEST_CASE("a right edge that was stored and read back is the same and grows the same") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Hash> leaves = numbered_leaves(2100, seed);
  std::uniform_int_distribution<std::uint64_t> any_size(0, 2000);
  for (int n = 0; n < 50; ++n) {
    const std::uint64_t size = any_size(random);
    CAPTURE(size);
    CompactRange kept = range_of(std::span(leaves).first(size));
    auto read_back = CompactRange::decode(kept.encode());
    REQUIRE(read_back.has_value());
    CHECK(*read_back == kept);
    CHECK(read_back->root() == kept.root());
    for (std::uint64_t i = size; i < size + 100; ++i) {
      kept.append(leaves[i]);
      read_back->append(leaves[i]);
    }
    CHECK(*read_back == kept);
    CHECK(read_back->encode() == kept.encode());
    CHECK(read_back->root() == kept.root());
  }
}

TEST_CASE("a stored right edge is its size and the roots of its full subtrees from the left") {
  const std::vector<Hash> leaves = numbered_leaves(3);
  const Hash left = log::node_hash(leaves[0], leaves[1]);
  std::string expected(7, '\0');
  expected.push_back('\x03');
  expected.append(left.begin(), left.end());
  expected.append(leaves[2].begin(), leaves[2].end());
  CHECK(range_of(leaves).encode() == expected);
}

TEST_CASE("right edges that differ in a leaf or in size are not equal") {
  std::vector<Hash> leaves = numbered_leaves(7);
  const CompactRange range = range_of(leaves);
  CHECK_FALSE(range == range_of(std::span(leaves).first(6)));
  leaves[3][0] ^= 1;
  CHECK_FALSE(range == range_of(leaves));
}

TEST_CASE("a right edge that was cut off or grown is refused by name") {
  const std::string whole = range_of(numbered_leaves(1000)).encode();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    const auto cut = CompactRange::decode(std::string_view(whole).substr(0, length));
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error() == CompactRangeError::encoding_is_truncated);
  }
  const auto grown = CompactRange::decode(whole + '\0');
  REQUIRE_FALSE(grown.has_value());
  CHECK(grown.error() == CompactRangeError::encoding_has_trailing_bytes);
}

TEST_CASE("a right edge that claims more leaves than a tree can have is refused by name") {
  const std::string largest("\x00\x00\xff\xff\xff\xff\xff\xff", 8);
  const std::string too_large("\x00\x01\x00\x00\x00\x00\x00\x00", 8);
  CHECK(CompactRange::decode(largest + std::string(std::size_t{48} * 32, 'h')).has_value());
  const auto decoded = CompactRange::decode(too_large + std::string(32, 'h'));
  REQUIRE_FALSE(decoded.has_value());
  CHECK(decoded.error() == CompactRangeError::tree_size_exceeds_limit);
}

}  // namespace
}  // namespace klasboek::tests
