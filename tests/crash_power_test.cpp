// The power goes while commits are appended: unsynced bytes are lost, torn or partly there.
#include <catch2/catch.hpp>

#include "tests/support/power_trial.h"

namespace klasboek::tests {
namespace {

TEST_CASE("after a power cut all that was acknowledged is there, and the log goes on") {
  check_power_cuts({.first_seed = 1, .seeds = 40});
}

TEST_CASE("after a power cut under views they are what the log says") {
  check_power_cuts_of_views({.first_seed = 1, .seeds = 40});
}

}  // namespace
}  // namespace klasboek::tests
