#pragma once
// How many rows a family of the ledger has, without reading them: a table that a damaged MANIFEST
// no longer names is missed at once. Only the ledger includes this.
#include <rocksdb/db.h>

#include <cstdint>
#include <string_view>

namespace klasboek::log {

/// Of a family whose rows are written once and never removed, by what its tables and memtables say
/// of themselves. Throws LedgerDamaged where they can't be asked.
std::uint64_t count_rows(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family);

/// Rows of the family `tree` for a school with so many events: one for each full tile.
std::uint64_t tree_rows_of(std::uint64_t events);

/// Throws LedgerDamaged where `found` isn't `expected`, naming the family.
void check_rows(std::string_view family, std::uint64_t found, std::uint64_t expected);

}  // namespace klasboek::log
