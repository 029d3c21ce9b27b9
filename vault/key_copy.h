#pragma once
// A copy of the master key for safekeeping, wrapped by a passphrase: a text that can be stored as a
// file or printed, and typed in again from paper.
//
//   klasboek master key copy 1
//   check value 0123456789abcdef           of the key, as `klasboek doctor` shows it
//   argon2id 3 passes 268435456 bytes      how the passphrase becomes a key
//   01  0011 2233 4455 6677 8899 aabb ccdd eeff  1f
//   …                                      number, 16 bytes, check byte of the line
//
// The bytes: salt (16), nonce (24), XChaCha20-Poly1305 of the key with its tag (48). Associated
// data: the first three lines. The check byte is CRC-8 (0x07) of the number and the line's bytes.
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "vault/random.h"
#include "vault/wrapping.h"

namespace klasboek::vault {

struct KeyCopyCost {
  std::uint64_t passes = 3;
  std::uint64_t memory_bytes = 256ULL << 20U;
};

/// A copy lies in places that nobody watches: its passphrase has to hold for years.
inline constexpr std::size_t kPassphraseCharactersMin = 12;

enum class KeyCopyFault : std::uint8_t {
  not_a_copy,        // other text, or of a newer klasboek
  mistyped,          // a line's check byte doesn't fit: the line is named
  wrong_passphrase,  // or lines that were changed on purpose
  passphrase_too_short,
  no_memory  // for the passphrase's hash
};
struct KeyCopyError {
  KeyCopyFault fault = KeyCopyFault::not_a_copy;
  /// What is wrong and what to do.
  std::string explanation;
};

std::expected<std::string, KeyCopyError> make_key_copy(const MasterKey& master,
                                                       std::string_view passphrase,
                                                       const Random& random,
                                                       const KeyCopyCost& cost = {});
std::expected<MasterKey, KeyCopyError> open_key_copy(std::string_view copy,
                                                     std::string_view passphrase);

}  // namespace klasboek::vault
