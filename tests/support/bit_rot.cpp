#include "tests/support/bit_rot.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "events/log/embedded_log.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

namespace {

using std::filesystem::path;

constexpr std::uint64_t kSchools = 2;
/// Each is a start of the program: what one left in the write-ahead log the next puts into tables.
constexpr int kStarts = 3;
constexpr std::uint64_t kCommitsPerStart = 5;
constexpr std::uint64_t kCommitsPerSchool = kStarts * kCommitsPerStart;
/// The first commit fills a tile of the tree, so that there is a hash above the leaves.
constexpr std::uint64_t kEventsOfFirst = 256;
constexpr std::uint64_t kManifestTimes = 12;

std::string key_of(std::uint64_t n) { return "commit-" + std::to_string(n); }

events::NewCommit commit_of(std::uint64_t school, std::uint64_t number) {
  const auto version = number == 0 ? 0 : kEventsOfFirst + number - 1;
  auto commit = small_commit(school_number(school), key_of(number), version);
  if (number == 0) {
    const auto event = commit.events.front();
    commit.events.assign(kEventsOfFirst, event);
  }
  return commit;
}

std::expected<std::unique_ptr<log::EmbeddedLog>, log::LogFault> open(const path& directory,
                                                                     CountingKeySink& keys) {
  log::EmbeddedLogOptions options;
  options.directory = directory;
  options.free_bytes_min = 0;
  return log::EmbeddedLog::open(options, keys);
}

void make_log(const path& directory) {
  CountingKeySink keys;
  for (int start = 0; start < kStarts; ++start) {
    const auto log = open(directory, keys);
    REQUIRE(log.has_value());
    for (std::uint64_t n = 0; n < kCommitsPerStart; ++n) {
      const auto number = static_cast<std::uint64_t>(start) * kCommitsPerStart + n;
      for (std::uint64_t school = 1; school <= kSchools; ++school) {
        REQUIRE(std::holds_alternative<log::Committed>(append(**log, commit_of(school, number))));
      }
    }
  }
}

/// All that a ledger holds of the log, hashed; throws LedgerDamaged where it can't be read.
std::vector<events::Hash> everything_in(const log::Ledger& ledger) {
  std::vector<events::Hash> all;
  ledger.read_log(0, [&](const log::StoredCommit& commit) {
    all.push_back(events::sha256(commit.frame_bytes.bytes()));
    all.insert(all.end(), commit.leaf_hashes.begin(), commit.leaf_hashes.end());
    return true;
  });
  for (std::uint64_t n = 1; n <= kSchools; ++n) {
    const auto school = school_number(n);
    ledger.read_school(school, 0, [&](const events::RecordedEvent& event) {
      all.push_back(events::sha256(events::to_bytes(event.event.value)));
      return true;
    });
    all.push_back(ledger.tree_hash(school, 1, 0).value_or(events::Hash{}));
    all.push_back(ledger.school_head(school).tree.root());
    for (std::uint64_t number = 0; number < kCommitsPerSchool; ++number) {
      const bool found = ledger.find_command(school, commit_of(n, number).command).has_value();
      all.push_back(events::Hash{static_cast<std::uint8_t>(found)});
    }
    const auto version = ledger.snapshot(school)->read(
        {events::StreamKind::school, school.value}, [](const events::RecordedEvent& /*event*/) {});
    all.push_back(events::sha256(events::to_bytes({0, version})));
  }
  return all;
}

/// Empty: all of it is there, as it was; else what the log said of itself.
std::string refusal_of(const path& directory, const std::vector<events::Hash>& expected) {
  CountingKeySink keys;
  const auto log = open(directory, keys);
  if (!log) return log.error().message;
  try {
    const bool is_whole = everything_in((*log)->ledger()) == expected;
    CHECK(is_whole);
  } catch (const log::LedgerDamaged& damage) {
    return damage.what();
  }
  return {};
}

/// The file, or the directory of a database and the place in the log.
void check_names_place(const std::string& refusal, const path& directory) {
  INFO("it says: " << refusal);
  CHECK_THAT(refusal, Catch::Contains(directory.string()));
  CHECK_THAT(refusal, Catch::Contains("position") || Catch::Contains("offset") ||
                          Catch::Contains("MANIFEST") || Catch::Contains("CURRENT") ||
                          Catch::Contains("rows of") || Catch::Contains(".sst") ||
                          Catch::Contains(".log"));
}

std::vector<path> files_of(const path& directory) {
  std::vector<path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && entry.file_size() > 0) {
      files.push_back(std::filesystem::relative(entry.path(), directory));
    }
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

void flip_byte(const path& file, std::uint64_t offset, std::uint8_t bits) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(static_cast<std::streamoff>(offset));
  const auto was = static_cast<std::uint8_t>(bytes.get());
  bytes.seekp(static_cast<std::streamoff>(offset));
  bytes.put(static_cast<char>(was ^ bits));
  REQUIRE(bytes.good());
}

void check_bit_rot(const BitRot& rot) {
  const TemporaryDirectory place;
  const path whole = place / "whole";
  const path rotten = place / "rotten";
  make_log(whole);
  std::vector<events::Hash> expected;
  const auto files = files_of(whole);
  {
    std::filesystem::copy(whole, rotten, std::filesystem::copy_options::recursive);
    CountingKeySink keys;
    const auto log = open(rotten, keys);
    REQUIRE(log.has_value());
    expected = everything_in((*log)->ledger());
  }
  std::mt19937_64 dice(rot.seed);
  std::size_t refused = 0;
  for (const auto& file : files) {
    const auto size = std::filesystem::file_size(whole / file);
    // It says which tables there are, and ends where a length leads beyond its end.
    const bool is_manifest = file.filename().string().starts_with("MANIFEST");
    const auto flips = rot.flips_per_file * (is_manifest ? kManifestTimes : 1);
    for (std::uint64_t n = 0; n < flips; ++n) {
      const auto offset = dice() % size;
      const auto bits = static_cast<std::uint8_t>(1 + dice() % 255);
      INFO("seed " << rot.seed << ", " << file.string() << " at byte " << offset << " xor "
                   << int{bits});
      std::filesystem::remove_all(rotten);
      std::filesystem::copy(whole, rotten, std::filesystem::copy_options::recursive);
      flip_byte(rotten / file, offset, bits);
      const auto refusal = refusal_of(rotten, expected);
      if (refusal.empty()) continue;
      ++refused;
      check_names_place(refusal, rotten);
    }
  }
  // Most of what is on disk counts.
  CHECK(refused > files.size());
}

}  // namespace klasboek::tests
