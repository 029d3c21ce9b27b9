#include "events/sealing.h"

#include <sodium.h>

#include <algorithm>

namespace klasboek::events {

namespace {

static_assert(kSealKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kSealNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kSealTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

constexpr std::array<std::uint8_t, 4> kTag = {'K', 'B', 'S', '1'};
using AssociatedBytes = std::array<std::uint8_t, 54>;

AssociatedBytes associated_bytes(const SchoolId& school, const KeyId& key, const CommandId& command,
                                 std::uint16_t slot) {
  AssociatedBytes bytes{};
  auto at = std::ranges::copy(kTag, bytes.begin()).out;
  at = std::ranges::copy(to_bytes(school.value), at).out;
  at = std::ranges::copy(to_bytes(key.value), at).out;
  at = std::ranges::copy(command, at).out;
  *at++ = static_cast<std::uint8_t>(slot >> 8U);
  *at = static_cast<std::uint8_t>(slot & 0xFFU);
  return bytes;
}

}  // namespace

Sealed seal(std::span<const std::uint8_t, kSealKeyBytes> key_bytes, const KeyId& key,
            const SealPlace& place, std::span<const std::uint8_t, kSealNonceBytes> nonce,
            std::string_view text) {
  const auto associated = associated_bytes(place.school, key, place.command, place.slot);
  Sealed sealed;
  sealed.key = key;
  sealed.slot = place.slot;
  sealed.nonce.assign(nonce.begin(), nonce.end());
  sealed.ciphertext.resize(text.size() + kSealTagBytes);
  // Can't fail: the length is far below the cipher's limit.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.ciphertext.data(), nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
      text.size(), associated.data(), associated.size(), nullptr, nonce.data(), key_bytes.data());
  return sealed;
}

std::optional<std::string> unseal(std::span<const std::uint8_t, kSealKeyBytes> key_bytes,
                                  const SchoolId& school, const CommandId& command,
                                  const Sealed& sealed) {
  if (sealed.nonce.size() != kSealNonceBytes) return std::nullopt;
  if (sealed.ciphertext.size() < kSealTagBytes) return std::nullopt;
  const auto associated = associated_bytes(school, sealed.key, command, sealed.slot);
  std::string text(sealed.ciphertext.size() - kSealTagBytes, '\0');
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<std::uint8_t*>(text.data()), nullptr, nullptr, sealed.ciphertext.data(),
      sealed.ciphertext.size(), associated.data(), associated.size(), sealed.nonce.data(),
      key_bytes.data());
  if (refused != 0) return std::nullopt;
  return text;
}

}  // namespace klasboek::events
