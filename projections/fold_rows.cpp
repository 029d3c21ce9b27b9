#include "projections/fold_rows.h"

#include <algorithm>
#include <cstring>

#include "events/log/ledger.h"
#include "events/log/rocks.h"

namespace klasboek::projections {

namespace {

/// Small beside the limit of a rebuild, large beside a row.
constexpr std::size_t kChunkBytes = 16 << 10;

[[noreturn]] void damaged(const rocksdb::Status& status) {
  throw log::LedgerDamaged("views: " + status.ToString());
}

}  // namespace

void* RowArena::do_allocate(std::size_t size, std::size_t alignment) {
  void* place = next_;
  if (next_ == nullptr || std::align(alignment, size, place, left_) == nullptr) {
    const auto chunk_bytes = std::max(kChunkBytes, size + alignment);
    chunks_.push_back({nullptr, chunk_bytes});
    chunks_.back().memory =
        chunks_.get_allocator().resource()->allocate(chunk_bytes, alignof(std::max_align_t));
    left_ = chunk_bytes;
    place = chunks_.back().memory;
    std::align(alignment, size, place, left_);
  }
  next_ = static_cast<std::byte*>(place) + size;
  left_ -= size;
  bytes_ += size;
  return place;
}

void RowArena::release() {
  for (const auto& chunk : chunks_) {
    if (chunk.memory == nullptr) continue;
    chunks_.get_allocator().resource()->deallocate(chunk.memory, chunk.size,
                                                   alignof(std::max_align_t));
  }
  chunks_.clear();
  bytes_ = 0;
  next_ = nullptr;
  left_ = 0;
}

FoldRows::FoldRows(std::pmr::memory_resource* memory) : arena_(memory), rows_(&arena_) {}

char* FoldRows::copied(std::string_view bytes) {
  if (bytes.empty()) return nullptr;
  auto* copy = static_cast<char*>(arena_.allocate(bytes.size(), 1));
  std::memcpy(copy, bytes.data(), bytes.size());
  return copy;
}

void FoldRows::keep(Row& row, std::string_view value) {
  row.is_erased = false;
  if (value.size() <= row.capacity) {
    // Where there was none there is nowhere to copy to, and nothing to copy.
    if (!value.empty()) std::memcpy(row.bytes, value.data(), value.size());
  } else {
    row.bytes = copied(value);
    row.capacity = static_cast<std::uint32_t>(value.size());
  }
  row.size = static_cast<std::uint32_t>(value.size());
}

FoldRows::Row& FoldRows::row_of(std::string_view key) {
  const auto at = rows_.lower_bound(key);
  if (at != rows_.end() && at->first == key) return at->second;
  return rows_.emplace_hint(at, std::string_view(copied(key), key.size()), Row{})->second;
}

std::optional<std::string> StoredRows::get(const std::string& key) const {
  std::string value;
  const auto status = db_.Get({}, family_, key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) damaged(status);
  return value;
}

rocksdb::Iterator& StoredRows::from(const std::string& key) {
  if (!iterator_) iterator_.reset(db_.NewIterator(log::rocks::scan_options(nullptr), family_));
  iterator_->Seek(key);
  return *iterator_;
}

void FoldRows::stand_on(StoredRows& stored, const events::SchoolId& school) {
  stored_ = &stored;
  school_prefix_ = log::rocks::Key{}.uuid(school.value).str();
}

void FoldRows::reset() {
  rows_.clear();
  arena_.release();
  stored_ = nullptr;
}

std::optional<std::string> FoldRows::get(std::string_view key) {
  const auto found = rows_.find(key);
  if (found != rows_.end()) {
    if (found->second.is_erased) return std::nullopt;
    return std::string(found->second.value());
  }
  if (stored_ == nullptr) return std::nullopt;
  return stored_->get(school_prefix_ + std::string(key));
}

void FoldRows::put(std::string_view key, std::string_view value) { keep(row_of(key), value); }

void FoldRows::erase(std::string_view key) {
  if (stored_ != nullptr) {
    row_of(key).is_erased = true;
    return;
  }
  const auto found = rows_.find(key);
  if (found != rows_.end()) rows_.erase(found);
}

void FoldRows::scan(std::string_view prefix, const Visit& visit) {
  if (stored_ != nullptr) return scan_both(prefix, visit);
  for (auto at = rows_.lower_bound(prefix); at != rows_.end() && at->first.starts_with(prefix);
       ++at) {
    if (!visit(at->first, at->second.value())) return;
  }
}

/// Row by row the one with the lesser key; what is in memory hides what it stands on.
void FoldRows::scan_both(std::string_view prefix, const Visit& visit) {
  const auto from = school_prefix_ + std::string(prefix);
  auto& stored = stored_->from(from);
  auto at = rows_.lower_bound(prefix);
  for (;;) {
    const bool has_row = at != rows_.end() && at->first.starts_with(prefix);
    const bool has_stored = stored.Valid() && stored.key().starts_with(from);
    if (!has_row && !has_stored) break;
    auto key = has_stored ? stored.key().ToStringView() : std::string_view();
    if (has_stored) key.remove_prefix(school_prefix_.size());
    if (has_row && (!has_stored || at->first <= key)) {
      if (has_stored && at->first == key) stored.Next();
      const auto& [row_key, row] = *at++;
      if (!row.is_erased && !visit(row_key, row.value())) return;
    } else {
      if (!visit(key, stored.value().ToStringView())) return;
      stored.Next();
    }
  }
  if (!stored.status().ok()) damaged(stored.status());
}

}  // namespace klasboek::projections
