#include "events/log/embedded_log.h"

#include <catch2/catch.hpp>

#include "tests/support/log_contract.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {
namespace {

class EmbeddedUnderTest final : public LogUnderTest {
 public:
  EmbeddedUnderTest() { open(); }
  log::EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    open();
  }

 private:
  void open() {
    log::EmbeddedLogOptions options;
    options.directory = directory_.path() / "shard-0";
    options.new_log_id[0] = 7;
    options.free_bytes_min = 0;
    auto opened = log::EmbeddedLog::open(options, keys_);
    REQUIRE(opened.has_value());
    log_ = *std::move(opened);
  }

  TemporaryDirectory directory_;
  CountingKeySink keys_;
  std::unique_ptr<log::EmbeddedLog> log_;
};

TEST_CASE("the embedded log keeps the contract of a log") {
  check_log_contract([] { return std::make_unique<EmbeddedUnderTest>(); });
}

log::EmbeddedLogOptions options_in(const TemporaryDirectory& directory) {
  log::EmbeddedLogOptions options;
  options.directory = directory.path() / "shard-0";
  options.free_bytes_min = 0;
  return options;
}

TEST_CASE("keys are durable before the commits that use them, or nothing is appended") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  auto log = log::EmbeddedLog::open(options_in(directory), keys);
  REQUIRE(log.has_value());
  log::PendingCommit pending{small_commit(school_number(1), "a", 0), {}};
  pending.minted_keys.resize(2);
  keys.refuses = true;
  constexpr std::chrono::milliseconds kWaitMax{30'000};
  CHECK(std::holds_alternative<log::Unavailable>(
      log::append_and_wait(**log, {pending.commit, pending.minted_keys}, kWaitMax)));
  CHECK((*log)->ledger().school_head(school_number(1)).next_sequence == 0);
  keys.refuses = false;
  CHECK(std::holds_alternative<log::Committed>(
      log::append_and_wait(**log, std::move(pending), kWaitMax)));
  CHECK(keys.keys_taken == 2);
}

TEST_CASE("a log that is behind what was acknowledged is not opened") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  const auto options = options_in(directory);
  const auto old_ledger = directory.path() / "old";
  {
    auto log = log::EmbeddedLog::open(options, keys);
    REQUIRE(log.has_value());
    append(**log, small_commit(school_number(1), "a", 0));
  }
  std::filesystem::copy(options.directory / "ledger", old_ledger);
  {
    auto log = log::EmbeddedLog::open(options, keys);
    REQUIRE(log.has_value());
    append(**log, small_commit(school_number(1), "b", 1));
  }
  std::filesystem::remove_all(options.directory / "ledger");
  std::filesystem::copy(old_ledger, options.directory / "ledger");
  const auto log = log::EmbeddedLog::open(options, keys);
  REQUIRE_FALSE(log.has_value());
  CHECK(log.error().kind == log::LogFaultKind::lost_tail);
}

TEST_CASE("a directory in use by another program is refused by name") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  auto first = log::EmbeddedLog::open(options_in(directory), keys);
  REQUIRE(first.has_value());
  const auto second = log::EmbeddedLog::open(options_in(directory), keys);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == log::LogFaultKind::in_use);
}

TEST_CASE("a closed log answers everybody who waits") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  auto log = log::EmbeddedLog::open(options_in(directory), keys);
  REQUIRE(log.has_value());
  (*log)->close();
  CHECK(std::holds_alternative<log::Unavailable>(
      append(**log, small_commit(school_number(1), "a", 0))));
  CHECK_FALSE((*log)->health().ready);
}

}  // namespace
}  // namespace klasboek::tests
