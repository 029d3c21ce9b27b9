#include "tests/support/disk_fault.h"

#include <atomic>
#include <catch2/catch.hpp>

#include "tests/support/disk_trial.h"
#include "tests/support/watched_disk.h"

namespace klasboek::tests {

namespace {

rocksdb::IOStatus status_of(DiskFault fault) {
  return fault == DiskFault::io_error ? rocksdb::IOStatus::IOError("Input/output error")
                                      : rocksdb::IOStatus::NoSpace("No space left on device");
}

}  // namespace

void check_disk_faults(const DiskFaults& faults) {
  DiskTrial trial;
  std::uint64_t met = 0;
  std::uint64_t nth = 1;
  for (bool is_through = false; !is_through; nth += faults.stride) {
    INFO("fails at change " << nth << " of the disk");
    std::atomic<std::uint64_t> calls = 0;
    DiskWatch watch;
    watch.before = [&](const DiskCall&) {
      const auto call = ++calls;
      const bool fails = faults.lasts ? call >= nth : call == nth;
      return fails ? status_of(faults.fault) : rocksdb::IOStatus::OK();
    };
    const auto disk = watched_disk(std::move(watch));
    if (trial.append_on(*disk).met_fault) ++met;
    trial.check_after();
    is_through = calls < nth;
  }
  // A run changes the disk at many places, and most of them matter.
  CHECK(met * faults.stride > 20);
}

}  // namespace klasboek::tests
