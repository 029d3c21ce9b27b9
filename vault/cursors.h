#pragma once
// How far a reaction of this node has followed a partition of the log. It lies with what the
// reaction left in transit, so that both are of one backup. A cursor that is lost costs reading the
// log again and nothing else: what a reaction did is in the log.
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "events/ids.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

/// Which follower of which partition of which log (its log id).
struct CursorName {
  events::Uuid log;
  std::uint32_t partition = 0;
  std::string_view follower;
};

/// Thread-safe. Of one node.
class Cursors {
 public:
  /// REQUIRES: store and wrapping outlive it.
  Cursors(SecretStore& store, const Wrapping& wrapping);

  /// The next position that the follower wants; nullopt: it never said.
  std::expected<std::optional<std::uint64_t>, VaultFault> next_position(const CursorName& name);
  std::expected<void, VaultFault> set(const CursorName& name, std::uint64_t next_position);

 private:
  SecretStore& store_;
  const Wrapping& wrapping_;
};

}  // namespace klasboek::vault
