// Wrapping the rows of the vault anew, with another master key.
#include <algorithm>
#include <string>
#include <utility>

#include "vault/secret_store.h"

namespace klasboek::vault {

namespace {

using Done = std::expected<void, VaultFault>;

/// Of the sealed texts in transit only their key is wrapped with the master key.
constexpr std::int64_t kWrappedOtherwise = static_cast<std::int64_t>(RowKind::transit_text);

/// Claims are wrapped as such, whatever became of them.
RowKind kind_as_wrapped(RowKind kind) {
  return kind == RowKind::void_claim ? RowKind::claim : kind;
}

std::string blob_text(const MasterKeyId& id) { return "x'" + events::to_hex(id) + "'"; }

std::expected<std::optional<MasterKeyId>, VaultFault> read_id(Connection& connection,
                                                              const std::string& name) {
  auto query = connection.prepare("SELECT value FROM meta WHERE name = '" + name + "'");
  if (!query) return std::unexpected(query.error());
  const auto found = query->step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const ByteSpan stored = query->blob(0);
  MasterKeyId id{};
  if (stored.size() != id.size()) return std::unexpected(VaultFault::damaged);
  std::ranges::copy(stored, id.begin());
  return id;
}

Bytes copy_of(ByteSpan bytes) { return {bytes.begin(), bytes.end()}; }

/// The rows after a place, at most so many.
std::expected<std::vector<SecretRow>, VaultFault> rows_after(Connection& connection,
                                                             SecretStore::RowPlace& after,
                                                             std::size_t rows_max) {
  auto query = connection.prepare(
      "SELECT kind, key, about, value FROM secret WHERE (kind, key) > (?1, ?2) "
      "ORDER BY kind, key LIMIT ?3");
  if (!query) return std::unexpected(query.error());
  query->begin().set(1, after.kind).set(2, after.key).set(3, static_cast<std::int64_t>(rows_max));
  std::vector<SecretRow> rows;
  for (;;) {
    const auto found = query->step();
    if (!found) return std::unexpected(found.error());
    if (!*found) break;
    rows.push_back({static_cast<RowKind>(query->number(0)), copy_of(query->blob(1)),
                    copy_of(query->blob(2)), copy_of(query->blob(3))});
  }
  if (!rows.empty()) after = {static_cast<std::int64_t>(rows.back().kind), rows.back().key};
  return rows;
}

/// nullopt where the row doesn't open.
std::optional<SecretRow> wrapped_with_current(const Wrapping& wrapping, const SecretRow& row) {
  const RowKind kind = kind_as_wrapped(row.kind);
  const auto value = wrapping.open({kind, row.key, row.about, row.value});
  if (!value) return std::nullopt;
  return wrapping.row(kind, row.key, row.about, value->span());
}

Done wrap_row_anew(Connection& connection, const Wrapping& wrapping, const SecretRow& row) {
  const auto anew = wrapped_with_current(wrapping, row);
  if (!anew) return std::unexpected(VaultFault::damaged);
  auto update = connection.prepare("UPDATE secret SET value = ?3 WHERE kind = ?1 AND key = ?2");
  if (!update) return std::unexpected(update.error());
  return update->begin()
      .set(1, static_cast<std::int64_t>(row.kind))
      .set(2, row.key)
      .set(3, anew->value)
      .run();
}

}  // namespace

std::vector<SecretRow> SecretStore::wrapped_now(std::span<const SecretRow> rows) const {
  std::vector<SecretRow> current;
  current.reserve(rows.size());
  for (const SecretRow& row : rows) {
    const bool is_due = !row.is_removal() && row.kind != RowKind::transit_text &&
                        wrapping_.is_ours(row) && !wrapping_.is_current(row);
    auto anew = is_due ? wrapped_with_current(wrapping_, row) : std::nullopt;
    current.push_back(anew ? *std::move(anew) : row);
  }
  return current;
}

std::expected<SecretStore::MasterIds, VaultFault> SecretStore::master_ids() {
  const std::lock_guard lock(read_mutex_);
  const auto master = read_id(reader_, "master_id");
  if (!master) return std::unexpected(master.error());
  if (!*master) return std::unexpected(VaultFault::damaged);
  const auto next = read_id(reader_, "next_master_id");
  if (!next) return std::unexpected(next.error());
  return MasterIds{**master, *next};
}

Done SecretStore::begin_rotation(const MasterKeyId& next) {
  const std::lock_guard lock(write_mutex_);
  if (access_ == Access::read) return std::unexpected(VaultFault::read_only);
  return finish(writer_.run("INSERT INTO meta VALUES ('next_master_id', " + blob_text(next) +
                            ") ON CONFLICT (name) DO UPDATE SET value = excluded.value"));
}

std::expected<bool, VaultFault> SecretStore::wrap_anew(const Wrapping& wrapping,
                                                       std::size_t rows_max, RowPlace& after) {
  const std::lock_guard lock(write_mutex_);
  if (is_broken_) return std::unexpected(VaultFault::broken);
  Done outcome = writer_.run("BEGIN IMMEDIATE");
  std::size_t looked_at = 0;
  if (outcome) {
    const auto rows = rows_after(writer_, after, rows_max);
    if (!rows) outcome = std::unexpected(rows.error());
    for (std::size_t i = 0; outcome && i < rows->size(); ++i) {
      const SecretRow& row = (*rows)[i];
      const bool is_due = row.kind != RowKind::transit_text && !wrapping.is_current(row);
      if (is_due) outcome = wrap_row_anew(writer_, wrapping, row);
    }
    if (rows) looked_at = rows->size();
  }
  if (outcome) outcome = writer_.run("COMMIT");
  if (!outcome) {
    static_cast<void>(writer_.run("ROLLBACK"));
    // A row that doesn't open is for whoever reads it to say; the file itself is sound.
    if (outcome.error() == VaultFault::broken) is_broken_ = true;
    return std::unexpected(outcome.error());
  }
  owes_scrub_ = true;
  return looked_at == rows_max;
}

std::expected<std::int64_t, VaultFault> SecretStore::count_wrapped_otherwise(
    const MasterKeyId& id) {
  const std::lock_guard lock(read_mutex_);
  // The id stands after the first byte of a wrapped value (wrapping.h).
  return reader_.number("SELECT count(*) FROM secret WHERE substr(value, 2, 8) <> " +
                        blob_text(id) + " AND kind <> " + std::to_string(kWrappedOtherwise));
}

Done SecretStore::end_rotation() {
  const std::lock_guard lock(write_mutex_);
  const Done outcome = finish(
      writer_.run("BEGIN IMMEDIATE;"
                  "UPDATE meta SET value = (SELECT value FROM meta WHERE name = 'next_master_id')"
                  " WHERE name = 'master_id' AND EXISTS"
                  " (SELECT 1 FROM meta WHERE name = 'next_master_id');"
                  "DELETE FROM meta WHERE name = 'next_master_id';"
                  "COMMIT;"));
  if (!outcome) return outcome;
  owes_scrub_ = !writer_.truncate_wal();
  return {};
}

}  // namespace klasboek::vault
