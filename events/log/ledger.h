#pragma once
// The ledger: the local, ordered, validated copy of one partition of the log, with its indexes and
// the transparency tree of each school. Both logs and every verifier use its one rule, apply.
//
// Grammar (column family: key → value; numbers big-endian; a uuid is 16 bytes):
//
// clang-format off
//   records    position                 → first_sequence recorded_at count leaf_hash* frame
//   sequences  school first_sequence    → position
//   streams    school kind id version   → sequence position index_in_commit
//   commands   school command           → 0 first_sequence count recorded_at | 1 name
//   schools    school                   → next_sequence last_recorded_at compact_range
//   tree       school level index       → hash           (levels 1 and up, full tiles only)
//   default    "identity"               → LogIdentity
//              "tail"                   → position sha256(record)
//              "control"                → format*        (2 bytes each; there once begun)
// clang-format on
#include <rocksdb/db.h>

#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "events/commit.h"
#include "events/log/control_record.h"
#include "events/log/transparency_tree.h"
#include "events/log/verdict.h"
#include "events/stream_source.h"

namespace klasboek::log {

/// Which log this is a copy of. A directory that belongs to another one isn't opened.
struct LogIdentity {
  LogId log_id{};
  std::uint32_t partition = 0;
  std::uint32_t partition_count = 1;
  /// True where control records are part of the log (Kafka); the embedded log has none.
  bool begins_with_genesis = false;
  bool operator==(const LogIdentity&) const = default;
};

/// murmur2 of the school's text id, as the Java client does it, so that other tools find the
/// partition.
std::uint32_t partition_of(const events::SchoolId& school, std::uint32_t partition_count);

/// Off by more than this from the log's own stamp, a commit is void.
inline constexpr std::int64_t kClockSkewUsMax = 60'000'000;

enum class LogFaultKind : std::uint8_t {
  in_use,         // another program has the directory open
  damaged,        // bytes on disk aren't what was written
  other_log,      // the directory belongs to another log or partition
  lost_tail,      // the log is shorter than what was acknowledged
  newer_version,  // written by a newer program
  disk,           // the disk is full or fails
  unreachable,    // the broker can't be reached
  settings        // the broker's or the topic's settings aren't what a log needs
};

/// What went wrong and what to do. Names files and positions, never a person.
struct LogFault {
  LogFaultKind kind = LogFaultKind::disk;
  std::string message;
};

/// Thrown by reads where storage gives an error or other bytes than were written: never to be taken
/// for "not there". Caught at the edges (HTTP answers 503, the command line names it).
class LedgerDamaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The state of one school's log.
struct SchoolHead {
  std::uint64_t next_sequence = 0;
  std::int64_t last_recorded_at_us = 0;
  CompactRange tree;
};

/// The last record that was applied (or void): where, and its SHA-256.
struct Tail {
  Position position = 0;
  events::Hash record_hash{};
  bool operator==(const Tail&) const = default;
};

/// A committed record as the ledger keeps it.
struct StoredCommit {
  Position position = 0;
  std::uint64_t first_sequence = 0;
  std::int64_t recorded_at_us = 0;
  std::vector<events::Hash> leaf_hashes;
  events::AlignedBytes frame_bytes;
  events::FrameView frame;

  /// The event at this place in the commit, with everything that is derived from the log but its
  /// stream version, which decode takes from the stream index.
  [[nodiscard]] events::RecordedEvent event(std::uint32_t index) const;
};

class LedgerSnapshot;

/// One writer thread (Batch); reads from any thread see whole batches only.
class Ledger {
 public:
  /// Opens or creates the copy in `directory`. An existing one must be of the same log. disk: where
  /// its files are; nullptr is the machine's.
  static std::expected<std::unique_ptr<Ledger>, LogFault> open(
      const std::filesystem::path& directory, const LogIdentity& identity,
      rocksdb::Env* disk = nullptr);
  /// The identity of a log that exists in the directory; nullopt where there is none yet.
  static std::expected<std::optional<LogIdentity>, LogFault> identity_in(
      const std::filesystem::path& directory, rocksdb::Env* disk = nullptr);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  [[nodiscard]] const LogIdentity& identity() const { return identity_; }
  /// nullopt before the first record.
  [[nodiscard]] std::optional<Tail> tail() const;
  /// What the log's control records have said so far; empty where the log has none.
  [[nodiscard]] ControlState control_state() const;
  [[nodiscard]] SchoolHead school_head(const events::SchoolId& school) const;
  [[nodiscard]] std::vector<events::SchoolId> schools() const;
  /// What the command did, if it was applied or settled.
  [[nodiscard]] std::optional<DuplicateCommand> find_command(
      const events::SchoolId& school, const events::CommandId& command) const;
  [[nodiscard]] std::optional<StoredCommit> commit_of_sequence(const events::SchoolId& school,
                                                               std::uint64_t sequence) const;
  /// Calls visit for each committed record from `from` on, until it answers false or the end.
  void read_log(Position from, const std::function<bool(const StoredCommit&)>& visit) const;
  /// Committed records of one school, beginning with the one that holds from_sequence, until visit
  /// answers false or the end.
  void read_commits(const events::SchoolId& school, std::uint64_t from_sequence,
                    const std::function<bool(const StoredCommit&)>& visit) const;
  /// Events of one school from a sequence on, until visit answers false or the end.
  void read_school(const events::SchoolId& school, std::uint64_t from_sequence,
                   const std::function<bool(const events::RecordedEvent&)>& visit) const;
  /// Decodes every event of a commit, with stream versions.
  [[nodiscard]] std::vector<events::RecordedEvent> events_of(const StoredCommit& commit) const;
  /// Hash number `index` of a level of the school's tree, as tlog-tiles count them; nullopt where
  /// it isn't there (yet).
  [[nodiscard]] std::optional<events::Hash> tree_hash(const events::SchoolId& school,
                                                      unsigned level, std::uint64_t index) const;

  /// Folds of one school at one moment: the newest, or as of a sequence (exclusive).
  [[nodiscard]] std::unique_ptr<LedgerSnapshot> snapshot(
      const events::SchoolId& school,
      std::optional<std::uint64_t> before_sequence = std::nullopt) const;

  class Batch;
  friend class Batch;
  friend class LedgerSnapshot;

 private:
  enum Family : std::size_t { kMeta, kRecords, kSequences, kStreams, kCommands, kSchools, kTree };
  static constexpr std::size_t kFamilies = 7;

  /// What the thread that writes remembers of what it wrote.
  struct Known;

  Ledger();
  [[nodiscard]] std::optional<std::string> get(Family family, const rocksdb::Slice& key,
                                               const rocksdb::Snapshot* snapshot = nullptr) const;
  [[nodiscard]] std::optional<StoredCommit> commit_at(Position position) const;
  [[nodiscard]] std::uint64_t stream_version(const events::SchoolId& school,
                                             const events::Stream& stream) const;
  [[nodiscard]] std::unique_ptr<rocksdb::Iterator> scan(Family family,
                                                        const rocksdb::Slice* upper_bound,
                                                        const rocksdb::Snapshot* snapshot) const;

  LogIdentity identity_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  /// Of the one writer: see Batch.
  std::unique_ptr<Known> known_;
};

/// Records that are applied together and become visible together. Not thread safe.
class Ledger::Batch {
 public:
  /// REQUIRES: ledger outlives this, and there is no other batch on it at the same time.
  explicit Batch(Ledger& ledger);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// The rule. Looks at one record of the log after all before it, and takes it in or not.
  /// log_stamp_us: the log's own time stamp where it has one. `record` is copied.
  /// Depends on nothing but the log up to this record and the ledger's identity. The checks, in
  /// this order: control record and genesis, announced format, frame, limits, verification, school,
  /// clock, duplicate, streams named by conditions, conditions.
  /// After NewerFormat or OtherLog nothing more may be applied.
  Verdict apply(std::span<const std::uint8_t> record, Position position,
                std::optional<std::int64_t> log_stamp_us);
  /// Moves the tail past a record that took no sequence (void, settled, control): it isn't read
  /// again. Only where the log keeps such records; the embedded log doesn't.
  void pass_over(std::span<const std::uint8_t> record, Position position);
  /// Makes all of it visible at once; with sync, durable before it returns.
  std::expected<void, LogFault> write(bool sync);

 private:
  struct Staged;
  std::unique_ptr<Staged> staged_;
};

/// One school's streams at one moment of the log. One thread at a time.
class LedgerSnapshot final : public events::StreamSource {
 public:
  LedgerSnapshot(const Ledger& ledger, const events::SchoolId& school,
                 std::optional<std::uint64_t> before_sequence);
  ~LedgerSnapshot() override;

  std::uint64_t read(const events::Stream& stream, const Visit& visit) override;
  std::uint64_t read_after(const events::Stream& stream, std::uint64_t after,
                           const Visit& visit) override;

 private:
  /// Whether the stream is at least that long. Version 0 is before its first event.
  [[nodiscard]] bool has_version(const std::string& stream_prefix, std::uint64_t version) const;

  const Ledger& ledger_;
  events::SchoolId school_;
  std::optional<std::uint64_t> before_sequence_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace klasboek::log
