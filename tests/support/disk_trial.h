#pragma once
// An embedded log on a disk that fails, and what must hold of it: nothing is acknowledged that
// isn't there at the next start, nothing is there twice, and what was said to be unknown is settled
// by asking again.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "events/log/embedded_log.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

/// What came of appending on a disk that fails somewhere.
struct DiskTrialReport {
  /// Empty where the log opened; else why not.
  std::string refusal;
  std::size_t committed = 0;
  /// An append whose outcome isn't known, or was refused.
  bool met_fault = false;
};

class DiskTrial {
 public:
  /// A log with some commits, closed.
  DiskTrial();

  /// Opens the log on this disk, appends until that fails, and closes it. Where it fails: the log
  /// isn't ready, takes nothing more, and can still be read.
  DiskTrialReport append_on(rocksdb::Env& disk);
  /// Opens it on the machine's disk: all that was acknowledged is there, in order, and what was
  /// asked last can be asked again. REQUIRES: closed.
  void check_after();
  [[nodiscard]] std::filesystem::path directory() const { return directory_ / "shard-0"; }

 private:
  [[nodiscard]] std::expected<std::unique_ptr<log::EmbeddedLog>, log::LogFault> open(
      rocksdb::Env* disk);
  log::AppendOutcome append_next(log::EmbeddedLog& log);
  void check_reads(const log::EmbeddedLog& log) const;

  TemporaryDirectory directory_;
  CountingKeySink keys_;
  std::uint64_t committed_ = 0;
};

}  // namespace klasboek::tests
