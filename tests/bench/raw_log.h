#pragma once
// The raw side of durable commands: one thread that takes what is waiting, puts it into a bare
// RocksDB as one synced batch, and answers all. No rule, no hash, no event, no HTTP; only as many
// rows of as many bytes as the product wrote, taken from its own write-ahead log.
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/product.h"
#include "tests/support/temporary_directory.h"

namespace rocksdb {
class DB;
class ColumnFamilyHandle;
class WriteBatch;
}  // namespace rocksdb

namespace klasboek::bench {

struct RawRow {
  std::size_t family = 0;
  std::string key;
  std::string value;
};

/// What one commit of the product wrote.
struct CommitShape {
  std::vector<RawRow> rows;
  /// Written once for all commits of a batch: the school's head, the tail.
  std::vector<RawRow> shared_rows;
};

struct CommitShapes {
  std::vector<CommitShape> commits;
  std::size_t keys_minted = 0;
  double rows_per_commit = 0;
  double bytes_per_commit = 0;
};

/// Notes where the product's log and vault stand, and later what came since. In between the product
/// must be given one command at a time, so that each commit is a batch of its own.
class CommitCamera {
 public:
  explicit CommitCamera(const Product& product);
  /// Commits, and the rows of keys minted for them spread evenly over them. Throws where the
  /// product's write-ahead log doesn't reach back so far.
  [[nodiscard]] CommitShapes take() const;

 private:
  const Product& product_;
  std::uint64_t next_write_;
  std::size_t keys_before_;
};

class RawLog {
 public:
  RawLog();
  ~RawLog();
  RawLog(const RawLog&) = delete;
  RawLog& operator=(const RawLog&) = delete;

  /// Returns when rows like these are durable, under keys of their own. Any thread.
  void commit(const CommitShape& shape);

 private:
  struct Waiting;
  void commit_until_closed();
  void commit_group(const std::vector<Waiting*>& group);
  void put(rocksdb::WriteBatch& batch, const RawRow& row) const;

  tests::TemporaryDirectory directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::uint64_t commits_ = 0;

  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<Waiting*> queue_;
  bool closed_ = false;
  std::thread committer_;
};

}  // namespace klasboek::bench
