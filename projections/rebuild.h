#pragma once
// Making a view anew: school by school from the log into memory, out in the order of the keys as
// one sorted file, which RocksDB takes in as it is. Memory is bounded by the largest school.
#include <expected>

#include "events/log/ledger.h"
#include "projections/projector.h"

namespace klasboek::projections {

/// The position after the last record; 0 of an empty log.
log::Position end_of(const log::Ledger& ledger);

/// Folds the log up to (not including) `end` and ingests the rows into the family, which is empty.
std::expected<void, log::LogFault> build_by_ingest(const View& view, const log::Ledger& ledger,
                                                   log::Position end, ViewStore& store,
                                                   rocksdb::ColumnFamilyHandle* family,
                                                   const Progress& progress);

}  // namespace klasboek::projections
