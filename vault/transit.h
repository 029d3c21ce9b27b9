#pragma once
// What waits to be sent or applied: a mail while no server takes it, a roster file until its plan
// is confirmed, who asked for a new password. Each is sealed under a key of its own that is
// destroyed with it. Of one node.
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/ids.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

/// The numbers stand in rows and are never reused.
enum class TransitKind : std::uint8_t { mail = 1, roster_file = 2, password_reset = 3 };

/// Thread-safe.
class Transit {
 public:
  /// REQUIRES: store and wrapping outlive it.
  Transit(SecretStore& store, const Wrapping& wrapping);

  /// Durable when it returns. The same id again: the first text stays.
  std::expected<void, VaultFault> put(TransitKind kind, const events::Uuid& id,
                                      std::string_view text);
  /// Another text in its place, under the same key. What was removed meanwhile doesn't come back.
  std::expected<void, VaultFault> replace(TransitKind kind, const events::Uuid& id,
                                          std::string_view text);
  /// Reads it and leaves it: it is removed when it has been sent or applied. nullopt: isn't there.
  std::expected<std::optional<std::string>, VaultFault> take(TransitKind kind,
                                                             const events::Uuid& id);
  /// In the order of their ids, which is that of time where they are UUIDv7.
  std::expected<std::vector<events::Uuid>, VaultFault> list(TransitKind kind);
  /// Destroys key and text. busy: done, but remains may be in the write-ahead log; ask again.
  std::expected<void, VaultFault> remove(TransitKind kind, const events::Uuid& id);

 private:
  std::expected<std::optional<Wrapping>, VaultFault> own_wrapping(const Bytes& key);

  SecretStore& store_;
  const Wrapping& wrapping_;
};

}  // namespace klasboek::vault
