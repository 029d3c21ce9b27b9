// A ledger that was changed behind its back: making every hash again finds what isn't what was
// written, and names it.
#include <rocksdb/db.h>

#include <array>
#include <catch2/catch.hpp>

#include "events/log/integrity.h"
#include "events/log/rocks.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {
namespace {

using Catch::Matchers::Contains;
using log::rocks::Key;

// In the order in which the ledger makes its families.
enum Family : std::size_t { kMeta, kRecords, kSequences, kStreams, kCommands, kSchools };
constexpr std::array kFamilyNames = {"default",  "records", "sequences", "streams",
                                     "commands", "schools", "tree"};
/// In a record: first sequence, time, count, and then the hashes of the leaves.
constexpr std::size_t kTimeAt = 8;
constexpr std::size_t kLeafAt = 20;

/// A ledger with commits of two schools, that can be opened and changed.
class Tampered {
 public:
  static constexpr std::uint64_t kCommits = 300;

  Tampered() {
    const auto ledger = log::Ledger::open(path(), {});
    REQUIRE(ledger);
    log::Ledger::Batch batch(**ledger);
    for (std::uint64_t n = 0; n < kCommits; ++n) {
      const auto frame =
          events::encode_frame(small_commit(school_number(n % 2), std::to_string(n), n / 2));
      REQUIRE(std::holds_alternative<log::Applied>(batch.apply(frame, n, std::nullopt)));
    }
    REQUIRE(batch.write(true));
  }

  /// Gives a row another value.
  void change(Family family, const std::string& key,
              const std::function<void(std::string&)>& by) const {
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const char* name : kFamilyNames) {
      descriptors.emplace_back(name, log::rocks::family_options());
    }
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    rocksdb::DB* raw = nullptr;
    REQUIRE(
        rocksdb::DB::Open(log::rocks::db_options(), path().string(), descriptors, &families, &raw)
            .ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::string value;
    CHECK(db->Get({}, families[family], key, &value).ok());
    by(value);
    CHECK(db->Put({}, families[family], key, value).ok());
    // Without the old one beside it: a row too many would be refused at the start.
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    CHECK(db->CompactRange(all, families[family], nullptr, nullptr).ok());
    for (auto* handle : families) db->DestroyColumnFamilyHandle(handle);
  }

  [[nodiscard]] log::IntegrityReport check() const {
    const auto ledger = log::Ledger::open(path(), {});
    REQUIRE(ledger);
    return log::check_integrity(**ledger);
  }

 private:
  [[nodiscard]] std::filesystem::path path() const { return directory_ / "ledger"; }
  TemporaryDirectory directory_;
};

std::string position_key(log::Position position) { return Key{}.u64(position).str(); }

}  // namespace

TEST_CASE("a ledger that nobody touched has every hash right") {
  const Tampered ledger;
  const auto report = ledger.check();
  CHECK(report.commits == Tampered::kCommits);
  CHECK(report.events == Tampered::kCommits);
  CHECK(report.faults.empty());
}

TEST_CASE("a record whose time was changed isn't the one that was hashed") {
  const Tampered ledger;
  ledger.change(kRecords, position_key(17), [](std::string& row) { row[kTimeAt + 7] ^= 1; });
  const auto report = ledger.check();
  REQUIRE(report.faults.size() == 1);
  CHECK_THAT(report.faults[0], Contains("position 17 ") && Contains("isn't the one"));
}

TEST_CASE("a leaf that was changed with its tree left as it was is told twice") {
  const Tampered ledger;
  ledger.change(kRecords, position_key(40), [](std::string& row) { row[kLeafAt] ^= 1; });
  const auto report = ledger.check();
  REQUIRE(report.faults.size() == 2);
  CHECK_THAT(report.faults[0], Contains("position 40 "));
  CHECK_THAT(report.faults[1], Contains(events::to_text(school_number(0))));
}

TEST_CASE("a tail that names another record, and a tree with another root, are found") {
  const Tampered ledger;
  ledger.change(kMeta, "tail", [](std::string& row) { row.back() ^= 1; });
  ledger.change(kSchools, Key{}.uuid(school_number(1).value).str(),
                [](std::string& row) { row.back() ^= 1; });
  const auto report = ledger.check();
  REQUIRE(report.faults.size() == 2);
  CHECK_THAT(report.faults[0], Contains("position 299: the tail"));
  CHECK_THAT(report.faults[1], Contains(events::to_text(school_number(1))));
}

TEST_CASE("a sequence that doesn't follow on the one before is found") {
  const Tampered ledger;
  ledger.change(kRecords, position_key(6), [](std::string& row) { row[7] ^= 1; });
  const auto report = ledger.check();
  REQUIRE_FALSE(report.faults.empty());
  CHECK_THAT(report.faults[0], Contains("position 6 ") && Contains("events before it are 3"));
}

}  // namespace klasboek::tests
