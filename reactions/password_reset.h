#pragma once
// Whoever can't log in asks for a new password with his address alone. The asking leaves the same
// trace whether or not somebody has that address: a line that waits in the vault. What follows from
// it happens here, in its own time: for an address that somebody has, a request in the log of a
// school of his, from which the mail with the link follows.
#include <cstdint>
#include <expected>

#include "reactions/node.h"
#include "vault/logins.h"

namespace klasboek::reactions {

/// A link is good for so long.
inline constexpr std::int64_t kResetLinkTermUs = 2LL * 3600 * 1'000'000;

/// Durable when it returns.
std::expected<void, vault::VaultFault> ask_for_reset(const Node& node, vault::IdentityId identity);

/// Takes up what waits. What can't be done now (log or vault away) waits on. One thread at a time.
void take_up_resets(const Node& node);

}  // namespace klasboek::reactions
