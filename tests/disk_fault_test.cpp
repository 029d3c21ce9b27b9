// The disk under the embedded log fails, or is full: nothing is acknowledged that isn't there
// afterwards, the log isn't ready, what it has can be read, and the next start goes on.
#include <catch2/catch.hpp>

#include "tests/support/disk_fault.h"

namespace klasboek::tests {
namespace {

TEST_CASE("a disk that is full from some call on loses nothing that was acknowledged") {
  check_disk_faults({.fault = DiskFault::no_space, .lasts = true, .stride = 7});
}

TEST_CASE("a disk that fails from some call on loses nothing that was acknowledged") {
  check_disk_faults({.fault = DiskFault::io_error, .lasts = true, .stride = 7});
}

TEST_CASE("one call that fails, and none after it, isn't papered over") {
  check_disk_faults({.fault = DiskFault::io_error, .lasts = false, .stride = 7});
}

}  // namespace
}  // namespace klasboek::tests
