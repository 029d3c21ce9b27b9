#pragma once
// The secrets of an installation: made once, the same on all its nodes, wrapped like all others.
#include <expected>

#include "events/key_sink.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

struct InstallationSecrets {
  events::KeyBytes pepper;        // identities
  events::KeyBytes lookup_key;    // what the outside calls whom
  events::KeyBytes session_key;   // tokens
  events::KeyBytes signing_seed;  // checkpoints
};

/// Those that stand, or new ones. Two nodes that start at the same moment get the same.
/// read_only: there are none and none can be made.
std::expected<InstallationSecrets, VaultFault> load_or_make_installation(SecretStore& store,
                                                                         SecretWriter& writer,
                                                                         const Wrapping& wrapping);

}  // namespace klasboek::vault
