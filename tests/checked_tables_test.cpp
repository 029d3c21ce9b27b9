// Each byte of a table flips.
#include "events/log/checked_tables.h"

#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "events/log/rocks.h"
#include "tests/support/bit_rot.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {
namespace {

using std::filesystem::path;

constexpr int kRows = 20;

std::string row_key(int n) { return "row-" + std::to_string(n); }

rocksdb::Options options_of_database() {
  rocksdb::Options options(log::rocks::db_options(), log::rocks::family_options());
  options.create_if_missing = true;
  return options;
}

std::unique_ptr<rocksdb::DB> open(const path& directory, rocksdb::Status& status) {
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::Open(options_of_database(), directory.string(), &raw);
  return std::unique_ptr<rocksdb::DB>(raw);
}

/// A database with one table, and no row in its write-ahead log.
path make_table(const path& directory) {
  rocksdb::Status status;
  const auto db = open(directory, status);
  REQUIRE(status.ok());
  for (int n = 0; n < kRows; ++n) REQUIRE(db->Put({}, row_key(n), "value").ok());
  REQUIRE(db->Flush({}).ok());
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".sst") return entry.path().filename();
  }
  throw std::logic_error("no table was written");
}

/// All rows are right, or what the database says of them.
rocksdb::Status read_all(const path& directory) {
  rocksdb::Status status;
  const auto db = open(directory, status);
  if (!status.ok()) return status;
  for (int n = 0; n < kRows; ++n) {
    std::string value;
    status = db->Get({}, row_key(n), &value);
    if (!status.ok()) return status;
    CHECK(value == "value");
  }
  return status;
}

TEST_CASE("whatever byte of a table flips, rows are right or the table is named") {
  const TemporaryDirectory place;
  const path whole = place / "whole";
  const path rotten = place / "rotten";
  const auto table = make_table(whole);
  const auto size = std::filesystem::file_size(whole / table);
  int refused = 0;
  for (std::uint64_t offset = 0; offset < size; ++offset) {
    for (const std::uint8_t bits : {0x01, 0x80, 0xC4}) {
      INFO("byte " << offset << " of " << size << " xor " << int{bits});
      std::filesystem::remove_all(rotten);
      std::filesystem::copy(whole, rotten);
      flip_byte(rotten / table, offset, bits);
      const auto status = read_all(rotten);
      if (status.ok()) continue;
      ++refused;
      CHECK(status.IsCorruption());
      const bool is_named = status.ToString().contains(table.string()) ||
                            log::rocks::first_damaged_table(rotten) == table.string();
      CHECK(is_named);
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("a footer that places its index beyond the table is refused by the file's name") {
  const TemporaryDirectory place;
  const path directory = place / "database";
  const auto table = make_table(directory);
  const auto footer = std::filesystem::file_size(directory / table) - log::rocks::kTableFooterBytes;
  // The place of the metaindex, a varint, becomes one of nine bytes.
  for (std::uint64_t at = footer + 1; at < footer + 9; ++at) {
    std::fstream bytes(directory / table, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(static_cast<char>(0xFF));
  }
  const auto status = read_all(directory);
  CHECK(status.IsCorruption());
  CHECK_THAT(status.ToString(), Catch::Contains(table.string() + " at offset") &&
                                    Catch::Contains("outside of the table"));
}

}  // namespace
}  // namespace klasboek::tests
