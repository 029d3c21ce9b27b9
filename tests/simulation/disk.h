#pragma once
// The disk of a simulated machine. Its files are real ones, but nobody waits for the real disk:
// what was synced is kept account of, and a power cut takes from the end of what wasn't. Power goes
// only at calls of the thread that simulates, so that the same dice make the same cut.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "tests/support/watched_disk.h"

namespace klasboek::tests {

class SimulatedDisk {
 public:
  SimulatedDisk();

  [[nodiscard]] rocksdb::Env* env() const { return env_.get(); }
  /// The power goes just before the call with this number from now on, from 1, of those that write
  /// or sync a write-ahead log.
  void cut_before(std::uint64_t calls);
  /// At once.
  void cut();
  [[nodiscard]] bool is_cut() const;
  /// The power is back, and files are what is left: all that was synced, and of each directory as
  /// much of the rest as the dice say. REQUIRES: nothing is open on it.
  void restart(std::mt19937_64& dice);

 private:
  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };
  rocksdb::IOStatus before(const DiskCall& call);
  void after(const DiskCall& call);

  mutable std::mutex mutex_;
  bool is_cut_ = false;
  /// 0: it isn't going.
  std::uint64_t calls_left_ = 0;
  std::map<std::string, File> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace klasboek::tests
