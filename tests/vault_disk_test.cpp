// The disk under the vault loses power, is full, or rots.
#include <catch2/catch.hpp>

#include "tests/support/vault_trial.h"

namespace klasboek::tests {
namespace {

TEST_CASE("after a power cut each key that was durable opens what it sealed") {
  check_vault_power_cuts({.first_seed = 1, .seeds = 60});
}

TEST_CASE("where the disk is full from some change on, no key that was durable is lost") {
  check_vault_on_full_disk();
}

TEST_CASE("a byte of the vault that flips is never taken for an erasure, nor for another text") {
  check_vault_rot({.first_seed = 1, .seeds = 60});
}

}  // namespace
}  // namespace klasboek::tests
