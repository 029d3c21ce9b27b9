// What must have happened before somebody is answered, and what must not.
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <limits>
#include <thread>

#include "tests/support/log_fixture.h"
#include "tests/support/watched_disk.h"

namespace klasboek::tests {
namespace {

constexpr std::uint64_t kBallastForTest = 1 << 20;

log::EmbeddedLogOptions options_in(const TemporaryDirectory& directory, rocksdb::Env* disk) {
  log::EmbeddedLogOptions options;
  options.directory = directory.path() / "shard-0";
  options.free_bytes_min = 0;
  options.ballast_bytes = kBallastForTest;
  options.surroundings.disk = disk;
  return options;
}

TEST_CASE("R9 nobody is answered before the log is written and synced") {
  const TemporaryDirectory directory;
  std::atomic<std::uint64_t> appends = 0;
  std::atomic<std::uint64_t> syncs = 0;
  DiskWatch watch;
  watch.after = [&](const DiskCall& call) {
    if (!call.is_of_log_in("ledger")) return;
    if (call.operation == DiskOperation::append) ++appends;
    // Only one that comes after the bytes makes them last.
    if (call.operation == DiskOperation::sync) syncs = appends.load();
  };
  const auto disk = watched_disk(std::move(watch));
  CountingKeySink keys;
  const auto log = log::EmbeddedLog::open(options_in(directory, disk.get()), keys);
  REQUIRE(log.has_value());
  for (std::uint64_t n = 0; n < 5; ++n) {
    const auto before = appends.load();
    std::promise<std::pair<std::uint64_t, std::uint64_t>> at_answer;
    (*log)->append({small_commit(school_number(1), std::to_string(n), n), {}},
                   [&](const log::AppendOutcome& /*outcome*/) {
                     at_answer.set_value({appends.load(), syncs.load()});
                   });
    const auto [appended, synced] = at_answer.get_future().get();
    CHECK(appended > before);
    CHECK(synced == appended);
  }
}

TEST_CASE("R8 a commit over the limit is turned down before anything is done for it") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  const auto log = log::EmbeddedLog::open(options_in(directory, nullptr), keys);
  REQUIRE(log.has_value());
  auto commit = small_commit(school_number(1), "too large", 0);
  SECTION("too many bytes") {
    events::SchoolRenamed renamed;
    renamed.name.assign(events::kFrameBytesMax, 'a');
    commit.events[0].body = renamed;
  }
  SECTION("too many events") {
    const auto event = commit.events.front();
    commit.events.assign(events::kEventsPerCommitMax + 1, event);
  }
  SECTION("too many conditions") {
    const auto condition = commit.conditions.front();
    commit.conditions.assign(events::kConditionsPerCommitMax + 1, condition);
  }
  std::optional<std::thread::id> answered_on;
  (*log)->append({std::move(commit), {events::MintedKey{}}}, [&](const auto& outcome) {
    CHECK(std::holds_alternative<log::TooLarge>(outcome));
    answered_on = std::this_thread::get_id();
  });
  (*log)->close();
  // No key was made for it, and no other commit waited for it.
  CHECK(keys.keys_taken == 0);
  CHECK(answered_on == std::this_thread::get_id());
}

TEST_CASE("below the floor of free space commands are refused, and the log stays ready") {
  const TemporaryDirectory directory;
  auto options = options_in(directory, nullptr);
  options.free_bytes_min = std::numeric_limits<std::uint64_t>::max();
  CountingKeySink keys;
  const auto log = log::EmbeddedLog::open(options, keys);
  REQUIRE(log.has_value());
  const auto outcome = append(**log, small_commit(school_number(1), "a", 0));
  REQUIRE(std::holds_alternative<log::Unavailable>(outcome));
  CHECK(keys.keys_taken == 0);
  CHECK((*log)->ledger().school_head(school_number(1)).next_sequence == 0);
  // What is scarce isn't taken for ballast either.
  CHECK_FALSE(std::filesystem::exists(options.directory / "ballast"));
}

TEST_CASE("the ballast is given back when the disk is full, and taken again at the next start") {
  const TemporaryDirectory directory;
  std::atomic<bool> is_full = false;
  DiskWatch watch;
  watch.before = [&](const DiskCall&) {
    return is_full ? rocksdb::IOStatus::NoSpace("No space left on device")
                   : rocksdb::IOStatus::OK();
  };
  const auto disk = watched_disk(std::move(watch));
  const auto options = options_in(directory, disk.get());
  const auto ballast = options.directory / "ballast";
  CountingKeySink keys;
  {
    const auto log = log::EmbeddedLog::open(options, keys);
    REQUIRE(log.has_value());
    CHECK(std::filesystem::file_size(ballast) == kBallastForTest);
    CHECK(std::holds_alternative<log::Committed>(
        append(**log, small_commit(school_number(1), "a", 0))));
    CHECK(std::filesystem::exists(ballast));
    is_full = true;
    CHECK(std::holds_alternative<log::UnknownOutcome>(
        append(**log, small_commit(school_number(1), "b", 1))));
    CHECK_FALSE(std::filesystem::exists(ballast));
    CHECK_FALSE((*log)->health().ready);
  }
  is_full = false;
  const auto log = log::EmbeddedLog::open(options, keys);
  REQUIRE(log.has_value());
  CHECK(std::filesystem::file_size(ballast) == kBallastForTest);
  CHECK((*log)->ledger().school_head(school_number(1)).next_sequence >= 1);
}

}  // namespace
}  // namespace klasboek::tests
