// A byte of the log flips on disk.
#include <catch2/catch.hpp>

#include "tests/support/bit_rot.h"

namespace klasboek::tests {
namespace {

TEST_CASE("a byte that flips on disk gives the right events or a refusal that names the place") {
  check_bit_rot({.seed = 1, .flips_per_file = 3});
}

}  // namespace
}  // namespace klasboek::tests
