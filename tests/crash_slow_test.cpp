// The real program, killed while a school uses it, five hundred times.
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/crash_run.h"

namespace klasboek::tests {
namespace {

TEST_CASE("killed five hundred times under load, the register keeps what it acknowledged") {
  check_kills({.seed = std::random_device{}(),
               .kills = 500,
               .program = KLASBOEK_PROGRAM,
               .crashing_program = KLASBOEK_CRASHING_PROGRAM});
}

}  // namespace
}  // namespace klasboek::tests
