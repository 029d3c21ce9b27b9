#pragma once
// Roster files that wait until somebody applies their plan: sealed in the vault under a key of
// their own, and destroyed with it when they were applied, given up, or waited too long. Of one
// node.
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "api/roster_read.h"
#include "vault/vault.h"

namespace klasboek::api::roster {

inline constexpr std::int64_t kWaitMaxUs = 7LL * 24 * 3600 * 1'000'000;

struct WaitingFiles {
  events::SchoolId school;
  std::int64_t since_us = 0;
  std::vector<NamedFile> files;
};

/// Durable when it returns. The same id again: the first files stay.
std::expected<void, vault::VaultFault> keep_waiting(vault::Vault& vault, events::RosterImportId id,
                                                    const WaitingFiles& waiting);
/// nullopt where none wait under this id for this school.
std::expected<std::optional<WaitingFiles>, vault::VaultFault> waiting_files(
    vault::Vault& vault, events::SchoolId school, events::RosterImportId id);
/// Done when it returns; remains in the vault's file may go a little later.
void stop_waiting(vault::Vault& vault, events::RosterImportId id);
/// Gives up, of every school, what has waited longer than kWaitMaxUs.
void give_up_forgotten(vault::Vault& vault, std::int64_t now_us);

}  // namespace klasboek::api::roster
