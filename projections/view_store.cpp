#include "projections/view_store.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "events/log/rocks.h"
#include "projections/row.h"

namespace klasboek::projections {

namespace {

using log::rocks::Key;

log::LogFault fault_of(const std::filesystem::path& directory, const rocksdb::Status& status) {
  return {log::LogFaultKind::disk,
          directory.string() + ": " + status.ToString() +
              "; views can be thrown away: remove this directory and start"};
}

/// `layout` → how the other rows of this family are laid out. A view's own rows are its version's.
constexpr std::string_view kLayoutKey = "layout";
constexpr std::uint32_t kLayout = 1;

constexpr std::string_view kBuildFilePrefix = "rebuild-";

/// `state/<view>` → version, family, next position.
std::string state_key(std::string_view view) { return "state/" + std::string(view); }

std::string encode_state(const View& view, const ViewState& state) {
  return RowWriter{}.u32(view.version()).text(state.family).u64(state.next_position).take();
}

[[noreturn]] void damaged(const rocksdb::Status& status) {
  throw log::LedgerDamaged("views: " + status.ToString());
}

/// Notes the layout in a new directory; refuses one that this program doesn't know.
std::optional<log::LogFault> check_layout(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* meta,
                                          const std::filesystem::path& directory) {
  const rocksdb::Slice key(kLayoutKey.data(), kLayoutKey.size());
  std::string bytes;
  auto status = db.Get({}, meta, key, &bytes);
  if (status.IsNotFound()) status = db.Put({}, meta, key, RowWriter{}.u32(kLayout).take());
  if (!status.ok()) return fault_of(directory, status);
  if (!bytes.empty() && (bytes.size() < 4 || RowReader(bytes).u32() > kLayout)) {
    return log::LogFault{
        log::LogFaultKind::newer_version,
        directory.string() +
            " was written by a newer version of klasboek: run that version, or remove this "
            "directory, and the views are made anew from the log"};
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::unique_ptr<ViewStore>, log::LogFault> ViewStore::open(
    const std::filesystem::path& directory, rocksdb::Env* disk) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::unique_ptr<ViewStore> store(new ViewStore);
  store->directory_ = directory;
  rocksdb::Options options(log::rocks::db_options(disk), log::rocks::family_options());
  options.create_if_missing = true;
  // Not synced: a power cut leaves holes in the write-ahead log. What comes after the first is read
  // again from the log of events.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  auto status = store->open_database(options);
  if (status.IsCorruption()) {
    // As a power cut can leave it: what is here comes again from the log, which isn't healed so.
    spdlog::warn("views: {}: {}; they are thrown away and made anew from the log",
                 directory.string(), status.ToString());
    status = rocksdb::DestroyDB(directory.string(), options);
    if (status.ok()) status = store->open_database(options);
  }
  if (!status.ok()) return std::unexpected(fault_of(directory, status));
  if (auto fault = check_layout(*store->db_, store->meta_, directory)) {
    return std::unexpected(*std::move(fault));
  }
  for (const auto& view : all_views()) {
    if (const auto state = store->state_of(*view)) {
      store->current_[std::string(view->name())] = store->families_.at(state->family);
    }
  }
  store->drop_left_behind();
  return store;
}

rocksdb::Status ViewStore::open_database(const rocksdb::Options& options) {
  std::vector<std::string> names;
  // A directory without a database has no families yet; that isn't a fault.
  if (!rocksdb::DB::ListColumnFamilies(options, directory_.string(), &names).ok()) {
    names = {rocksdb::kDefaultColumnFamilyName};
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& name : names) descriptors.emplace_back(name, log::rocks::family_options());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  auto status = rocksdb::DB::Open(options, directory_.string(), descriptors, &handles, &db);
  if (!status.ok()) return status;
  db_.reset(db);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == rocksdb::kDefaultColumnFamilyName) {
      meta_ = handles[i];
    } else {
      families_.emplace(names[i], std::make_shared<ViewFamily>(*db, handles[i]));
    }
  }
  return status;
}

ViewStore::~ViewStore() {
  current_.clear();
  families_.clear();
  if (meta_ != nullptr) db_->DestroyColumnFamilyHandle(meta_);
}

std::optional<ViewState> ViewStore::state_of(const View& view) const {
  std::string bytes;
  const auto status = db_->Get({}, meta_, state_key(view.name()), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) damaged(status);
  RowReader row(bytes);
  if (row.u32() != view.version()) return std::nullopt;
  ViewState state;
  state.family = row.text();
  state.next_position = row.u64();
  if (!families_.contains(state.family)) return std::nullopt;
  return state;
}

std::shared_ptr<ViewFamily> ViewStore::family_of(std::string_view view) const {
  const std::lock_guard lock(mutex_);
  const auto found = current_.find(view);
  return found == current_.end() ? nullptr : found->second;
}

std::string ViewStore::new_family_name(const View& view) {
  const std::lock_guard lock(mutex_);
  const std::string stem = std::string(view.name()) + ".v" + std::to_string(view.version()) + ".";
  std::uint64_t n = 1;
  while (families_.contains(stem + std::to_string(n))) ++n;
  return stem + std::to_string(n);
}

std::expected<std::shared_ptr<ViewFamily>, log::LogFault> ViewStore::create_family(
    const std::string& name) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const auto status = db_->CreateColumnFamily(log::rocks::family_options(), name, &handle);
  if (!status.ok()) return std::unexpected(fault_of(directory_, status));
  auto family = std::make_shared<ViewFamily>(*db_, handle);
  const std::lock_guard lock(mutex_);
  families_.emplace(name, family);
  return family;
}

void ViewStore::put_position(rocksdb::WriteBatchBase& batch, const View& view,
                             const ViewState& state) const {
  batch.Put(meta_, state_key(view.name()), encode_state(view, state));
}

std::expected<void, log::LogFault> ViewStore::switch_to(const View& view,
                                                        const std::string& family_name,
                                                        std::shared_ptr<ViewFamily> family,
                                                        log::Position next_position) {
  rocksdb::WriteBatch batch;
  put_position(batch, view, {family_name, next_position});
  batch.Delete(family->handle(), rocksdb::Slice(kBuildPlaceKey.data(), kBuildPlaceKey.size()));
  rocksdb::WriteOptions sync;
  sync.sync = true;
  const auto status = db_->Write(sync, &batch);
  if (!status.ok()) return std::unexpected(fault_of(directory_, status));
  const std::lock_guard lock(mutex_);
  const auto before = current_.find(view.name());
  if (before != current_.end()) {
    // Readers that hold it go on; its files go when the last of them lets go.
    db_->DropColumnFamily(before->second->handle());
    std::erase_if(families_, [&](const auto& entry) { return entry.second == before->second; });
  }
  current_[std::string(view.name())] = std::move(family);
  return {};
}

void ViewStore::put_place(rocksdb::WriteBatchBase& batch, rocksdb::ColumnFamilyHandle* family,
                          const BuildPlace& place) {
  batch.Put(family, rocksdb::Slice(kBuildPlaceKey.data(), kBuildPlaceKey.size()), encode(place));
}

std::filesystem::path ViewStore::build_file(const View& view, std::string_view part) const {
  return directory_ /
         (std::string(kBuildFilePrefix) + std::string(view.name()) + "." + std::string(part));
}

bool ViewStore::is_current(const std::shared_ptr<ViewFamily>& family) const {
  return std::ranges::any_of(current_, [&](const auto& entry) { return entry.second == family; });
}

std::optional<BuildPlace> ViewStore::place_in(const ViewFamily& family) const {
  std::string bytes;
  const auto status = db_->Get(
      {}, family.handle(), rocksdb::Slice(kBuildPlaceKey.data(), kBuildPlaceKey.size()), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) damaged(status);
  return decode_build_place(bytes);
}

std::optional<ViewStore::Unfinished> ViewStore::unfinished(const View& view) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    if (is_current(family)) continue;
    auto place = place_in(*family);
    if (place && place->view == view.name() && place->version == view.version()) {
      return Unfinished{name, family, *std::move(place)};
    }
  }
  return std::nullopt;
}

void ViewStore::drop_left_behind() {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    if (entry.path().filename().string().starts_with(kBuildFilePrefix)) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
  const std::lock_guard lock(mutex_);
  std::set<std::string, std::less<>> kept;
  std::erase_if(families_, [&](const auto& entry) {
    if (is_current(entry.second)) return false;
    const auto place = place_in(*entry.second);
    const bool is_of_view =
        place && std::ranges::any_of(all_views(), [&](const auto& view) {
          return view->name() == place->view && view->version() == place->version;
        });
    if (is_of_view && kept.insert(place->view).second) return false;
    db_->DropColumnFamily(entry.second->handle());
    return true;
  });
}

void ViewStore::drop_family(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = families_.find(name);
  if (found == families_.end()) return;
  db_->DropColumnFamily(found->second->handle());
  families_.erase(found);
}

ViewSnapshot::ViewSnapshot(const ViewStore& store) : store_(store) {
  const std::lock_guard lock(store.mutex_);
  families_ = store.current_;
  snapshot_ = store.db_->GetSnapshot();
}

ViewSnapshot::~ViewSnapshot() { store_.db_->ReleaseSnapshot(snapshot_); }

rocksdb::ColumnFamilyHandle* ViewSnapshot::family(std::string_view view) const {
  const auto found = families_.find(view);
  if (found == families_.end()) {
    throw log::LedgerDamaged("views: " + std::string(view) + " isn't built");
  }
  return found->second->handle();
}

std::optional<std::string> ViewSnapshot::get(std::string_view view, const events::SchoolId& school,
                                             std::string_view key) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  std::string value;
  const auto status = store_.db_->Get(options, family(view),
                                      Key{}.uuid(school.value).str() + std::string(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) damaged(status);
  return value;
}

void ViewSnapshot::scan(std::string_view view, const events::SchoolId& school,
                        std::string_view prefix, std::string_view from,
                        const ViewRows::Visit& visit) const {
  const auto school_prefix = Key{}.uuid(school.value).str();
  const auto end = log::rocks::prefix_end(school_prefix + std::string(prefix));
  const rocksdb::Slice bound(end);
  const std::unique_ptr<rocksdb::Iterator> it(store_.db_->NewIterator(
      log::rocks::scan_options(end.empty() ? nullptr : &bound, snapshot_), family(view)));
  for (it->Seek(school_prefix + std::string(from)); it->Valid(); it->Next()) {
    auto key = it->key().ToStringView();
    key.remove_prefix(school_prefix.size());
    if (!visit(key, it->value().ToStringView())) return;
  }
  if (!it->status().ok()) damaged(it->status());
}

ViewDigest ViewSnapshot::digest(std::string_view view) const {
  return digest_of(*store_.db_, family(view), snapshot_);
}

ViewDigest digest_of(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                     const rocksdb::Snapshot* snapshot) {
  crypto_hash_sha256_state hash;
  crypto_hash_sha256_init(&hash);
  const auto add = [&](std::string_view bytes) {
    const auto length = Key{}.u32(static_cast<std::uint32_t>(bytes.size())).str();
    crypto_hash_sha256_update(&hash, reinterpret_cast<const std::uint8_t*>(length.data()),
                              length.size());
    crypto_hash_sha256_update(&hash, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              bytes.size());
  };
  ViewDigest digest;
  const std::unique_ptr<rocksdb::Iterator> it(
      db.NewIterator(log::rocks::scan_options(nullptr, snapshot), family));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (it->key().ToStringView() == kBuildPlaceKey) continue;
    ++digest.rows;
    add(it->key().ToStringView());
    add(it->value().ToStringView());
  }
  if (!it->status().ok()) damaged(it->status());
  crypto_hash_sha256_final(&hash, digest.hash.data());
  return digest;
}

}  // namespace klasboek::projections
