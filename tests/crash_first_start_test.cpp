// A log that is made for the first time, cut off at one change of the disk after the other.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>

#include "tests/support/log_fixture.h"
#include "tests/support/watched_disk.h"

namespace klasboek::tests {
namespace {

/// Changes of the disk that lie between two cuts.
constexpr std::uint64_t kStride = 3;

log::EmbeddedLogOptions options_in(const TemporaryDirectory& directory, rocksdb::Env* disk) {
  log::EmbeddedLogOptions options;
  options.directory = directory.path() / "shard-0";
  options.free_bytes_min = 0;
  options.surroundings.disk = disk;
  return options;
}

TEST_CASE("wherever the making of a log was cut off, the next start makes it") {
  CountingKeySink keys;
  std::uint64_t cuts = 0;
  for (std::uint64_t nth = 1;; nth += kStride) {
    INFO("cut off at change " << nth << " of the disk");
    const TemporaryDirectory directory;
    std::atomic<std::uint64_t> calls = 0;
    DiskWatch watch;
    watch.before = [&](const DiskCall&) {
      return ++calls < nth ? rocksdb::IOStatus::OK() : rocksdb::IOStatus::IOError("cut off");
    };
    const auto disk = watched_disk(std::move(watch));
    const bool was_made =
        log::EmbeddedLog::open(options_in(directory, disk.get()), keys).has_value();
    const auto log = log::EmbeddedLog::open(options_in(directory, nullptr), keys);
    INFO((log ? std::string() : log.error().message));
    REQUIRE(log.has_value());
    REQUIRE(std::holds_alternative<log::Committed>(
        append(**log, small_commit(school_number(1), "first", 0))));
    if (calls < nth) break;
    if (!was_made) ++cuts;
  }
  // There are many places where it can be cut off.
  CHECK(cuts > 10);
}

}  // namespace
}  // namespace klasboek::tests
