#include "projections/live_rows.h"

#include "events/log/ledger.h"
#include "events/log/rocks.h"

namespace klasboek::projections {

namespace {

[[noreturn]] void damaged(const rocksdb::Status& status) {
  throw log::LedgerDamaged("views: " + status.ToString());
}

}  // namespace

LiveRows::LiveRows(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                   rocksdb::WriteBatchWithIndex& batch, const events::SchoolId& school)
    : db_(db),
      family_(family),
      batch_(batch),
      school_prefix_(log::rocks::Key{}.uuid(school.value).str()) {}

std::optional<std::string> LiveRows::get(std::string_view key) {
  std::string value;
  const auto status = batch_.GetFromBatchAndDB(&db_, {}, family_, full_key(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) damaged(status);
  return value;
}

void LiveRows::put(std::string_view key, std::string_view value) {
  batch_.Put(family_, full_key(key), rocksdb::Slice(value.data(), value.size()));
}

void LiveRows::erase(std::string_view key) { batch_.Delete(family_, full_key(key)); }

void LiveRows::scan(std::string_view prefix, const Visit& visit) {
  const auto from = full_key(prefix);
  // The bound is checked here and not by the iterator, which wouldn't hold it for the batch's rows.
  const std::unique_ptr<rocksdb::Iterator> it(batch_.NewIteratorWithBase(
      family_, db_.NewIterator(log::rocks::scan_options(nullptr), family_)));
  for (it->Seek(from); it->Valid() && it->key().starts_with(from); it->Next()) {
    auto key = it->key().ToStringView();
    key.remove_prefix(school_prefix_.size());
    if (!visit(key, it->value().ToStringView())) return;
  }
  if (!it->status().ok()) damaged(it->status());
}

std::optional<std::string> MemoryRows::get(std::string_view key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return std::nullopt;
  return found->second;
}

void MemoryRows::put(std::string_view key, std::string_view value) {
  rows_.insert_or_assign(std::string(key), std::string(value));
}

void MemoryRows::erase(std::string_view key) {
  const auto found = rows_.find(key);
  if (found != rows_.end()) rows_.erase(found);
}

void MemoryRows::scan(std::string_view prefix, const Visit& visit) {
  for (auto it = rows_.lower_bound(prefix); it != rows_.end() && it->first.starts_with(prefix);
       ++it) {
    if (!visit(it->first, it->second)) return;
  }
}

}  // namespace klasboek::projections
