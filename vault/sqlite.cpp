#include "vault/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cassert>

namespace klasboek::vault {

namespace {

std::expected<void, VaultFault> result_of(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return {};
  return std::unexpected(fault_of_sqlite(code));
}

/// SQLite would make the file readable for everybody; its companions take over the mode.
bool make_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return false;
  ::close(descriptor);
  return true;
}

}  // namespace

VaultFault fault_of_sqlite(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return VaultFault::busy;
    case SQLITE_FULL:
      return VaultFault::disk_full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return VaultFault::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return VaultFault::damaged;
    default:
      return VaultFault::broken;
  }
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::begin() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  return *this;
}

Statement& Statement::set(int parameter, ByteSpan blob) {
  // A null pointer would be NULL, which is not the empty blob.
  const void* bytes = blob.empty() ? static_cast<const void*>("") : blob.data();
  const int code =
      sqlite3_bind_blob64(statement_.get(), parameter, bytes, blob.size(), SQLITE_STATIC);
  assert(code == SQLITE_OK);
  static_cast<void>(code);
  return *this;
}

Statement& Statement::set(int parameter, std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_.get(), parameter, number);
  assert(code == SQLITE_OK);
  static_cast<void>(code);
  return *this;
}

std::expected<bool, VaultFault> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  if (code == SQLITE_DONE) return false;
  return std::unexpected(fault_of_sqlite(code));
}

ByteSpan Statement::blob(int column) const {
  // In this order, as SQLite asks: the pointer first, which may convert, then the length.
  const auto* bytes =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {bytes, bytes == nullptr ? 0 : size};
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::expected<void, VaultFault> Statement::run() {
  for (;;) {
    const auto more = step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

void Connection::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

std::expected<Connection, VaultFault> Connection::open(const std::filesystem::path& file, Mode mode,
                                                       int busy_wait_ms) {
  if (mode == Mode::write && !make_private_file(file)) {
    return std::unexpected(VaultFault::read_only);
  }
  const int flags = (mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Connection connection;
  connection.connection_.reset(raw);
  if (code != SQLITE_OK) return std::unexpected(fault_of_sqlite(code));
  sqlite3_busy_timeout(raw, busy_wait_ms);
  return connection;
}

std::expected<void, VaultFault> Connection::run(const std::string& sql) {
  return result_of(sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::expected<std::int64_t, VaultFault> Connection::number(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->number(0) : 0;
}

std::expected<Statement, VaultFault> Connection::prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.c_str(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected(fault_of_sqlite(code));
  Statement statement;
  statement.statement_.reset(raw);
  return statement;
}

std::expected<void, VaultFault> Connection::truncate_wal() {
  return result_of(sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr));
}

}  // namespace klasboek::vault
