#pragma once
// The machine's disk under RocksDB, with somebody who hears of every call that changes it, before
// and after, and may refuse it.
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace klasboek::tests {

enum class DiskOperation : std::uint8_t {
  create,
  append,
  overwrite,
  sync,
  truncate,
  rename,
  link,
  remove,
  sync_directory
};

struct DiskCall {
  DiskOperation operation = DiskOperation::append;
  /// As RocksDB names it; of a rename or link, the new name.
  std::string file{};
  /// Of a rename or link: what the file is called before it.
  std::string from{};
  /// Of an append: how many; of a truncation: how many are left.
  std::uint64_t bytes = 0;

  /// Of a write-ahead log, in a directory of this name.
  [[nodiscard]] bool is_of_log_in(std::string_view directory) const;
};

struct DiskWatch {
  /// Asked before each call: what isn't OK is its outcome, and it doesn't happen.
  std::function<rocksdb::IOStatus(const DiskCall&)> before;
  /// Told after each call that succeeded.
  std::function<void(const DiskCall&)> after;
  /// False: a sync is told and asked for like any call, but the machine's disk isn't waited for,
  /// and no room is set aside on it.
  bool syncs = true;
};

/// The watch is called on any thread. An Env outlives all that was opened on it.
std::unique_ptr<rocksdb::Env> watched_disk(DiskWatch watch);

}  // namespace klasboek::tests
