#pragma once
// How every RocksDB of klasboek is opened: options that survived kills and bit flips, and an info
// log that can't abort the process on a full disk.
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/ids.h"

namespace klasboek::log::rocks {

/// Options of a database that must refuse damage rather than heal it by forgetting: checksums on,
/// a torn tail of the write-ahead log is tolerated and nothing else (the ledger then checks the
/// tail). disk: where its files are; nullptr is the machine's, on which a table with a damaged
/// footer is refused.
rocksdb::DBOptions db_options(rocksdb::Env* disk = nullptr);
/// Options of a column family whose keys are read by prefix and by exact key.
rocksdb::ColumnFamilyOptions family_options();
/// Reads check block checksums and stop at `upper_bound` (exclusive), which must outlive the
/// iterator.
rocksdb::ReadOptions scan_options(const rocksdb::Slice* upper_bound,
                                  const rocksdb::Snapshot* snapshot = nullptr);

/// Builds keys: numbers big-endian, so that their order is the order of the bytes.
class Key {
 public:
  Key& u8(std::uint8_t value);
  Key& u32(std::uint32_t value);
  Key& u64(std::uint64_t value);
  /// Ones' complement: a later value sorts first.
  Key& inverted_u64(std::uint64_t value) { return u64(~value); }
  Key& uuid(const events::Uuid& value);
  Key& bytes(std::span<const std::uint8_t> value);
  [[nodiscard]] const std::string& str() const { return bytes_; }
  [[nodiscard]] rocksdb::Slice slice() const { return bytes_; }

 private:
  std::string bytes_;
};

/// The first key after all that begin with the prefix; empty where there is none (all 0xFF).
std::string prefix_end(std::string_view prefix);

/// Reads what Key wrote. REQUIRES: at + width <= bytes.size().
std::uint64_t read_u64(std::string_view bytes, std::size_t at);
std::uint32_t read_u32(std::string_view bytes, std::size_t at);
events::Uuid read_uuid(std::string_view bytes, std::size_t at);

}  // namespace klasboek::log::rocks
