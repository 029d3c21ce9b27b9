#pragma once
// HMAC-SHA-256 over several parts for one purpose.
#include <initializer_list>
#include <string_view>

#include "events/ids.h"
#include "events/key_sink.h"
#include "vault/secret_bytes.h"

namespace klasboek::vault {

/// purpose and every part are bounded by their length (4 bytes, big-endian), so that no two lists
/// of parts give the same bytes, and no hash for one purpose serves another.
events::Hash keyed_hash(const events::KeyBytes& key, std::string_view purpose,
                        std::initializer_list<ByteSpan> parts);

/// The bytes of a text, as a part.
inline ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A key for one purpose out of another key.
events::KeyBytes derive_key(const events::KeyBytes& key, std::string_view purpose);

}  // namespace klasboek::vault
