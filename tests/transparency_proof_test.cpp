#include "events/log/transparency_proof.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "tests/support/naive_tree.h"

namespace klasboek::tests {
namespace {

using log::Hash;
using log::Proof;
using log::ProofFault;

std::vector<std::string> hex_of(const Proof& proof) {
  std::vector<std::string> result;
  for (const Hash& hash : proof) result.push_back(events::to_hex(hash));
  return result;
}

/// The eight published entries of Certificate Transparency.
TreeInMemory known_tree() {
  const std::vector<std::vector<std::uint8_t>> entries = {
      {},
      {0x00},
      {0x10},
      {0x20, 0x21},
      {0x30, 0x31},
      {0x40, 0x41, 0x42, 0x43},
      {0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57},
      {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
       0x6f}};
  TreeInMemory tree;
  for (const auto& entry : entries) tree.append(log::leaf_hash(entry));
  return tree;
}

Hash root_of(TreeInMemory& tree, std::uint64_t size) {
  return log::read_compact_range(tree, size).value().root();
}

TEST_CASE("inclusion proofs of the published entries are the published ones") {
  TreeInMemory tree = known_tree();
  CHECK(hex_of(log::prove_inclusion(tree, 0, 1).value()).empty());
  CHECK(
      hex_of(log::prove_inclusion(tree, 0, 8).value()) ==
      std::vector<std::string>{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                               "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  CHECK(
      hex_of(log::prove_inclusion(tree, 5, 8).value()) ==
      std::vector<std::string>{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                               "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  CHECK(
      hex_of(log::prove_inclusion(tree, 2, 3).value()) ==
      std::vector<std::string>{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"});
  CHECK(
      hex_of(log::prove_inclusion(tree, 1, 5).value()) ==
      std::vector<std::string>{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"});
}

TEST_CASE("consistency proofs of the published entries are the published ones") {
  TreeInMemory tree = known_tree();
  CHECK(hex_of(log::prove_consistency(tree, 1, 1).value()).empty());
  CHECK(
      hex_of(log::prove_consistency(tree, 1, 8).value()) ==
      std::vector<std::string>{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                               "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  CHECK(
      hex_of(log::prove_consistency(tree, 6, 8).value()) ==
      std::vector<std::string>{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                               "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  CHECK(
      hex_of(log::prove_consistency(tree, 2, 5).value()) ==
      std::vector<std::string>{"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                               "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"});
}

TEST_CASE("in every tree of up to eighty leaves, every proof that can be asked for verifies") {
  const std::vector<Hash> leaves = numbered_leaves(80);
  TreeInMemory tree = tree_of(leaves);
  for (std::uint64_t size = 0; size <= leaves.size(); ++size) {
    const Hash root = naive_root(std::span(leaves).first(size));
    REQUIRE(root_of(tree, size) == root);
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = log::prove_inclusion(tree, index, size).value();
      REQUIRE(log::verify_inclusion(leaves[index], index, size, root, proof));
    }
    for (std::uint64_t earlier = 0; earlier <= size; ++earlier) {
      const Hash earlier_root = naive_root(std::span(leaves).first(earlier));
      const Proof proof = log::prove_consistency(tree, earlier, size).value();
      REQUIRE(log::verify_consistency(earlier, earlier_root, size, root, proof));
    }
  }
}

TEST_CASE("in trees of any size, every leaf and every earlier tree can be proven") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Hash> leaves = numbered_leaves(2000, seed);
  TreeInMemory tree = tree_of(leaves);
  std::uniform_int_distribution<std::uint64_t> any_size(1, leaves.size());
  for (int n = 0; n < 5; ++n) {
    const std::uint64_t size = any_size(random);
    CAPTURE(size);
    const Hash root = naive_root(std::span(leaves).first(size));
    for (std::uint64_t index = 0; index < size; ++index) {
      const Proof proof = log::prove_inclusion(tree, index, size).value();
      REQUIRE(log::verify_inclusion(leaves[index], index, size, root, proof));
      const std::uint64_t earlier = index + 1;
      const Proof grown = log::prove_consistency(tree, earlier, size).value();
      REQUIRE(log::verify_consistency(earlier, root_of(tree, earlier), size, root, grown));
    }
  }
}

TEST_CASE("proofs in a tree that is three levels of tiles high verify") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Hash> leaves = numbered_leaves(65536 + 256 + 3, seed);
  TreeInMemory tree = tree_of(leaves);
  const std::uint64_t size = leaves.size();
  const Hash root = naive_root(leaves);
  std::uniform_int_distribution<std::uint64_t> any_index(0, size - 1);
  for (int n = 0; n < 50; ++n) {
    const std::uint64_t index = any_index(random);
    CAPTURE(index);
    const Proof proof = log::prove_inclusion(tree, index, size).value();
    CHECK(log::verify_inclusion(leaves[index], index, size, root, proof));
    const Hash earlier_root = naive_root(std::span(leaves).first(index + 1));
    const Proof grown = log::prove_consistency(tree, index + 1, size).value();
    CHECK(log::verify_consistency(index + 1, earlier_root, size, root, grown));
  }
}

/// Calls `refused` with every copy of `original` in which one byte differs.
template <typename Refused>
void with_each_byte_altered(const Hash& original, const Refused& refused) {
  for (std::size_t i = 0; i < original.size(); ++i) {
    Hash altered = original;
    altered[i] ^= 0x40;
    CAPTURE(i);
    refused(altered);
  }
}

TEST_CASE("an inclusion proof fails when any byte of proof, leaf or root is altered") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Hash> leaves = numbered_leaves(2000, seed);
  TreeInMemory tree = tree_of(leaves);
  for (int n = 0; n < 20; ++n) {
    const std::uint64_t size = std::uniform_int_distribution<std::uint64_t>(2, 2000)(random);
    const std::uint64_t index = std::uniform_int_distribution<std::uint64_t>(0, size - 1)(random);
    CAPTURE(size, index);
    const Hash root = root_of(tree, size);
    const Proof proof = log::prove_inclusion(tree, index, size).value();
    const auto fault = [&](const Hash& leaf, const Hash& claimed_root, const Proof& given) {
      const auto verified = log::verify_inclusion(leaf, index, size, claimed_root, given);
      REQUIRE_FALSE(verified.has_value());
      return verified.error().fault;
    };
    with_each_byte_altered(leaves[index], [&](const Hash& leaf) {
      REQUIRE(fault(leaf, root, proof) == ProofFault::root_differs);
    });
    with_each_byte_altered(root, [&](const Hash& altered) {
      REQUIRE(fault(leaves[index], altered, proof) == ProofFault::root_differs);
    });
    for (std::size_t part = 0; part < proof.size(); ++part) {
      with_each_byte_altered(proof[part], [&](const Hash& altered) {
        Proof forged = proof;
        forged[part] = altered;
        REQUIRE(fault(leaves[index], root, forged) == ProofFault::root_differs);
      });
    }
  }
}

TEST_CASE("a consistency proof fails when any byte of proof or roots is altered") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<Hash> leaves = numbered_leaves(2000, seed);
  TreeInMemory tree = tree_of(leaves);
  for (int n = 0; n < 20; ++n) {
    const std::uint64_t size = std::uniform_int_distribution<std::uint64_t>(2, 2000)(random);
    const std::uint64_t earlier = std::uniform_int_distribution<std::uint64_t>(1, size - 1)(random);
    CAPTURE(size, earlier);
    const Hash root = root_of(tree, size);
    const Hash earlier_root = root_of(tree, earlier);
    const Proof proof = log::prove_consistency(tree, earlier, size).value();
    with_each_byte_altered(root, [&](const Hash& altered) {
      const auto verified = log::verify_consistency(earlier, earlier_root, size, altered, proof);
      REQUIRE_FALSE(verified.has_value());
      REQUIRE(verified.error().fault == ProofFault::root_differs);
    });
    with_each_byte_altered(earlier_root, [&](const Hash& altered) {
      REQUIRE_FALSE(log::verify_consistency(earlier, altered, size, root, proof).has_value());
    });
    for (std::size_t part = 0; part < proof.size(); ++part) {
      with_each_byte_altered(proof[part], [&](const Hash& altered) {
        Proof forged = proof;
        forged[part] = altered;
        REQUIRE_FALSE(log::verify_consistency(earlier, earlier_root, size, root, forged));
      });
    }
  }
}

TEST_CASE("a proof holds for no other leaf, no other place and no other length") {
  const std::vector<Hash> leaves = numbered_leaves(70);
  TreeInMemory tree = tree_of(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = root_of(tree, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      CAPTURE(size, index);
      Proof proof = log::prove_inclusion(tree, index, size).value();
      for (std::uint64_t other = 0; other < size; ++other) {
        if (other == index) continue;
        REQUIRE_FALSE(log::verify_inclusion(leaves[index], other, size, root, proof));
        REQUIRE_FALSE(log::verify_inclusion(leaves[other], index, size, root, proof));
      }
      proof.push_back(root);
      const auto longer = log::verify_inclusion(leaves[index], index, size, root, proof);
      REQUIRE_FALSE(longer.has_value());
      REQUIRE(longer.error().fault == ProofFault::proof_has_wrong_length);
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      const auto shorter = log::verify_inclusion(leaves[index], index, size, root, proof);
      REQUIRE_FALSE(shorter.has_value());
      REQUIRE(shorter.error().fault == ProofFault::proof_has_wrong_length);
    }
  }
}

TEST_CASE("a consistency proof with a hash too many or too few is refused by name") {
  const std::vector<Hash> leaves = numbered_leaves(70);
  TreeInMemory tree = tree_of(leaves);
  for (std::uint64_t size = 0; size <= leaves.size(); ++size) {
    const Hash root = root_of(tree, size);
    for (std::uint64_t earlier = 0; earlier <= size; ++earlier) {
      CAPTURE(size, earlier);
      const Hash earlier_root = root_of(tree, earlier);
      Proof proof = log::prove_consistency(tree, earlier, size).value();
      proof.push_back(root);
      const auto longer = log::verify_consistency(earlier, earlier_root, size, root, proof);
      REQUIRE_FALSE(longer.has_value());
      REQUIRE(longer.error().fault == ProofFault::proof_has_wrong_length);
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      const auto shorter = log::verify_consistency(earlier, earlier_root, size, root, proof);
      REQUIRE_FALSE(shorter.has_value());
      REQUIRE(shorter.error().fault == ProofFault::proof_has_wrong_length);
    }
  }
}

TEST_CASE("a log that was rewritten can't be proven to be a continuation") {
  std::vector<Hash> leaves = numbered_leaves(100);
  TreeInMemory tree = tree_of(leaves);
  const Hash earlier_root = root_of(tree, 60);
  leaves[17] = log::leaf_hash(std::vector<std::uint8_t>{'n', 'e', 'w'});
  TreeInMemory rewritten = tree_of(leaves);
  const Proof proof = log::prove_consistency(rewritten, 60, 100).value();
  const auto verified =
      log::verify_consistency(60, earlier_root, 100, root_of(rewritten, 100), proof);
  REQUIRE_FALSE(verified.has_value());
  CHECK(verified.error().fault == ProofFault::earlier_root_differs);

  const auto same_size =
      log::verify_consistency(100, root_of(tree, 100), 100, root_of(rewritten, 100), {});
  REQUIRE_FALSE(same_size.has_value());
  CHECK(same_size.error().fault == ProofFault::earlier_root_differs);
}

TEST_CASE("only the root of nothing belongs to an earlier tree without leaves") {
  TreeInMemory tree = tree_of(numbered_leaves(5));
  CHECK(log::verify_consistency(0, log::empty_root(), 5, root_of(tree, 5), {}));
  const auto verified = log::verify_consistency(0, root_of(tree, 1), 5, root_of(tree, 5), {});
  REQUIRE_FALSE(verified.has_value());
  CHECK(verified.error().fault == ProofFault::earlier_root_differs);
}

TEST_CASE("what lies beyond the tree can neither be proven nor verified") {
  TreeInMemory tree = tree_of(numbered_leaves(5));
  const Hash root = root_of(tree, 5);
  CHECK(log::prove_inclusion(tree, 5, 5).error().fault == ProofFault::leaf_is_beyond_tree);
  CHECK(log::prove_inclusion(tree, 0, 0).error().fault == ProofFault::leaf_is_beyond_tree);
  CHECK(log::verify_inclusion(root, 5, 5, root, {}).error().fault ==
        ProofFault::leaf_is_beyond_tree);
  CHECK(log::prove_consistency(tree, 5, 4).error().fault == ProofFault::sizes_run_backwards);
  CHECK(log::verify_consistency(5, root, 4, root, {}).error().fault ==
        ProofFault::sizes_run_backwards);
}

TEST_CASE("a lost hash is named by its level and number") {
  TreeInMemory tree = tree_of(numbered_leaves(600));
  tree.hashes(1).resize(1);
  const auto proof = log::prove_inclusion(tree, 599, 600);
  REQUIRE_FALSE(proof.has_value());
  CHECK(proof.error() == log::ProofError{ProofFault::hash_is_missing, 1, 0});
  CHECK(log::describe(proof.error()).starts_with("hash 0 on level 1 "));

  tree.hashes(0).resize(590);
  const auto edge = log::read_compact_range(tree, 600);
  REQUIRE_FALSE(edge.has_value());
  CHECK(edge.error() == log::ProofError{ProofFault::hash_is_missing, 1, 0});
  const auto within = log::prove_consistency(tree, 595, 599);
  REQUIRE_FALSE(within.has_value());
  CHECK(within.error().fault == ProofFault::hash_is_missing);
  CHECK(within.error().level == 0);
}

TEST_CASE("the right edge built from stored hashes is the one that was kept while growing") {
  const std::vector<Hash> leaves = numbered_leaves(1000);
  TreeInMemory tree;
  for (const Hash& leaf : leaves) {
    tree.append(leaf);
    const auto edge = log::read_compact_range(tree, tree.edge().size());
    REQUIRE(edge.has_value());
    REQUIRE(*edge == tree.edge());
  }
}

}  // namespace
}  // namespace klasboek::tests
