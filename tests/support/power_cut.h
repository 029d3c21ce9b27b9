#pragma once
// A disk whose power can be cut: it remembers what of each file and directory was synced, and makes
// of the rest what a real one might: all of it there, nothing of it, a part, or later sectors
// without earlier ones.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "tests/support/watched_disk.h"

namespace klasboek::tests {

/// One life of it: from a state of which all is synced to a cut.
class PowerCutDisk {
 public:
  /// The power goes before the call with this number, from 1 on, happens.
  explicit PowerCutDisk(std::uint64_t calls_until_cut);

  [[nodiscard]] rocksdb::Env* env() const { return env_.get(); }
  [[nodiscard]] bool was_cut() const;
  /// At once, if it wasn't yet.
  void cut();
  /// Makes the files what is left after the cut. REQUIRES: nothing is open on this disk.
  void settle(std::mt19937_64& dice);

 private:
  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  /// A change of a directory that a sync of it makes lasting.
  struct Entry {
    DiskOperation operation = DiskOperation::create;
    std::string name;
    /// Of a rename: what it was called.
    std::string old_name;
    /// What was under the name before, if anything.
    std::optional<std::filesystem::path> kept;
  };

  rocksdb::IOStatus before(const DiskCall& call);
  void after(const DiskCall& call);
  std::optional<std::filesystem::path> keep(const std::string& name);
  void undo(const Entry& entry);
  static void damage(const std::string& name, const File& file, std::mt19937_64& dice);

  mutable std::mutex mutex_;
  std::uint64_t calls_left_;
  TemporaryDirectory kept_;
  std::size_t kept_count_ = 0;
  std::map<std::string, File> files_;
  /// Written in place: as they were when they were last synced.
  std::map<std::string, std::filesystem::path> overwritten_;
  /// By directory, oldest first.
  std::map<std::string, std::vector<Entry>> unsynced_;
  /// By name: what the call that is under way will replace.
  std::map<std::string, std::optional<std::filesystem::path>> kept_before_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace klasboek::tests
