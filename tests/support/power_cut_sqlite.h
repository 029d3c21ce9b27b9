#pragma once
// The machine's disk under SQLite, whose power can be cut: what wasn't synced is there, isn't, or
// is there in part. While one of these lives, every database is opened on it.
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace klasboek::tests {

class PowerCutSqlite {
 public:
  /// From the call with this number on, of those that change the disk, none happens; SQLite hears
  /// this result code of it.
  PowerCutSqlite(std::uint64_t calls_until_cut, int code);
  ~PowerCutSqlite();
  PowerCutSqlite(const PowerCutSqlite&) = delete;
  PowerCutSqlite& operator=(const PowerCutSqlite&) = delete;

  [[nodiscard]] bool was_cut() const;
  /// At once, if it wasn't yet.
  void cut();
  /// Makes the files what is left after the cut. REQUIRES: no database is open.
  void settle(std::mt19937_64& dice);

 private:
  friend struct PowerCutCalls;
  /// Bytes that were written, or where there are none, a new length.
  struct Change {
    std::uint64_t at = 0;
    std::optional<std::string> bytes;
  };
  struct File {
    /// As it was when it was last synced; nullopt: it isn't known to have been there.
    std::optional<std::string> synced;
    std::vector<Change> unsynced;
  };

  /// SQLITE_OK, or why the call doesn't happen.
  int before();
  void note_opened(const std::string& name);
  void note_change(const std::string& name, Change change);
  void note_synced(const std::string& name);
  void note_removed(const std::string& name);
  static std::string torn(const File& file, std::mt19937_64& dice);

  mutable std::mutex mutex_;
  std::uint64_t calls_left_;
  int code_;
  std::map<std::string, File> files_;
  /// Removed, and the directory not synced since: it may be there again.
  std::map<std::string, std::string> removed_;
  sqlite3_vfs* machine_;
  sqlite3_vfs vfs_{};
};

}  // namespace klasboek::tests
