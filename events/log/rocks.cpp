#include "events/log/rocks.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <spdlog/spdlog.h>

#include <cassert>
#include <cstdarg>
#include <cstdio>

#include "events/log/checked_tables.h"

namespace klasboek::log::rocks {

namespace {

constexpr std::size_t kWriteBufferBytes = 16 << 20;
constexpr std::size_t kBlockCacheBytes = 64 << 20;
/// What a start reads again after a kill, at a second for 60 MB; and what lies in write buffers, of
/// which there is one for each family.
constexpr std::size_t kWalBytesMax = 24 << 20;
constexpr double kBloomBitsPerKey = 10;
/// Of a write buffer: what says without a search that a key isn't in it. Most of what the ledger is
/// asked isn't there (a command before, a version after).
constexpr double kBufferBloomShare = 0.02;
constexpr int kBackgroundJobs = 2;

/// RocksDB's own log file writer aborts when the disk is full; this one only passes lines on.
class SpdlogLogger final : public rocksdb::Logger {
 public:
  SpdlogLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1024> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    // True of every file that a rebuild ingested, until it is compacted.
    if (std::string_view(line.data()).find("without unique ID") != std::string_view::npos) return;
    spdlog::warn("rocksdb: {}", line.data());
  }
};

std::uint64_t read_be(std::string_view bytes, std::size_t at, std::size_t width) {
  assert(at + width <= bytes.size());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = (value << 8) | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return value;
}

void append_be(std::string& out, std::uint64_t value, unsigned width) {
  std::array<char, sizeof value> bytes{};
  for (unsigned i = 0; i < width; ++i) bytes[i] = static_cast<char>(value >> (8 * (width - 1 - i)));
  out.append(bytes.data(), width);
}

/// One cache for all databases of the process, so that memory stays bounded however many there are.
std::shared_ptr<rocksdb::Cache> shared_block_cache() {
  static const auto kCache = rocksdb::NewLRUCache(kBlockCacheBytes);
  return kCache;
}

}  // namespace

rocksdb::DBOptions db_options(rocksdb::Env* disk) {
  rocksdb::DBOptions options;
  options.env = disk != nullptr ? disk : machine_with_checked_tables();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  options.info_log = std::make_shared<SpdlogLogger>();
  options.max_total_wal_size = kWalBytesMax;
  options.max_background_jobs = kBackgroundJobs;
  options.bytes_per_sync = 1 << 20;
  options.keep_log_file_num = 2;
  // Each database has one thread that writes; being ready for more costs every row.
  options.allow_concurrent_memtable_write = false;
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.whole_key_filtering = true;
  table.block_cache = shared_block_cache();
  table.cache_index_and_filter_blocks = true;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = kWriteBufferBytes;
  options.compression = rocksdb::kLZ4Compression;
  options.memtable_prefix_bloom_size_ratio = kBufferBloomShare;
  options.memtable_whole_key_filtering = true;
  return options;
}

rocksdb::ReadOptions scan_options(const rocksdb::Slice* upper_bound,
                                  const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.iterate_upper_bound = upper_bound;
  options.snapshot = snapshot;
  options.total_order_seek = true;
  return options;
}

Key& Key::u8(std::uint8_t value) {
  bytes_.push_back(static_cast<char>(value));
  return *this;
}
Key& Key::u32(std::uint32_t value) {
  append_be(bytes_, value, 4);
  return *this;
}
Key& Key::u64(std::uint64_t value) {
  append_be(bytes_, value, 8);
  return *this;
}
Key& Key::uuid(const events::Uuid& value) { return u64(value.hi).u64(value.lo); }
Key& Key::bytes(std::span<const std::uint8_t> value) {
  bytes_.append(value.begin(), value.end());
  return *this;
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<std::uint8_t>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
  return end;
}

std::uint64_t read_u64(std::string_view bytes, std::size_t at) { return read_be(bytes, at, 8); }
std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(read_be(bytes, at, 4));
}
events::Uuid read_uuid(std::string_view bytes, std::size_t at) {
  return {read_be(bytes, at, 8), read_be(bytes, at + 8, 8)};
}

}  // namespace klasboek::log::rocks
