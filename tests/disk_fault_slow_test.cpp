// As disk_fault_test, at other calls: one in forty by default, every single one with
// KLASBOEK_STRIDE=1. And as bit_rot_test, with more bytes of each file: KLASBOEK_FLIPS, from the
// seed KLASBOEK_SEED on.
#include <catch2/catch.hpp>

#include "tests/support/bit_rot.h"
#include "tests/support/disk_fault.h"
#include "tests/support/from_environment.h"
#include "tests/support/vault_trial.h"

namespace klasboek::tests {
namespace {

std::uint64_t stride() { return number_from_environment("KLASBOEK_STRIDE", 40); }
std::uint64_t first_seed() { return number_from_environment("KLASBOEK_SEED", 1001); }
std::uint64_t flips() { return number_from_environment("KLASBOEK_FLIPS", 2); }

TEST_CASE("a disk that is full from any call on loses nothing that was acknowledged") {
  check_disk_faults({.fault = DiskFault::no_space, .lasts = true, .stride = stride()});
}

TEST_CASE("a disk that fails from any call on loses nothing that was acknowledged") {
  check_disk_faults({.fault = DiskFault::io_error, .lasts = true, .stride = stride()});
}

TEST_CASE("whichever call fails alone, it isn't papered over") {
  check_disk_faults({.fault = DiskFault::io_error, .lasts = false, .stride = stride()});
}

TEST_CASE("whatever byte flips, the events are right or the place is named") {
  check_bit_rot({.seed = first_seed(), .flips_per_file = flips()});
}

TEST_CASE("whatever byte of the vault flips, it is never taken for an erasure or another text") {
  check_vault_rot({.first_seed = first_seed(), .seeds = 10 * flips()});
}

}  // namespace
}  // namespace klasboek::tests
