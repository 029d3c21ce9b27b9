#pragma once
// The rows of one school that a fold works on: in memory, over those that a column family already
// has, if any. What is in memory is laid out in the order of its keys and goes out as a whole: into
// a write of the live views, or into a sorted run.
#include <rocksdb/db.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <string>
#include <string_view>

#include "projections/view.h"

namespace klasboek::projections {

/// Memory that is handed out piece by piece and let go of all at once.
class RowArena final : public std::pmr::memory_resource {
 public:
  explicit RowArena(std::pmr::memory_resource* upstream) : chunks_(upstream) {}
  ~RowArena() override { release(); }
  RowArena(const RowArena&) = delete;
  RowArena& operator=(const RowArena&) = delete;
  /// What was handed out.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// REQUIRES: nothing in it is used any more.
  void release();

 private:
  struct Chunk {
    void* memory = nullptr;
    std::size_t size = 0;
  };
  void* do_allocate(std::size_t size, std::size_t alignment) override;
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::pmr::vector<Chunk> chunks_;
  std::size_t bytes_ = 0;
  /// Of the newest chunk.
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

/// The rows of a column family as they are while nobody writes to it. One thread.
class StoredRows {
 public:
  /// REQUIRES: both outlive it.
  StoredRows(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) : db_(db), family_(family) {}
  [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
  /// Rows from the key on as long as they begin with it. REQUIRES: no other scan is under way.
  rocksdb::Iterator& from(const std::string& key);

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* family_;
  /// Made once: that costs more than to seek.
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

/// One thread.
class FoldRows final : public ViewRows {
 public:
  /// Takes memory from `memory`, which outlives it.
  explicit FoldRows(std::pmr::memory_resource* memory = std::pmr::new_delete_resource());

  std::optional<std::string> get(std::string_view key) override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void scan(std::string_view prefix, const Visit& visit) override;

  /// Rows of the school that aren't in memory are read from there. REQUIRES: stored outlives it.
  void stand_on(StoredRows& stored, const events::SchoolId& school);
  /// Forgets all rows, and stands on nothing.
  void reset();
  /// Each row in memory in the order of its key; nullptr for one that was erased from what it
  /// stands on.
  template <class Write>
  void for_each(Write&& write) const {
    for (const auto& [key, row] : rows_) {
      const auto value = row.value();
      write(key, row.is_erased ? nullptr : &value);
    }
  }
  /// What it takes of memory.
  [[nodiscard]] std::size_t bytes() const { return arena_.bytes(); }

 private:
  struct Row {
    char* bytes = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
    bool is_erased = false;
    [[nodiscard]] std::string_view value() const { return {bytes, size}; }
  };
  using Rows = std::pmr::map<std::string_view, Row>;

  /// nullptr of nothing.
  char* copied(std::string_view bytes);
  void keep(Row& row, std::string_view value);
  Row& row_of(std::string_view key);
  void scan_both(std::string_view prefix, const Visit& visit);

  RowArena arena_;
  Rows rows_;
  StoredRows* stored_ = nullptr;
  std::string school_prefix_;
};

}  // namespace klasboek::projections
