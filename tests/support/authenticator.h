#pragma once
// What an authenticator does with the secret that it was given.
#include <cstdint>
#include <string>
#include <string_view>

#include "vault/one_time_code.h"

namespace klasboek::tests {

/// base32 as authenticators read it.
inline vault::Bytes from_base32(std::string_view text) {
  vault::Bytes bytes;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    held = held << 5U | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(held >> bits));
  }
  return bytes;
}

/// What it shows at that moment.
inline std::string code_shown(std::string_view secret, std::int64_t now_us) {
  return vault::totp(from_base32(secret), now_us);
}

}  // namespace klasboek::tests
