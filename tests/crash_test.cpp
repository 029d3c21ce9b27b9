// The real program, killed while a school uses it, on the embedded log. crash_slow_test.cpp does it
// oftener.
#include <catch2/catch.hpp>

#include "tests/support/crash_run.h"

namespace klasboek::tests {
namespace {

TEST_CASE("killed a hundred times under load, the register keeps what it acknowledged") {
  check_kills({.seed = 20261124,
               .kills = 100,
               .program = KLASBOEK_PROGRAM,
               .crashing_program = KLASBOEK_CRASHING_PROGRAM});
}

}  // namespace
}  // namespace klasboek::tests
