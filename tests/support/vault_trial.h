#pragma once
// A vault on a disk that loses power, fills up or rots: each key that was said to be durable opens
// what it sealed, or the vault says that it is damaged; never that a text was erased.
#include <cstdint>

namespace klasboek::tests {

struct VaultTrials {
  std::uint64_t first_seed = 0;
  std::uint64_t seeds = 0;
};

/// Each seed is the moment of a cut, and what the disk makes of what wasn't synced.
void check_vault_power_cuts(const VaultTrials& trials);

/// The disk is full from the first change on, from the second, and so on.
void check_vault_on_full_disk();

/// Each seed is one byte of the file.
void check_vault_rot(const VaultTrials& trials);

}  // namespace klasboek::tests
