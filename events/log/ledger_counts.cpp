#include "events/log/ledger_counts.h"

#include <rocksdb/table_properties.h>

#include <string>

#include "events/log/ledger.h"
#include "events/log/transparency_tree.h"

namespace klasboek::log {

std::uint64_t count_rows(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
  rocksdb::TablePropertiesCollection tables;
  const auto status = db.GetPropertiesOfAllTables(family, &tables);
  if (!status.ok()) throw LedgerDamaged("ledger: a table can't be read: " + status.ToString());
  std::uint64_t rows = 0;
  for (const auto& [file, properties] : tables) rows += properties->num_entries;
  for (const auto& name : {rocksdb::DB::Properties::kNumEntriesActiveMemTable,
                           rocksdb::DB::Properties::kNumEntriesImmMemTables}) {
    std::uint64_t in_memory = 0;
    if (!db.GetIntProperty(family, name, &in_memory)) {
      throw LedgerDamaged("ledger: rows can't be counted");
    }
    rows += in_memory;
  }
  return rows;
}

std::uint64_t tree_rows_of(std::uint64_t events) {
  std::uint64_t rows = 0;
  for (auto tiles = events / kTileWidth; tiles > 0; tiles /= kTileWidth) rows += tiles;
  return rows;
}

void check_rows(std::string_view family, std::uint64_t found, std::uint64_t expected) {
  if (found == expected) return;
  throw LedgerDamaged("of " + std::to_string(expected) + " rows of " + std::string(family) +
                      " there are " + std::to_string(found));
}

}  // namespace klasboek::log
