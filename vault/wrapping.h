#pragma once
// Wraps the values of rows with the master key. A wrapped value:
//
//    0   1  format, 1
//    1   8  id of the master key, a keyed hash: tells another master key from damage
//    9  24  nonce
//   33   n  XChaCha20-Poly1305-IETF of the value, and 16 bytes of tag
//
// Associated data: "KBV1", kind, and key and about of the row, each bounded by its length; so no
// value can be moved to another row, subject, class or school.
#include <array>
#include <memory>
#include <optional>

#include "events/key_sink.h"
#include "vault/random.h"
#include "vault/secret_row.h"

namespace klasboek::vault {

/// The key that wraps all others. 32 bytes; where it comes from: vault/master_key.h.
struct MasterKey {
  events::KeyBytes bytes;
};

using MasterKeyId = std::array<std::uint8_t, 8>;
/// Tells master keys apart and says nothing about them.
MasterKeyId id_of(const MasterKey& master);

/// Wraps with one master key. While these are rotated it opens what another one wrapped, too.
/// Copies are one and the same: what is told to one of them holds for all. Thread-safe.
class Wrapping {
 public:
  Wrapping(const MasterKey& master, Random random);

  /// A row with its value wrapped.
  [[nodiscard]] SecretRow row(RowKind kind, Bytes key, Bytes about, ByteSpan value) const;
  /// nullopt where any bit of the row isn't what was written, or another master key wrapped it.
  [[nodiscard]] std::optional<SecretBytes> open(const SecretRow& row) const;
  /// Whether it was wrapped with a master key that is known here, by the id alone.
  [[nodiscard]] bool is_ours(const SecretRow& row) const;
  /// Whether it was wrapped with the one that wraps now, by the id alone.
  [[nodiscard]] bool is_current(const SecretRow& row) const;

  /// Opens what this one wrapped, from now on.
  void also_open(const MasterKey& master);
  [[nodiscard]] bool opens(const MasterKeyId& id) const;
  /// Wraps with this one from now on. REQUIRES: opens(id).
  void wrap_with(const MasterKeyId& id);

  /// Of the one that wraps now.
  [[nodiscard]] MasterKeyId master_id() const;
  [[nodiscard]] const Random& random() const { return random_; }

 private:
  struct Ring;
  std::shared_ptr<Ring> ring_;
  Random random_;
};

}  // namespace klasboek::vault
