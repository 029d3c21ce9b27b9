#pragma once
// One sorted run of a view that is made anew: rows go into a file in the order of their keys, and
// RocksDB takes the file in as it is, in one step with the place up to which it reaches
// (build_place.h). A run that was cut off is a file that nobody named: opening the views removes
// it.
#include <rocksdb/sst_file_writer.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "projections/build_place.h"
#include "projections/fold_rows.h"
#include "projections/view_store.h"

namespace klasboek::projections {

/// Rows of a view couldn't be written out.
class RunNotWritten : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One thread. Functions throw RunNotWritten where the disk fails.
class SortedRun {
 public:
  /// REQUIRES: store outlives it and has no other run of this view.
  SortedRun(ViewStore& store, const View& view, rocksdb::ColumnFamilyHandle* family);
  ~SortedRun();
  SortedRun(const SortedRun&) = delete;
  SortedRun& operator=(const SortedRun&) = delete;

  /// REQUIRES: the school comes after those that are in the run.
  void add(const events::SchoolId& school, const FoldRows& rows);
  /// Closes the file and makes it durable.
  void finish();
  /// The family has the rows of the finished run and this place, both or neither. The next add
  /// begins a new run.
  void take_in(const BuildPlace& place);
  /// Of the file as it grows.
  [[nodiscard]] std::uint64_t bytes() const { return writer_ ? writer_->FileSize() : 0; }

 private:
  [[nodiscard]] std::unique_ptr<rocksdb::SstFileWriter> open(const std::filesystem::path& path);
  void remove_files();

  ViewStore& store_;
  rocksdb::ColumnFamilyHandle* family_;
  std::filesystem::path rows_file_;
  std::filesystem::path place_file_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  bool is_finished_ = false;
};

}  // namespace klasboek::projections
