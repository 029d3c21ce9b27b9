#pragma once
// Where the rows of all views of one shard stand: one RocksDB, a column family for each view and
// version, and beside them how far each has got. Written by the projector's thread, read by any.
#include <rocksdb/db.h>

#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/log/ledger.h"
#include "projections/build_place.h"
#include "projections/view.h"

namespace klasboek::projections {

/// A column family that stays usable for whoever holds it, also when a newer one took its place.
class ViewFamily {
 public:
  ViewFamily(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) : db_(db), handle_(handle) {}
  ViewFamily(const ViewFamily&) = delete;
  ViewFamily& operator=(const ViewFamily&) = delete;
  ~ViewFamily() { db_.DestroyColumnFamilyHandle(handle_); }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle() const { return handle_; }

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* handle_;
};

/// How far a view has got: the next position of the log it wants. 0 is the beginning.
struct ViewState {
  std::string family;
  log::Position next_position = 0;
};

/// SHA-256 over the rows in order, each key and value behind its length; how far a view has got
/// isn't in it.
struct ViewDigest {
  events::Hash hash{};
  std::uint64_t rows = 0;
  bool operator==(const ViewDigest&) const = default;
};

/// The digest of a family as it is now, or at a snapshot.
ViewDigest digest_of(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                     const rocksdb::Snapshot* snapshot = nullptr);

class ViewStore;

/// All views at one moment. Any thread, one at a time; holds memory, so let it go soon.
class ViewSnapshot {
 public:
  explicit ViewSnapshot(const ViewStore& store);
  ~ViewSnapshot();
  ViewSnapshot(const ViewSnapshot&) = delete;
  ViewSnapshot& operator=(const ViewSnapshot&) = delete;

  /// The row of a view; throws log::LedgerDamaged where storage fails.
  [[nodiscard]] std::optional<std::string> get(std::string_view view,
                                               const events::SchoolId& school,
                                               std::string_view key) const;
  /// Rows from `from` (a key within the school) as long as they begin with `prefix`, in order,
  /// until visit answers false. REQUIRES: from starts with prefix.
  void scan(std::string_view view, const events::SchoolId& school, std::string_view prefix,
            std::string_view from, const ViewRows::Visit& visit) const;
  void scan(std::string_view view, const events::SchoolId& school, std::string_view prefix,
            const ViewRows::Visit& visit) const {
    scan(view, school, prefix, prefix, visit);
  }
  [[nodiscard]] ViewDigest digest(std::string_view view) const;

 private:
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(std::string_view view) const;

  const ViewStore& store_;
  std::map<std::string, std::shared_ptr<ViewFamily>, std::less<>> families_;
  const rocksdb::Snapshot* snapshot_;
};

/// One view of one school in a snapshot, for what folds and readers both ask of rows.
class SnapshotRows final : public RowSource {
 public:
  /// REQUIRES: views outlives this.
  SnapshotRows(const ViewSnapshot& views, std::string_view view, events::SchoolId school)
      : views_(views), view_(view), school_(school) {}
  std::optional<std::string> get(std::string_view key) override {
    return views_.get(view_, school_, key);
  }
  void scan(std::string_view prefix, const Visit& visit) override {
    views_.scan(view_, school_, prefix, visit);
  }

 private:
  const ViewSnapshot& views_;
  std::string_view view_;
  events::SchoolId school_;
};

class ViewStore {
 public:
  /// disk: where its files are; nullptr is the machine's. A database that is damaged is removed,
  /// with a warning that names it, and an empty one opened.
  static std::expected<std::unique_ptr<ViewStore>, log::LogFault> open(
      const std::filesystem::path& directory, rocksdb::Env* disk = nullptr);
  ~ViewStore();
  ViewStore(const ViewStore&) = delete;
  ViewStore& operator=(const ViewStore&) = delete;

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  /// nullopt where the store has no such view (of this version).
  [[nodiscard]] std::optional<ViewState> state_of(const View& view) const;
  [[nodiscard]] std::shared_ptr<ViewFamily> family_of(std::string_view view) const;
  /// A new, empty family that no reader sees yet.
  std::expected<std::shared_ptr<ViewFamily>, log::LogFault> create_family(const std::string& name);
  /// From now on readers of the view see this family; the one before it goes. One write.
  std::expected<void, log::LogFault> switch_to(const View& view, const std::string& family_name,
                                               std::shared_ptr<ViewFamily> family,
                                               log::Position next_position);
  /// Adds the row that says how far a view has got to a batch.
  void put_position(rocksdb::WriteBatchBase& batch, const View& view, const ViewState& state) const;
  /// The same of a view that is made anew and isn't served yet.
  static void put_place(rocksdb::WriteBatchBase& batch, rocksdb::ColumnFamilyHandle* family,
                        const BuildPlace& place);

  /// A family that is being filled.
  struct Unfinished {
    std::string name;
    std::shared_ptr<ViewFamily> family;
    BuildPlace place;
  };
  /// What a rebuild of the view (of this version) that was cut off has come to; at most one.
  [[nodiscard]] std::optional<Unfinished> unfinished(const View& view) const;
  /// A family of a rebuild that failed goes. REQUIRES: no view was switched to it.
  void drop_family(const std::string& name);
  /// Where a part of a run stands until its family takes it in.
  [[nodiscard]] std::filesystem::path build_file(const View& view, std::string_view part) const;
  /// A name that was never used for a family of this view.
  std::string new_family_name(const View& view);

 private:
  friend class ViewSnapshot;
  ViewStore() = default;
  rocksdb::Status open_database(const rocksdb::Options& options);
  /// Called at open: files of runs that were cut off, and families that no view names and no
  /// rebuild can go on with.
  void drop_left_behind();
  [[nodiscard]] bool is_current(const std::shared_ptr<ViewFamily>& family) const;
  [[nodiscard]] std::optional<BuildPlace> place_in(const ViewFamily& family) const;

  std::filesystem::path directory_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  mutable std::mutex mutex_;
  /// By view name: what readers see.
  std::map<std::string, std::shared_ptr<ViewFamily>, std::less<>> current_;
  /// By family name: all that are open.
  std::map<std::string, std::shared_ptr<ViewFamily>, std::less<>> families_;
};

}  // namespace klasboek::projections
