#include "tests/support/disk_trial.h"

#include <catch2/catch.hpp>

namespace klasboek::tests {

namespace {

constexpr std::uint64_t kCommitsBefore = 3;
constexpr std::uint64_t kCommitsMax = 6;

events::SchoolId school() { return school_number(1); }

std::string key_of(std::uint64_t n) { return "commit-" + std::to_string(n); }

}  // namespace

DiskTrial::DiskTrial() {
  auto log = open(nullptr);
  REQUIRE(log.has_value());
  while (committed_ < kCommitsBefore) {
    REQUIRE(std::holds_alternative<log::Committed>(append_next(**log)));
    ++committed_;
  }
}

std::expected<std::unique_ptr<log::EmbeddedLog>, log::LogFault> DiskTrial::open(
    rocksdb::Env* disk) {
  log::EmbeddedLogOptions options;
  options.directory = directory();
  options.new_log_id[0] = 7;
  options.free_bytes_min = 0;
  options.surroundings.disk = disk;
  return log::EmbeddedLog::open(options, keys_);
}

log::AppendOutcome DiskTrial::append_next(log::EmbeddedLog& log) {
  return append(log, small_commit(school(), key_of(committed_), committed_));
}

void DiskTrial::check_reads(const log::EmbeddedLog& log) const {
  CHECK(log.ledger().school_head(school()).next_sequence >= committed_);
  std::uint64_t version = 0;
  log.ledger().read_school(school(), 0, [&](const events::RecordedEvent& event) {
    CHECK(event.sequence == version);
    CHECK(event.stream_version == ++version);
    return true;
  });
  CHECK(version >= committed_);
  for (std::uint64_t n = 0; n < committed_; ++n) {
    CHECK(log.ledger().find_command(school(), small_commit(school(), key_of(n), n).command));
  }
}

DiskTrialReport DiskTrial::append_on(rocksdb::Env& disk) {
  DiskTrialReport report;
  const auto log = open(&disk);
  if (!log) {
    report.refusal = log.error().message;
    report.met_fault = true;
    CHECK_FALSE(report.refusal.empty());
    return report;
  }
  while (report.committed < kCommitsMax && !report.met_fault) {
    if (std::holds_alternative<log::Committed>(append_next(**log))) {
      ++committed_;
      ++report.committed;
    } else {
      report.met_fault = true;
    }
  }
  if (report.met_fault) {
    CHECK_FALSE((*log)->health().ready);
    CHECK_FALSE((*log)->health().reason.empty());
    CHECK(std::holds_alternative<log::Unavailable>(append_next(**log)));
  }
  check_reads(**log);
  return report;
}

void DiskTrial::check_after() {
  const auto log = open(nullptr);
  INFO((log ? std::string() : log.error().message));
  REQUIRE(log.has_value());
  check_reads(**log);
  const auto again = append_next(**log);
  const bool is_settled = std::holds_alternative<log::Committed>(again) ||
                          std::holds_alternative<log::DuplicateCommand>(again);
  CHECK(is_settled);
  ++committed_;
  check_reads(**log);
  // And it goes on from there.
  CHECK(std::holds_alternative<log::Committed>(append_next(**log)));
  ++committed_;
  CHECK((*log)->ledger().school_head(school()).next_sequence == committed_);
}

}  // namespace klasboek::tests
