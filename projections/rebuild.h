#pragma once
// Making views anew: one reading of the log for all of them, school by school in the order of their
// ids. The rows of a school are folded in memory and go out in the order of their keys into a
// sorted run, which RocksDB takes in as it is. Whatever the size of a school, rows take no more
// memory than a limit: past it they go out in the middle of the school, and what the fold asks for
// later is read back. A rebuild that was cut off goes on behind its last run that was taken in.
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <memory_resource>
#include <span>
#include <vector>

#include "events/log/ledger.h"
#include "projections/build_place.h"
#include "projections/view_store.h"

namespace klasboek::projections {

/// Commits done of those there are, for whoever shows progress.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// The steps of a rebuild. A program may die at each of them.
enum class RebuildStep : std::uint8_t {
  run_written,   // a run is a whole file, which no view has
  run_taken_in,  // its view has it
  built,         // all commits there were at the beginning are in
  caught_up,     // the new view stands where the live one does
  compared,      // their digests are known
  switched       // readers have the new one
};

struct RebuildOptions {
  /// Rows in memory of all views that are being made, at most; beyond it by what one commit brings
  /// and a chunk of 16 KiB for each view.
  std::size_t rows_bytes_max = 64 << 20;
  /// Runs are taken in when they are this long together, so that no more than that is lost when it
  /// is cut off.
  std::size_t run_bytes = 32 << 20;
  /// Where rows take memory from. Outlives the rebuild.
  std::pmr::memory_resource* memory = std::pmr::new_delete_resource();
  /// Told of each step, on whatever thread reached it; empty: nobody is.
  std::function<void(RebuildStep)> on_step;

  void reached(RebuildStep step) const {
    if (on_step) on_step(step);
  }
};

/// The position after the last record; 0 of an empty log.
log::Position end_of(const log::Ledger& ledger);

/// A view to be made anew, in a family that no reader sees.
struct Build {
  const View* view = nullptr;
  rocksdb::ColumnFamilyHandle* family = nullptr;
  /// Where it begins; afterwards, whole.
  BuildPlace place;
};

/// Makes them whole. Answers how many events were read of the log. Throws log::LedgerDamaged where
/// the log can't be read.
std::expected<std::uint64_t, log::LogFault> build_views(std::span<Build> builds,
                                                        const log::Ledger& ledger, ViewStore& store,
                                                        const RebuildOptions& options,
                                                        const Progress& progress);

}  // namespace klasboek::projections
