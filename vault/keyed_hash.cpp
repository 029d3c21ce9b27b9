#include "vault/keyed_hash.h"

#include <array>

namespace klasboek::vault {

namespace {

static_assert(crypto_auth_hmacsha256_BYTES == std::tuple_size_v<events::Hash>);

void add_bounded(crypto_auth_hmacsha256_state& state, ByteSpan part) {
  const auto size = static_cast<std::uint32_t>(part.size());
  const std::array<std::uint8_t, 4> length = {
      static_cast<std::uint8_t>(size >> 24U), static_cast<std::uint8_t>(size >> 16U),
      static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
  crypto_auth_hmacsha256_update(&state, length.data(), length.size());
  crypto_auth_hmacsha256_update(&state, part.data(), part.size());
}

}  // namespace

events::Hash keyed_hash(const events::KeyBytes& key, std::string_view purpose,
                        std::initializer_list<ByteSpan> parts) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.span().data(), key.span().size());
  add_bounded(state, bytes_of(purpose));
  for (const ByteSpan part : parts) add_bounded(state, part);
  events::Hash hash{};
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof(state));
  return hash;
}

events::KeyBytes derive_key(const events::KeyBytes& key, std::string_view purpose) {
  events::Hash hash = keyed_hash(key, purpose, {});
  events::KeyBytes derived{hash};
  sodium_memzero(hash.data(), hash.size());
  return derived;
}

}  // namespace klasboek::vault
