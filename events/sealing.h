#pragma once
// Sealed text: what a person wrote or what says who somebody is, readable only with its key.
// XChaCha20-Poly1305-IETF of libsodium. Pure functions: key and nonce come from outside. Safe from
// every thread; faster once the program has called sodium_init().
//
// What binds a text to its place are 54 bytes of associated data:
//
//    0   4  "KBS1"
//    4  16  school
//   20  16  key
//   36  16  command
//   52   2  slot: number of the text in the command, from 1, big-endian
//
// All of it is known before anything is decided, so texts are sealed first and decided about
// afterwards. A text that is moved to another school, command or slot doesn't open.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "events/ids.h"
#include "events/schema/common_generated.h"

namespace klasboek::events {

using Sealed = wire::SealedT;

inline constexpr std::size_t kSealKeyBytes = 32;
inline constexpr std::size_t kSealNonceBytes = 24;
/// A ciphertext is this much longer than its text.
inline constexpr std::size_t kSealTagBytes = 16;

/// Where a text belongs; what else is bound (the key's id) is in the Sealed itself.
struct SealPlace {
  SchoolId school;
  CommandId command{};
  /// From 1.
  std::uint16_t slot = 0;
};

/// nonce: 24 bytes that were never used with this key; random ones do. The empty text seals to 16
/// bytes, so that it differs from no text.
Sealed seal(std::span<const std::uint8_t, kSealKeyBytes> key_bytes, const KeyId& key,
            const SealPlace& place, std::span<const std::uint8_t, kSealNonceBytes> nonce,
            std::string_view text);

/// nullopt where key, place or a single bit isn't what it was sealed with. The place's slot is that
/// of `sealed`.
std::optional<std::string> unseal(std::span<const std::uint8_t, kSealKeyBytes> key_bytes,
                                  const SchoolId& school, const CommandId& command,
                                  const Sealed& sealed);

/// True for the table that stands where no text was given.
inline bool is_absent(const Sealed& sealed) { return sealed.ciphertext.empty(); }

}  // namespace klasboek::events
