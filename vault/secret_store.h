#pragma once
// The rows of the vault on disk: `vault.sqlite` in a directory of its own, readable for its owner
// only. Deleted content is overwritten (secure_delete) and the write-ahead log is cut off after
// each removal; a write is synced before it returns.
//
// The database:
//   secret(kind, key, about, value), primary key (kind, key), index (kind, about): secret_row.h
//   meta(name, value): `master_id`, which tells a wrong master key, `next_master_id` while rows are
//                      wrapped anew with another one, and `topic_offset`
//   application_id "KBVL", user_version: the version of this schema
//
// Which row stands is decided here alone, so that every node that gets the same rows in the same
// order has the same:
//   installation  the first one; later ones with another key are passed over
//   claim         the first with its `about`; a later one with another key becomes a void_claim
//   key           none whose id is a destroyed_key; destroyed_key removes its key
//   others        the last one
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "vault/fault.h"
#include "vault/file_lock.h"
#include "vault/secret_row.h"
#include "vault/sqlite.h"
#include "vault/wrapping.h"

namespace klasboek::vault {

/// The newest schema that this program knows.
inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr const char* kVaultFileName = "vault.sqlite";

/// Where changes go. Thread-safe.
class SecretWriter {
 public:
  SecretWriter() = default;
  SecretWriter(const SecretWriter&) = delete;
  SecretWriter& operator=(const SecretWriter&) = delete;
  virtual ~SecretWriter() = default;

  /// Returns when the rows are durable and the local database has them; all or none, but after
  /// `unreachable`. Whether each of them stands is asked afterwards.
  virtual std::expected<void, VaultFault> write(std::span<const SecretRow> rows) = 0;
};

enum class Access : std::uint8_t { write, read };

struct StoreOptions {
  Access access = Access::write;
  /// The file grows to this many pages of 4 KiB at most; 0: as far as the disk reaches.
  std::int64_t pages_max = 0;
  /// So long a write waits for somebody else who holds the database.
  int busy_wait_ms = 5000;
};

/// Thread-safe. One process may have it open for writing, any number for reading.
class SecretStore final : public SecretWriter {
 public:
  using RowSeen = std::function<void(const SecretRow&)>;
  using Applied = std::function<void(std::span<const SecretRow>)>;

  /// Makes directory and file where there are none, unless opened for reading. The wrapping wraps
  /// from now on with the master key that the file says; wrong_master_key where it doesn't open
  /// what that one wrapped.
  static std::expected<std::unique_ptr<SecretStore>, OpenError> open(
      const std::filesystem::path& directory, Wrapping wrapping, StoreOptions options);

  std::expected<void, VaultFault> write(std::span<const SecretRow> rows) override;

  std::expected<std::optional<SecretRow>, VaultFault> get(RowKind kind, ByteSpan key);
  /// In the order of their keys.
  std::expected<std::vector<SecretRow>, VaultFault> with_about(RowKind kind, ByteSpan about);
  std::expected<std::vector<SecretRow>, VaultFault> with_key_prefix(RowKind kind, ByteSpan prefix);

  /// Cuts off the write-ahead log when a removal couldn't, since somebody was reading. Until it
  /// succeeds, wrapped values of removed rows may still be on disk.
  std::expected<void, VaultFault> scrub();

  /// Reads the whole file; damaged where it isn't sound.
  std::expected<void, VaultFault> check();

  /// Called after each write with the rows as given, by the thread that wrote and one at a time;
  /// must not write. Set once, before anybody else writes.
  void on_applied(Applied applied);

  // The rotation of the master key (rotation.h). It may be cut off anywhere: what the file says of
  // its master keys is always enough to read all of it.

  /// From now on the file needs both master keys. REQUIRES: the wrapping opens both.
  std::expected<void, VaultFault> begin_rotation(const MasterKeyId& next);
  /// The row after which to go on.
  struct RowPlace {
    std::int64_t kind = 0;
    Bytes key;
  };
  /// Wraps up to so many rows anew, all at once and durably; false when none is left. No other
  /// write comes in between. damaged: a row doesn't open.
  std::expected<bool, VaultFault> wrap_anew(const Wrapping& wrapping, std::size_t rows_max,
                                            RowPlace& after);
  /// Rows that another master key than this one wrapped.
  std::expected<std::int64_t, VaultFault> count_wrapped_otherwise(const MasterKeyId& id);
  /// The file needs the next master key alone. REQUIRES: no row is wrapped otherwise.
  std::expected<void, VaultFault> end_rotation();
  /// With which master key the file says that it is wrapped; the second where that is to change.
  struct MasterIds {
    MasterKeyId master{};
    std::optional<MasterKeyId> next;
  };
  std::expected<MasterIds, VaultFault> master_ids();

  // The topic of secrets read anew from its beginning (secrets_topic.h). Between begin and end
  // nobody else may write; nothing is visible before the end, and nothing changed if it isn't
  // reached.

  /// The offset after the last record applied; 0 where none ever was.
  std::expected<std::int64_t, VaultFault> topic_offset();
  /// Removes every shared row but keys and destroyed keys, which don't depend on an order and are
  /// never taken away by their absence.
  std::expected<void, VaultFault> begin_replay();
  std::expected<void, VaultFault> replay(std::span<const SecretRow> rows);
  /// Rows of this kind as they will stand after the end.
  std::expected<std::vector<SecretRow>, VaultFault> replayed(RowKind kind);
  std::expected<void, VaultFault> end_replay(std::int64_t next_offset);
  void abandon_replay();

  /// As write, for rows that came by the topic.
  std::expected<void, VaultFault> write_from_topic(std::span<const SecretRow> rows,
                                                   std::int64_t next_offset);

 private:
  struct Writing;  // the statements of the writing connection

  explicit SecretStore(Wrapping wrapping);
  std::optional<OpenError> open_files(const std::filesystem::path& directory,
                                      const StoreOptions& options);
  std::optional<OpenError> check_schema(const std::filesystem::path& file, bool may_create,
                                        Wrapping& wrapping);
  std::optional<OpenError> choose_master_key(const std::filesystem::path& file, Wrapping& wrapping);
  std::expected<void, VaultFault> create_schema(const MasterKeyId& master_id);
  std::expected<void, VaultFault> prepare_statements();

  std::vector<SecretRow> wrapped_now(std::span<const SecretRow> rows) const;
  std::expected<void, VaultFault> write_locked(std::span<const SecretRow> rows,
                                               std::optional<std::int64_t> next_offset);
  std::expected<void, VaultFault> finish(std::expected<void, VaultFault> outcome);
  std::expected<void, VaultFault> apply_all(std::span<const SecretRow> rows);
  std::expected<void, VaultFault> set_topic_offset(std::int64_t next_offset);

 public:
  ~SecretStore() override;

 private:
  std::optional<FileLock> lock_;
  Access access_ = Access::read;
  Wrapping wrapping_;

  std::mutex write_mutex_;
  Connection writer_;
  std::unique_ptr<Writing> writing_;
  bool is_broken_ = false;
  bool owes_scrub_ = false;
  Applied applied_;

  std::mutex read_mutex_;
  Connection reader_;
  Statement get_;
  Statement with_about_;
  Statement with_prefix_;
};

}  // namespace klasboek::vault
