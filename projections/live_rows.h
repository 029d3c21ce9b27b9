#pragma once
// The two places where a fold's rows can stand: the live family with writes of the batch on top,
// and memory, for a school that is folded from its beginning.
#include <rocksdb/utilities/write_batch_with_index.h>

#include <map>
#include <string>

#include "projections/view.h"

namespace klasboek::projections {

/// Rows of one school in a column family; writes go into the batch and are seen through it.
class LiveRows final : public ViewRows {
 public:
  LiveRows(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
           rocksdb::WriteBatchWithIndex& batch, const events::SchoolId& school);
  std::optional<std::string> get(std::string_view key) override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void scan(std::string_view prefix, const Visit& visit) override;

 private:
  [[nodiscard]] std::string full_key(std::string_view key) const {
    return school_prefix_ + std::string(key);
  }
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* family_;
  rocksdb::WriteBatchWithIndex& batch_;
  std::string school_prefix_;
};

/// Rows of one school in memory, in order.
class MemoryRows final : public ViewRows {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;
  std::optional<std::string> get(std::string_view key) override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void scan(std::string_view prefix, const Visit& visit) override;
  [[nodiscard]] Rows take() { return std::move(rows_); }

 private:
  Rows rows_;
};

}  // namespace klasboek::projections
