#pragma once
// SQLite as values: a connection and its statements, faults by name. One thread at a time per
// connection.
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "vault/fault.h"
#include "vault/secret_bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace klasboek::vault {

/// What a result code of SQLite means for the vault.
VaultFault fault_of_sqlite(int code);

/// A compiled statement. Set its parameters (from 1), step through its rows, then it resets itself
/// at the next `begin`. Blobs set must live until the last step.
class Statement {
 public:
  Statement() = default;
  /// Forgets parameters and position.
  Statement& begin();
  Statement& set(int parameter, ByteSpan blob);
  Statement& set(int parameter, std::int64_t number);
  /// True: there is a row; false: there are no more.
  std::expected<bool, VaultFault> step();
  /// REQUIRES: step() was true. Valid until the next step or begin.
  [[nodiscard]] ByteSpan blob(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;
  /// Runs to the end and lets go of what it holds.
  std::expected<void, VaultFault> run();

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Connection {
 public:
  enum class Mode : std::uint8_t { write, read };

  /// With write, the file is made when it isn't there, readable for its owner only.
  /// busy_wait_ms: so long it waits for somebody else who holds the file.
  static std::expected<Connection, VaultFault> open(const std::filesystem::path& file, Mode mode,
                                                    int busy_wait_ms);

  /// One or more statements without parameters; rows are passed over.
  std::expected<void, VaultFault> run(const std::string& sql);
  /// The first column of the first row, as a number; 0 where there is none.
  std::expected<std::int64_t, VaultFault> number(const std::string& sql);
  std::expected<Statement, VaultFault> prepare(const std::string& sql);
  /// Frees the log file beside the database, so that nothing that was deleted lives on in it.
  /// busy: somebody is reading; ask again.
  std::expected<void, VaultFault> truncate_wal();

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace klasboek::vault
