// What we publish of a log, checked by the code with which Go checks its module downloads:
// tests/verifiers/tlog, built on golang.org/x/mod/sumdb. Nothing in it is ours but reading files.
#include <sodium.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "events/log/checkpoint.h"
#include "events/log/transparency_tiles.h"
#include "tests/support/naive_tree.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

namespace fs = std::filesystem;
using log::Hash;
using log::kTileWidth;

constexpr std::string_view kOrigin = "klasboek.example/scholen/de-linde";

/// Sizes around the borders of tiles, and one whose paths need a second group of digits.
const std::vector<std::uint64_t> published_sizes = {1, 2, 255, 256, 257, 65'536, 70'000, 256'259};

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = fs::temp_directory_path() / "klasboek-tlog-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("can't make " + name);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write_file(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) throw std::runtime_error("can't write " + path.string());
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("can't read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Outcome {
  int exit_code;
  std::string output;
};

/// Runs a shell command line; what it prints goes through a file in `directory`.
Outcome run(const std::string& command, const fs::path& directory) {
  const fs::path output = directory / "output";
  const int status = std::system((command + " >'" + output.string() + "' 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(output)};
}

/// Entries of any length, the longest and the empty one among them.
std::vector<std::uint8_t> entry_number(std::uint64_t i) {
  if (i == 100) return std::vector<std::uint8_t>(log::kEntrySizeBytesMax, 'x');
  std::string text;
  if (i % 50 != 0) text = "entry " + std::to_string(i) + std::string(i % 13, '.');
  return {text.begin(), text.end()};
}

std::string base64(const Hash& hash) {
  std::string text(sodium_base64_ENCODED_LEN(hash.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), hash.data(), hash.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

nlohmann::json json_of(const log::Proof& proof) {
  auto list = nlohmann::json::array();
  for (const Hash& hash : proof) list.push_back(base64(hash));
  return list;
}

/// A log as a school would publish it, in a directory of its own.
class PublishedLog {
 public:
  explicit PublishedLog(const fs::path& directory) : directory_(directory) {
    const std::array<std::uint8_t, log::kSigningSeedSizeBytes> seed = {42};
    const auto signer = log::CheckpointSigner::from_seed(std::string(kOrigin), seed).value();
    write_file(directory_ / "verifier.key", log::encode_verifier_key(signer.verifier()) + "\n");
    for (const std::uint64_t size : published_sizes) {
      grow_to(size);
      write_tiles(size);
      const log::Checkpoint checkpoint{std::string(kOrigin), size, tree_.edge().root()};
      write_file(directory_ / "checkpoints" / std::to_string(size),
                 log::sign_checkpoint(checkpoint, signer).value());
    }
  }

  void write_proofs(std::mt19937_64& random) {
    nlohmann::json inclusion = nlohmann::json::array();
    nlohmann::json consistency = nlohmann::json::array();
    for (const std::uint64_t size : published_sizes) {
      std::vector<std::uint64_t> indices = {0, size / 2, size - 1};
      for (int n = 0; n < 20; ++n) indices.push_back(random() % size);
      for (const std::uint64_t index : indices) {
        const auto proof = log::prove_inclusion(tree_, index, size).value();
        inclusion.push_back({{"Index", index}, {"Size", size}, {"Proof", json_of(proof)}});
      }
      for (const std::uint64_t earlier : published_sizes) {
        if (earlier > size) break;
        const auto proof = log::prove_consistency(tree_, earlier, size).value();
        consistency.push_back(
            {{"EarlierSize", earlier}, {"Size", size}, {"Proof", json_of(proof)}});
      }
    }
    const nlohmann::json all = {{"Inclusion", inclusion}, {"Consistency", consistency}};
    write_file(directory_ / "proofs.json", all.dump());
  }

 private:
  void grow_to(std::uint64_t size) {
    for (std::uint64_t i = tree_.edge().size(); i < size; ++i) {
      const std::vector<std::uint8_t> entry = entry_number(i);
      tree_.append(log::leaf_hash(entry));
      if (!log::append_entry(bundle_, entry)) throw std::logic_error("entry too long");
      if ((i + 1) % kTileWidth == 0) {
        write_file(directory_ / log::entries_path(i / kTileWidth, kTileWidth), bundle_);
        bundle_.clear();
      }
    }
    const std::uint64_t width = log::tile_width(0, size / kTileWidth, size);
    if (width > 0) write_file(directory_ / log::entries_path(size / kTileWidth, width), bundle_);
  }

  /// The tiles that this size has and the size before hadn't.
  void write_tiles(std::uint64_t size) {
    for (unsigned level = 0; level < log::kTileLevelsMax; ++level) {
      for (std::uint64_t index = 0; log::tile_width(level, index, size) > 0; ++index) {
        const std::uint64_t width = log::tile_width(level, index, size);
        const fs::path path = directory_ / log::tile_path(level, index, width);
        if (fs::exists(path)) continue;
        std::vector<Hash> hashes(width);
        REQUIRE(tree_.read(level, index * kTileWidth, hashes));
        std::string content;
        for (const Hash& hash : hashes) content.append(hash.begin(), hash.end());
        write_file(path, content);
      }
    }
  }

  fs::path directory_;
  TreeInMemory tree_;
  std::string bundle_;
};

TEST_CASE("a published log holds before Go's own verifier, and an altered one doesn't") {
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const TemporaryDirectory temporary;
  const fs::path verifier = temporary.path() / "verify-tlog";
  const Outcome built =
      run("cd '" + source_path("tests/verifiers/tlog") +
              "' && GOTOOLCHAIN=local go build -buildvcs=false -mod=readonly -o '" +
              verifier.string() + "' .",
          temporary.path());
  INFO(
      "Go 1.18 or newer must be there (tools/install --test), and proxy.golang.org within reach "
      "the first time:\n"
      << built.output);
  REQUIRE(built.exit_code == 0);

  const fs::path directory = temporary.path() / "log";
  PublishedLog published(directory);
  published.write_proofs(random);
  const auto verdict = [&] {
    return run("'" + verifier.string() + "' '" + directory.string() + "' " + std::string(kOrigin),
               temporary.path());
  };

  const Outcome whole = verdict();
  CHECK(whole.exit_code == 0);
  CHECK(whole.output ==
        "256259 entries, 8 checkpoints, 184 inclusion proofs, 36 consistency proofs\n");

  const auto altered = [&](const fs::path& file, const auto& change) {
    const std::string content = read_file(directory / file);
    std::string changed = content;
    change(changed);
    REQUIRE(changed != content);
    write_file(directory / file, changed);
    const Outcome outcome = verdict();
    write_file(directory / file, content);
    CAPTURE(file, outcome.output);
    CHECK(outcome.exit_code == 1);
    return outcome.output;
  };
  const auto any_byte = [&](std::string& content) { content[random() % content.size()] ^= 0x10; };
  altered("checkpoints/70000", any_byte);
  altered("checkpoints/256", [](std::string& note) { note.replace(note.find("256"), 3, "255"); });
  altered("tile/0/x001/000", any_byte);
  altered("tile/0/x001/001.p/3", any_byte);
  altered("tile/1/001", any_byte);
  altered("tile/2/000.p/3", any_byte);
  altered("tile/entries/000", [](std::string& bundle) { bundle.back() ^= 1; });
  const auto first_hash_of = [](const char* kind) {
    return [kind](std::string& text) {
      nlohmann::json proofs = nlohmann::json::parse(text);
      for (auto& given : proofs[kind]) {
        if (given["Proof"].empty()) continue;
        std::string hash = given["Proof"][0];
        hash[5] = hash[5] == 'A' ? 'B' : 'A';
        given["Proof"][0] = hash;
        break;
      }
      text = proofs.dump();
    };
  };
  const std::string inclusion = altered("proofs.json", first_hash_of("Inclusion"));
  CHECK(inclusion.find("in the tree of size 2") != std::string::npos);
  const std::string consistency = altered("proofs.json", first_hash_of("Consistency"));
  CHECK(consistency.find("from size 1 to 2") != std::string::npos);
}

}  // namespace
}  // namespace klasboek::tests
