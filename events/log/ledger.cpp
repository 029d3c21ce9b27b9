#include "events/log/ledger.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "events/log/checked_tables.h"
#include "events/log/ledger_counts.h"
#include "events/log/ledger_known.h"
#include "events/log/ledger_rows.h"
#include "events/log/rocks.h"
#include "events/log/wal_damage.h"

namespace klasboek::log {

namespace {

using rocks::Key;

constexpr std::string_view kIdentityKey = "identity";
/// Rises when the grammar of the ledger changes.
constexpr std::uint32_t kLedgerVersion = 1;
constexpr std::size_t kIdentityBytes = 29;

[[noreturn]] void damaged(std::string_view what, const rocksdb::Status& status) {
  throw LedgerDamaged("ledger: " + std::string(what) + ": " + status.ToString());
}
[[noreturn]] void damaged(std::string_view what, Position position) {
  throw LedgerDamaged("ledger: " + std::string(what) + " at position " + std::to_string(position));
}

std::string encode(const LogIdentity& identity) {
  return Key{}
      .u32(kLedgerVersion)
      .bytes(identity.log_id)
      .u32(identity.partition)
      .u32(identity.partition_count)
      .u8(identity.begins_with_genesis ? 1 : 0)
      .str();
}

LogFault newer_fault(const std::filesystem::path& directory) {
  return {LogFaultKind::newer_version,
          directory.string() + " was written by a newer version of klasboek: run that version"};
}

std::expected<LogIdentity, LogFault> decode_identity(std::string_view bytes,
                                                     const std::filesystem::path& directory) {
  if (bytes.size() < 4) {
    return std::unexpected(LogFault{LogFaultKind::damaged,
                                    directory.string() + ": the identity of the log is cut short"});
  }
  if (rocks::read_u32(bytes, 0) > kLedgerVersion) return std::unexpected(newer_fault(directory));
  if (bytes.size() != kIdentityBytes) {
    return std::unexpected(
        LogFault{LogFaultKind::damaged,
                 directory.string() + ": the identity of the log has another length"});
  }
  LogIdentity identity;
  std::memcpy(identity.log_id.data(), bytes.data() + 4, identity.log_id.size());
  identity.partition = rocks::read_u32(bytes, 20);
  identity.partition_count = rocks::read_u32(bytes, 24);
  identity.begins_with_genesis = bytes[28] != 0;
  return identity;
}

LogFault open_fault(const std::filesystem::path& directory, const rocksdb::Status& status) {
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return {LogFaultKind::in_use,
            directory.string() +
                " is in use by another program: stop it, or go through its server with --server"};
  }
  // Families that this program doesn't know can't be left closed.
  if (status.IsInvalidArgument() && status.ToString().find("not opened") != std::string::npos) {
    return newer_fault(directory);
  }
  if (status.IsCorruption()) {
    auto place = first_wal_damage(directory);
    if (!place) place = rocks::first_damaged_table(directory);
    return {LogFaultKind::damaged, directory.string() + " is damaged: " + status.ToString() +
                                       (place ? " in " + *place : std::string()) +
                                       "; restore a backup, and keep this copy for inquiry"};
  }
  return {LogFaultKind::disk, directory.string() + " can't be opened: " + status.ToString()};
}

struct Opened {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
};

std::expected<Opened, LogFault> open_db(const std::filesystem::path& directory, bool create,
                                        std::span<const std::string_view> names,
                                        rocksdb::Env* disk) {
  auto options = rocks::db_options(disk);
  options.create_if_missing = create;
  options.create_missing_column_families = create;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto name : names)
    descriptors.emplace_back(std::string(name), rocks::family_options());
  rocksdb::DB* raw = nullptr;
  Opened opened;
  const auto status =
      rocksdb::DB::Open(options, directory.string(), descriptors, &opened.families, &raw);
  if (!status.ok()) return std::unexpected(open_fault(directory, status));
  opened.db.reset(raw);
  return opened;
}

/// Of the last record; 0 where there is none, or none that says its format.
std::uint16_t last_format(rocksdb::Iterator& records) {
  records.SeekToLast();
  if (!records.Valid()) return 0;
  return rows::format_in_record(records.value().ToStringView()).value_or(0);
}

constexpr std::array<std::string_view, 7> kFamilyNames = {
    "default", "records", "sequences", "streams", "commands", "schools", "tree"};

std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  const std::size_t whole = bytes.size() / 4 * 4;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]));
  };
  for (std::size_t i = 0; i < whole; i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= kMultiplier;
    k ^= k >> 24;
    hash = (hash * kMultiplier) ^ (k * kMultiplier);
  }
  for (std::size_t i = bytes.size(); i > whole; --i) hash ^= byte(i - 1) << (8 * (i - 1 - whole));
  if (whole != bytes.size()) hash *= kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ (hash >> 15);
}

}  // namespace

std::uint32_t partition_of(const events::SchoolId& school, std::uint32_t partition_count) {
  return (murmur2(events::to_text(school)) & 0x7FFFFFFF) % partition_count;
}

events::RecordedEvent StoredCommit::event(std::uint32_t index) const {
  auto event = events::decode_event(frame, index);
  event.sequence = first_sequence + index;
  event.recorded_at_us = recorded_at_us;
  if (event.effective_at_us == 0) event.effective_at_us = recorded_at_us;
  return event;
}

std::expected<std::optional<LogIdentity>, LogFault> Ledger::identity_in(
    const std::filesystem::path& directory, rocksdb::Env* disk) {
  if (!std::filesystem::exists(directory / "CURRENT")) return std::nullopt;
  // Families may be missing where the program was killed while it made them.
  auto opened = open_db(directory, true, kFamilyNames, disk);
  if (!opened) return std::unexpected(opened.error());
  std::string bytes;
  std::string tail;
  const auto status = opened->db->Get({}, opened->families[kMeta], kIdentityKey, &bytes);
  const auto has_tail = opened->db->Get({}, opened->families[kMeta], rows::kTailKey, &tail);
  for (auto* family : opened->families) opened->db->DestroyColumnFamilyHandle(family);
  if (status.IsNotFound() && has_tail.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(open_fault(directory, status));
  return decode_identity(bytes, directory);
}

std::expected<std::unique_ptr<Ledger>, LogFault> Ledger::open(
    const std::filesystem::path& directory, const LogIdentity& identity, rocksdb::Env* disk) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return std::unexpected(
        LogFault{LogFaultKind::disk, directory.string() + " can't be made: " + error.message()});
  }
  auto opened = open_db(directory, true, kFamilyNames, disk);
  if (!opened) return std::unexpected(opened.error());
  std::unique_ptr<Ledger> ledger(new Ledger);
  ledger->db_ = std::move(opened->db);
  ledger->families_ = std::move(opened->families);
  ledger->identity_ = identity;
  try {
    if (const auto bytes = ledger->get(kMeta, kIdentityKey)) {
      const auto found = decode_identity(*bytes, directory);
      if (!found) return std::unexpected(found.error());
      if (*found != identity) {
        return std::unexpected(LogFault{
            LogFaultKind::other_log,
            directory.string() +
                " holds another log than the one asked for: choose another data directory"});
      }
      // Formats only rise: the last record has the newest.
      if (last_format(*ledger->scan(kRecords, nullptr, nullptr)) > events::kFrameFormat) {
        return std::unexpected(newer_fault(directory));
      }
      // Every event has its row in each index: none may have gone with a table (R9, R28).
      const auto rows_of = [&](Family family) {
        return count_rows(*ledger->db_, ledger->families_[family]);
      };
      std::uint64_t events = 0;
      std::uint64_t tree_rows = 0;
      for (const auto& school : ledger->schools()) {
        const auto count = ledger->school_head(school).next_sequence;
        events += count;
        tree_rows += tree_rows_of(count);
      }
      const auto records = rows_of(kRecords);
      check_rows("sequences", rows_of(kSequences), records);
      // Commands that were settled as rejected have a row, too.
      check_rows("commands", std::min(rows_of(kCommands), records), records);
      check_rows("streams", rows_of(kStreams), events);
      check_rows("tree", rows_of(kTree), tree_rows);
      return ledger;
    }
  } catch (const LedgerDamaged& damage) {
    return std::unexpected(
        LogFault{LogFaultKind::damaged, directory.string() + " is damaged: " + damage.what() +
                                            "; restore a backup, and keep this copy for inquiry"});
  }
  rocksdb::WriteOptions sync;
  sync.sync = true;
  const auto status =
      ledger->db_->Put(sync, ledger->families_[kMeta], kIdentityKey, encode(identity));
  if (!status.ok()) return std::unexpected(open_fault(directory, status));
  return ledger;
}

Ledger::Ledger() : known_(std::make_unique<Known>()) {}

Ledger::~Ledger() {
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
}

std::optional<std::string> Ledger::get(Family family, const rocksdb::Slice& key,
                                       const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const auto status = db_->Get(options, families_[family], key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) damaged("reading", status);
  return value;
}

std::unique_ptr<rocksdb::Iterator> Ledger::scan(Family family, const rocksdb::Slice* upper_bound,
                                                const rocksdb::Snapshot* snapshot) const {
  return std::unique_ptr<rocksdb::Iterator>(
      db_->NewIterator(rocks::scan_options(upper_bound, snapshot), families_[family]));
}

std::optional<Tail> Ledger::tail() const {
  const auto bytes = get(kMeta, rows::kTailKey);
  if (!bytes) return std::nullopt;
  return rows::decode_tail(*bytes);
}

ControlState Ledger::control_state() const {
  const auto bytes = get(kMeta, rows::kControlKey);
  if (!bytes) return {};
  return rows::decode_control(*bytes);
}

SchoolHead Ledger::school_head(const events::SchoolId& school) const {
  const auto bytes = get(kSchools, Key{}.uuid(school.value).slice());
  if (!bytes) return {};
  auto head = rows::decode_head(*bytes);
  if (!head) throw LedgerDamaged("ledger: the head of a school can't be read");
  return *std::move(head);
}

std::vector<events::SchoolId> Ledger::schools() const {
  std::vector<events::SchoolId> schools;
  const auto it = scan(kSchools, nullptr, nullptr);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    schools.push_back({rocks::read_uuid(it->key().ToStringView(), 0)});
  }
  if (!it->status().ok()) damaged("reading schools", it->status());
  return schools;
}

std::optional<DuplicateCommand> Ledger::find_command(const events::SchoolId& school,
                                                     const events::CommandId& command) const {
  const auto bytes = get(kCommands, Key{}.uuid(school.value).bytes(command).slice());
  if (!bytes) return std::nullopt;
  return rows::decode_command(*bytes);
}

std::optional<StoredCommit> Ledger::commit_at(Position position) const {
  const auto bytes = get(kRecords, Key{}.u64(position).slice());
  if (!bytes) return std::nullopt;
  auto commit = rows::decode_record(position, *bytes);
  if (!commit) damaged("a record can't be read", position);
  return commit;
}

std::optional<StoredCommit> Ledger::commit_of_sequence(const events::SchoolId& school,
                                                       std::uint64_t sequence) const {
  // Mostly it is the first of its commit, which one key finds.
  if (const auto found = get(kSequences, Key{}.uuid(school.value).u64(sequence).slice())) {
    const auto first_position = rocks::read_u64(*found, 0);
    auto commit = commit_at(first_position);
    if (!commit) damaged("a record is missing", first_position);
    return commit;
  }
  const auto prefix = Key{}.uuid(school.value).str();
  const auto end = rocks::prefix_end(prefix);
  const rocksdb::Slice bound(end);
  const auto it = scan(kSequences, &bound, nullptr);
  it->SeekForPrev(Key{}.uuid(school.value).u64(sequence).slice());
  if (!it->status().ok()) damaged("reading sequences", it->status());
  if (!it->Valid() || !it->key().starts_with(prefix)) return std::nullopt;
  const auto position = rocks::read_u64(it->value().ToStringView(), 0);
  auto commit = commit_at(position);
  if (!commit) damaged("a record is missing", position);
  if (sequence >= commit->first_sequence + commit->frame.events.size()) return std::nullopt;
  return commit;
}

void Ledger::read_log(Position from, const std::function<bool(const StoredCommit&)>& visit) const {
  const auto it = scan(kRecords, nullptr, nullptr);
  for (it->Seek(Key{}.u64(from).slice()); it->Valid(); it->Next()) {
    const auto position = rocks::read_u64(it->key().ToStringView(), 0);
    const auto commit = rows::decode_record(position, it->value().ToStringView());
    if (!commit) damaged("a record can't be read", position);
    if (!visit(*commit)) return;
  }
  if (!it->status().ok()) damaged("reading the log", it->status());
}

void Ledger::read_commits(const events::SchoolId& school, std::uint64_t from_sequence,
                          const std::function<bool(const StoredCommit&)>& visit) const {
  const auto prefix = Key{}.uuid(school.value).str();
  const auto end = rocks::prefix_end(prefix);
  const rocksdb::Slice bound(end);
  const auto it = scan(kSequences, &bound, nullptr);
  it->SeekForPrev(Key{}.uuid(school.value).u64(from_sequence).slice());
  if (it->status().ok() && (!it->Valid() || !it->key().starts_with(prefix))) it->Seek(prefix);
  for (; it->Valid(); it->Next()) {
    const auto position = rocks::read_u64(it->value().ToStringView(), 0);
    const auto commit = commit_at(position);
    if (!commit) damaged("a record is missing", position);
    if (!visit(*commit)) return;
  }
  if (!it->status().ok()) damaged("reading sequences", it->status());
}

void Ledger::read_school(const events::SchoolId& school, std::uint64_t from_sequence,
                         const std::function<bool(const events::RecordedEvent&)>& visit) const {
  read_commits(school, from_sequence, [&](const StoredCommit& commit) {
    for (const auto& event : events_of(commit)) {
      if (event.sequence >= from_sequence && !visit(event)) return false;
    }
    return true;
  });
}

std::vector<events::RecordedEvent> Ledger::events_of(const StoredCommit& commit) const {
  std::vector<events::RecordedEvent> events;
  events.reserve(commit.frame.events.size());
  const auto versions = rows::stream_versions(commit.frame);
  for (std::uint32_t i = 0; i < commit.frame.events.size(); ++i) {
    events.push_back(commit.event(i));
    events.back().stream_version = versions[i];
  }
  return events;
}

std::optional<events::Hash> Ledger::tree_hash(const events::SchoolId& school, unsigned level,
                                              std::uint64_t index) const {
  if (level == 0) {
    const auto commit = commit_of_sequence(school, index);
    if (!commit) return std::nullopt;
    return commit->leaf_hashes[index - commit->first_sequence];
  }
  const auto key = Key{}.uuid(school.value).u8(static_cast<std::uint8_t>(level)).u64(index).str();
  const auto bytes = get(kTree, key);
  if (!bytes) return std::nullopt;
  events::Hash hash;
  if (bytes->size() != hash.size()) throw LedgerDamaged("ledger: a hash of the tree can't be read");
  std::memcpy(hash.data(), bytes->data(), hash.size());
  return hash;
}

std::uint64_t Ledger::stream_version(const events::SchoolId& school,
                                     const events::Stream& stream) const {
  const auto prefix = rows::stream_prefix(school, stream);
  const auto end = rocks::prefix_end(prefix);
  const rocksdb::Slice bound(end);
  const auto it = scan(kStreams, &bound, nullptr);
  it->SeekToLast();
  if (!it->status().ok()) damaged("reading a stream", it->status());
  if (!it->Valid() || !it->key().starts_with(prefix)) return 0;
  return rocks::read_u64(it->key().ToStringView(), prefix.size());
}

std::unique_ptr<LedgerSnapshot> Ledger::snapshot(
    const events::SchoolId& school, std::optional<std::uint64_t> before_sequence) const {
  return std::make_unique<LedgerSnapshot>(*this, school, before_sequence);
}

LedgerSnapshot::LedgerSnapshot(const Ledger& ledger, const events::SchoolId& school,
                               std::optional<std::uint64_t> before_sequence)
    : ledger_(ledger),
      school_(school),
      before_sequence_(before_sequence),
      snapshot_(ledger.db_->GetSnapshot()) {}

LedgerSnapshot::~LedgerSnapshot() { ledger_.db_->ReleaseSnapshot(snapshot_); }

std::uint64_t LedgerSnapshot::read(const events::Stream& stream, const Visit& visit) {
  return read_after(stream, 0, visit);
}

bool LedgerSnapshot::has_version(const std::string& stream_prefix, std::uint64_t version) const {
  return version == 0 ||
         ledger_.get(Ledger::kStreams, stream_prefix + Key{}.u64(version).str(), snapshot_)
             .has_value();
}

std::uint64_t LedgerSnapshot::read_after(const events::Stream& stream, std::uint64_t after,
                                         const Visit& visit) {
  const auto prefix = rows::stream_prefix(school_, stream);
  // Mostly nothing came since, and two keys say so, which cost much less than an iterator.
  if (!before_sequence_ && has_version(prefix, after) && !has_version(prefix, after + 1)) {
    return after;
  }
  const auto end = rocks::prefix_end(prefix);
  const rocksdb::Slice bound(end);
  const auto it = ledger_.scan(Ledger::kStreams, &bound, snapshot_);
  const auto is_in = [&](const rows::StreamRow& row) {
    return !before_sequence_ || row.sequence < *before_sequence_;
  };
  std::uint64_t version = 0;
  if (after == 0) {
    it->Seek(prefix);
  } else {
    // The row of `after` itself says whether the stream is that long.
    it->Seek(prefix + Key{}.u64(after).str());
    if (!it->Valid() || !is_in(rows::decode_stream_row(it->value().ToStringView()))) {
      if (!it->status().ok()) damaged("reading a stream", it->status());
      return read_after(stream, 0, [](const events::RecordedEvent&) {});
    }
    version = after;
    it->Next();
  }
  std::optional<StoredCommit> commit;
  for (; it->Valid(); it->Next()) {
    const auto row = rows::decode_stream_row(it->value().ToStringView());
    if (!is_in(row)) break;
    if (!commit || commit->position != row.position) commit = ledger_.commit_at(row.position);
    if (!commit || row.index_in_commit >= commit->frame.events.size()) {
      damaged("a stream names a record that isn't there", row.position);
    }
    auto event = commit->event(row.index_in_commit);
    event.stream_version = ++version;
    visit(event);
  }
  if (!it->status().ok()) damaged("reading a stream", it->status());
  return version;
}

}  // namespace klasboek::log
