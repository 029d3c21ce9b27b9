#include "vault/wrapping.h"

#include <algorithm>
#include <string_view>

#include "vault/keyed_hash.h"

namespace klasboek::vault {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kNonceAt = 1 + std::tuple_size_v<MasterKeyId>;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kCipherAt = kNonceAt + kNonceBytes;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::string_view kTag = "KBV1";

void add_bounded(Bytes& out, ByteSpan part) {
  const auto size = static_cast<std::uint16_t>(part.size());
  out.push_back(static_cast<std::uint8_t>(size >> 8U));
  out.push_back(static_cast<std::uint8_t>(size & 0xFFU));
  out.insert(out.end(), part.begin(), part.end());
}

Bytes associated_bytes(RowKind kind, ByteSpan key, ByteSpan about) {
  Bytes bytes(kTag.begin(), kTag.end());
  bytes.reserve(kTag.size() + 5 + key.size() + about.size());
  bytes.push_back(static_cast<std::uint8_t>(kind));
  add_bounded(bytes, key);
  add_bounded(bytes, about);
  return bytes;
}

}  // namespace

MasterKeyId id_of(const MasterKey& master) {
  const events::Hash hash = keyed_hash(master.bytes, "klasboek master key id", {});
  MasterKeyId id{};
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

Wrapping::Wrapping(const MasterKey& master, Random random)
    : wrap_key_(derive_key(master.bytes, "klasboek wrapping")),
      master_id_(id_of(master)),
      random_(std::move(random)) {}

SecretRow Wrapping::row(RowKind kind, Bytes key, Bytes about, ByteSpan value) const {
  const Bytes associated = associated_bytes(kind, key, about);
  Bytes wrapped(kCipherAt + value.size() + kTagBytes);
  wrapped[0] = kFormat;
  std::ranges::copy(master_id_, wrapped.begin() + 1);
  const std::span<std::uint8_t> nonce(&wrapped[kNonceAt], kNonceBytes);
  random_(nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(&wrapped[kCipherAt], nullptr, value.data(),
                                             value.size(), associated.data(), associated.size(),
                                             nullptr, nonce.data(), wrap_key_.span().data());
  return {kind, std::move(key), std::move(about), std::move(wrapped)};
}

std::optional<SecretBytes> Wrapping::open(const SecretRow& row) const {
  const Bytes& wrapped = row.value;
  if (wrapped.size() < kCipherAt + kTagBytes || wrapped[0] != kFormat) return std::nullopt;
  if (!is_ours(row)) return std::nullopt;
  const Bytes associated = associated_bytes(row.kind, row.key, row.about);
  SecretBytes value(wrapped.size() - kCipherAt - kTagBytes);
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
      value.writable().data(), nullptr, nullptr, &wrapped[kCipherAt], wrapped.size() - kCipherAt,
      associated.data(), associated.size(), &wrapped[kNonceAt], wrap_key_.span().data());
  if (refused != 0) return std::nullopt;
  return value;
}

bool Wrapping::is_ours(const SecretRow& row) const {
  return row.value.size() >= kNonceAt &&
         std::ranges::equal(master_id_, ByteSpan(row.value).subspan(1, master_id_.size()));
}

}  // namespace klasboek::vault
