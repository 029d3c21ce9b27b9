#include "vault/secret_store.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace klasboek::vault {

namespace {

using Done = std::expected<void, VaultFault>;

SecretRow row_of(RowKind kind, const Statement& statement) {
  const auto copy = [&](int column) {
    const ByteSpan blob = statement.blob(column);
    return Bytes(blob.begin(), blob.end());
  };
  return {kind, copy(0), copy(1), copy(2)};
}

/// The first key after all that begin with the prefix; nothing where there is none.
std::optional<Bytes> end_of_prefix(ByteSpan prefix) {
  Bytes end(prefix.begin(), prefix.end());
  while (!end.empty() && end.back() == 0xFF) end.pop_back();
  if (end.empty()) return std::nullopt;
  ++end.back();
  return end;
}

std::int64_t number_of(RowKind kind) { return static_cast<std::int64_t>(kind); }

/// Longer than any key: what a prefix scan without an end stops at.
const Bytes kAfterAllKeys(64, 0xFF);

}  // namespace

struct SecretStore::Writing {
  Statement begin;
  Statement commit;
  Statement rollback;
  Statement put;
  Statement remove;
  Statement has;
  Statement has_about;
  Statement has_other;
  Statement set_offset;

  std::expected<bool, VaultFault> any(Statement& query) {
    const auto found = query.step();
    query.begin();
    return found;
  }
  std::expected<bool, VaultFault> exists(RowKind kind, ByteSpan key) {
    return any(has.begin().set(1, number_of(kind)).set(2, key));
  }
  Done put_as(RowKind kind, const SecretRow& row) {
    return put.begin()
        .set(1, number_of(kind))
        .set(2, row.key)
        .set(3, row.about)
        .set(4, row.value)
        .run();
  }
  Done remove_row(RowKind kind, ByteSpan key) {
    return remove.begin().set(1, number_of(kind)).set(2, key).run();
  }

  Done put_installation(const SecretRow& row) {
    const auto other =
        any(has_other.begin().set(1, number_of(RowKind::installation)).set(2, row.key));
    if (!other) return std::unexpected(other.error());
    return *other ? Done{} : put_as(RowKind::installation, row);
  }
  Done put_claim(const SecretRow& row) {
    const auto is_void =
        any(has_about.begin().set(1, number_of(RowKind::claim)).set(2, row.about).set(3, row.key));
    if (!is_void) return std::unexpected(is_void.error());
    return put_as(*is_void ? RowKind::void_claim : RowKind::claim, row);
  }
  Done put_key(const SecretRow& row) {
    const auto destroyed = exists(RowKind::destroyed_key, row.key);
    if (!destroyed) return std::unexpected(destroyed.error());
    return *destroyed ? Done{} : put_as(RowKind::key, row);
  }
  Done put_destroyed(const SecretRow& row) {
    if (const auto removed = remove_row(RowKind::key, row.key); !removed) return removed;
    return put_as(RowKind::destroyed_key, row);
  }
  Done apply_removal(const SecretRow& row) {
    if (row.kind == RowKind::claim) {
      if (const auto removed = remove_row(RowKind::void_claim, row.key); !removed) return removed;
    }
    return remove_row(row.kind, row.key);
  }
  Done apply(const SecretRow& row) {
    if (row.is_removal()) return apply_removal(row);
    switch (row.kind) {
      case RowKind::installation:
        return put_installation(row);
      case RowKind::key:
        return put_key(row);
      case RowKind::destroyed_key:
        return put_destroyed(row);
      case RowKind::claim:
        return put_claim(row);
      case RowKind::login:
      case RowKind::prepared_login:
      case RowKind::membership:
      case RowKind::denied_session:
      case RowKind::session:
      case RowKind::one_time_code:
      case RowKind::void_claim:
      case RowKind::transit_key:
      case RowKind::transit_text:
      case RowKind::checkpoint:
      case RowKind::cursor:
        return put_as(row.kind, row);
    }
    return {};  // a kind of a newer version that came by the topic: not ours to keep
  }
};

SecretStore::SecretStore(Wrapping wrapping) : wrapping_(std::move(wrapping)) {}
SecretStore::~SecretStore() = default;

Done SecretStore::prepare_statements() {
  Done outcome;
  const auto prepare = [&](Connection& connection, Statement& into, const char* sql) {
    if (!outcome) return;
    auto statement = connection.prepare(sql);
    if (!statement) {
      outcome = std::unexpected(statement.error());
      return;
    }
    into = std::move(*statement);
  };
  prepare(reader_, get_, "SELECT key, about, value FROM secret WHERE kind = ?1 AND key = ?2");
  // Left to itself, SQLite reads the whole kind to have it in the order of its keys.
  prepare(reader_, with_about_,
          "SELECT key, about, value FROM secret INDEXED BY secret_about "
          "WHERE kind = ?1 AND about = ?2 ORDER BY key");
  prepare(reader_, with_prefix_,
          "SELECT key, about, value FROM secret WHERE kind = ?1 AND key >= ?2 AND key < ?3 "
          "ORDER BY key");
  if (access_ == Access::read) return outcome;

  writing_ = std::make_unique<Writing>();
  prepare(writer_, writing_->begin, "BEGIN IMMEDIATE");
  prepare(writer_, writing_->commit, "COMMIT");
  prepare(writer_, writing_->rollback, "ROLLBACK");
  // A row that is there with the same value isn't written again: a replay of the topic is cheap.
  prepare(writer_, writing_->put,
          "INSERT INTO secret (kind, key, about, value) VALUES (?1, ?2, ?3, ?4) "
          "ON CONFLICT (kind, key) DO UPDATE SET about = ?3, value = ?4 "
          "WHERE value <> ?4 OR about <> ?3");
  prepare(writer_, writing_->remove, "DELETE FROM secret WHERE kind = ?1 AND key = ?2");
  prepare(writer_, writing_->has, "SELECT 1 FROM secret WHERE kind = ?1 AND key = ?2");
  prepare(writer_, writing_->has_about,
          "SELECT 1 FROM secret WHERE kind = ?1 AND about = ?2 AND key <> ?3");
  prepare(writer_, writing_->has_other, "SELECT 1 FROM secret WHERE kind = ?1 AND key <> ?2");
  prepare(writer_, writing_->set_offset,
          "INSERT INTO meta (name, value) VALUES ('topic_offset', ?1) "
          "ON CONFLICT (name) DO UPDATE SET value = ?1");
  return outcome;
}

Done SecretStore::write(std::span<const SecretRow> rows) {
  const std::lock_guard lock(write_mutex_);
  const bool all_current = std::ranges::all_of(rows, [&](const SecretRow& row) {
    return row.is_removal() || row.kind == RowKind::transit_text || wrapping_.is_current(row);
  });
  if (all_current) return write_locked(rows, std::nullopt);
  // Wrapped just before the master key changed: it must not come in behind the rotation's back.
  return write_locked(wrapped_now(rows), std::nullopt);
}

Done SecretStore::write_from_topic(std::span<const SecretRow> rows, std::int64_t next_offset) {
  const std::lock_guard lock(write_mutex_);
  return write_locked(rows, next_offset);
}

Done SecretStore::write_locked(std::span<const SecretRow> rows,
                               std::optional<std::int64_t> next_offset) {
  if (access_ == Access::read) return std::unexpected(VaultFault::read_only);
  if (is_broken_) return std::unexpected(VaultFault::broken);
  if (const Done begun = writing_->begin.begin().run(); !begun) return finish(begun);
  Done outcome = apply_all(rows);
  if (outcome && next_offset) outcome = set_topic_offset(*next_offset);
  if (outcome) outcome = writing_->commit.begin().run();
  if (outcome = finish(outcome); !outcome) return outcome;
  owes_scrub_ |= std::ranges::any_of(rows, [](const SecretRow& row) {
    return row.is_removal() || row.kind == RowKind::destroyed_key;
  });
  if (owes_scrub_) owes_scrub_ = !writer_.truncate_wal();
  if (applied_) applied_(rows);
  return {};
}

Done SecretStore::finish(Done outcome) {
  if (outcome) return outcome;
  // Fails harmlessly where SQLite has rolled back by itself or nothing was begun.
  static_cast<void>(writing_->rollback.begin().run());
  // After a failed sync nobody knows what is on disk.
  is_broken_ |= outcome.error() == VaultFault::broken || outcome.error() == VaultFault::damaged;
  return outcome;
}

Done SecretStore::apply_all(std::span<const SecretRow> rows) {
  for (const SecretRow& row : rows) {
    if (const Done applied = writing_->apply(row); !applied) return applied;
  }
  return {};
}

Done SecretStore::set_topic_offset(std::int64_t next_offset) {
  return writing_->set_offset.begin().set(1, next_offset).run();
}

std::expected<std::optional<SecretRow>, VaultFault> SecretStore::get(RowKind kind, ByteSpan key) {
  const std::lock_guard lock(read_mutex_);
  const auto found = get_.begin().set(1, number_of(kind)).set(2, key).step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  SecretRow row = row_of(kind, get_);
  get_.begin();
  return row;
}

namespace {

std::expected<std::vector<SecretRow>, VaultFault> all_rows(RowKind kind, Statement& statement) {
  std::vector<SecretRow> rows;
  for (;;) {
    const auto found = statement.step();
    if (!found) return std::unexpected(found.error());
    if (!*found) return rows;
    rows.push_back(row_of(kind, statement));
  }
}

}  // namespace

std::expected<std::vector<SecretRow>, VaultFault> SecretStore::with_about(RowKind kind,
                                                                          ByteSpan about) {
  const std::lock_guard lock(read_mutex_);
  return all_rows(kind, with_about_.begin().set(1, number_of(kind)).set(2, about));
}

std::expected<std::vector<SecretRow>, VaultFault> SecretStore::with_key_prefix(RowKind kind,
                                                                               ByteSpan prefix) {
  const Bytes end = end_of_prefix(prefix).value_or(kAfterAllKeys);
  const std::lock_guard lock(read_mutex_);
  return all_rows(kind, with_prefix_.begin().set(1, number_of(kind)).set(2, prefix).set(3, end));
}

Done SecretStore::scrub() {
  const std::lock_guard lock(write_mutex_);
  if (!owes_scrub_) return {};
  const Done cut = writer_.truncate_wal();
  owes_scrub_ = !cut;
  return cut;
}

Done SecretStore::check() {
  const std::lock_guard lock(read_mutex_);
  const auto faults = reader_.number(
      "SELECT count(*) FROM pragma_integrity_check(1) WHERE integrity_check <> 'ok'");
  if (!faults) return std::unexpected(faults.error());
  return *faults == 0 ? Done{} : Done{std::unexpected(VaultFault::damaged)};
}

void SecretStore::on_applied(Applied applied) {
  const std::lock_guard lock(write_mutex_);
  assert(!applied_);
  applied_ = std::move(applied);
}

std::expected<std::int64_t, VaultFault> SecretStore::topic_offset() {
  const std::lock_guard lock(read_mutex_);
  return reader_.number("SELECT value FROM meta WHERE name = 'topic_offset'");
}

Done SecretStore::begin_replay() {
  const std::lock_guard lock(write_mutex_);
  if (access_ == Access::read) return std::unexpected(VaultFault::read_only);
  if (const Done begun = writing_->begin.begin().run(); !begun) return finish(begun);
  for (const RowKind kind : kRowKinds) {
    const bool stays = !is_shared(kind) || kind == RowKind::key || kind == RowKind::destroyed_key;
    if (stays && kind != RowKind::void_claim) continue;
    const Done removed =
        writer_.run("DELETE FROM secret WHERE kind = " + std::to_string(number_of(kind)));
    if (!removed) return finish(removed);
  }
  return {};
}

Done SecretStore::replay(std::span<const SecretRow> rows) {
  const std::lock_guard lock(write_mutex_);
  const Done outcome = apply_all(rows);
  return outcome ? outcome : finish(outcome);
}

std::expected<std::vector<SecretRow>, VaultFault> SecretStore::replayed(RowKind kind) {
  const std::lock_guard lock(write_mutex_);
  auto query = writer_.prepare("SELECT key, about, value FROM secret WHERE kind = ?1 ORDER BY key");
  if (!query) return std::unexpected(query.error());
  return all_rows(kind, query->begin().set(1, number_of(kind)));
}

Done SecretStore::end_replay(std::int64_t next_offset) {
  const std::lock_guard lock(write_mutex_);
  Done outcome = set_topic_offset(next_offset);
  if (outcome) outcome = writing_->commit.begin().run();
  if (outcome = finish(outcome); !outcome) return outcome;
  owes_scrub_ = !writer_.truncate_wal();
  return {};
}

void SecretStore::abandon_replay() {
  const std::lock_guard lock(write_mutex_);
  static_cast<void>(writing_->rollback.begin().run());
}

}  // namespace klasboek::vault
