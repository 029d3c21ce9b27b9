#include "vault/wrapping.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <vector>

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

struct Wrapping::Ring {
  struct Entry {
    MasterKeyId id{};
    events::KeyBytes wrap_key;
  };
  mutable std::shared_mutex mutex;
  std::vector<Entry> entries;
  std::size_t current = 0;

  /// With the mutex held. nullptr where the bytes name none that is known.
  [[nodiscard]] const Entry* find(ByteSpan id) const {
    const auto found = std::ranges::find_if(
        entries, [&](const Entry& entry) { return std::ranges::equal(entry.id, id); });
    return found == entries.end() ? nullptr : &*found;
  }
};

namespace {

ByteSpan id_in(const SecretRow& row) {
  const ByteSpan wrapped(row.value);
  return wrapped.size() < kNonceAt ? ByteSpan()
                                   : wrapped.subspan(1, std::tuple_size_v<MasterKeyId>);
}

}  // namespace

Wrapping::Wrapping(const MasterKey& master, Random random)
    : ring_(std::make_shared<Ring>()), random_(std::move(random)) {
  also_open(master);
}

void Wrapping::also_open(const MasterKey& master) {
  const auto id = id_of(master);
  const std::unique_lock lock(ring_->mutex);
  if (ring_->find(id) != nullptr) return;
  ring_->entries.push_back({id, derive_key(master.bytes, "klasboek wrapping")});
}

bool Wrapping::opens(const MasterKeyId& id) const {
  const std::shared_lock lock(ring_->mutex);
  return ring_->find(id) != nullptr;
}

void Wrapping::wrap_with(const MasterKeyId& id) {
  const std::unique_lock lock(ring_->mutex);
  const auto* entry = ring_->find(id);
  assert(entry != nullptr);
  ring_->current = static_cast<std::size_t>(entry - ring_->entries.data());
}

MasterKeyId Wrapping::master_id() const {
  const std::shared_lock lock(ring_->mutex);
  return ring_->entries[ring_->current].id;
}

SecretRow Wrapping::row(RowKind kind, Bytes key, Bytes about, ByteSpan value) const {
  const Bytes associated = associated_bytes(kind, key, about);
  Bytes wrapped(kCipherAt + value.size() + kTagBytes);
  wrapped[0] = kFormat;
  const std::span<std::uint8_t> nonce(&wrapped[kNonceAt], kNonceBytes);
  random_(nonce);
  const std::shared_lock lock(ring_->mutex);
  const auto& current = ring_->entries[ring_->current];
  std::ranges::copy(current.id, wrapped.begin() + 1);
  crypto_aead_xchacha20poly1305_ietf_encrypt(&wrapped[kCipherAt], nullptr, value.data(),
                                             value.size(), associated.data(), associated.size(),
                                             nullptr, nonce.data(), current.wrap_key.span().data());
  return {kind, std::move(key), std::move(about), std::move(wrapped)};
}

std::optional<SecretBytes> Wrapping::open(const SecretRow& row) const {
  const Bytes& wrapped = row.value;
  if (wrapped.size() < kCipherAt + kTagBytes || wrapped[0] != kFormat) return std::nullopt;
  const Bytes associated = associated_bytes(row.kind, row.key, row.about);
  SecretBytes value(wrapped.size() - kCipherAt - kTagBytes);
  const std::shared_lock lock(ring_->mutex);
  const auto* entry = ring_->find(id_in(row));
  if (entry == nullptr) return std::nullopt;
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
      value.writable().data(), nullptr, nullptr, &wrapped[kCipherAt], wrapped.size() - kCipherAt,
      associated.data(), associated.size(), &wrapped[kNonceAt], entry->wrap_key.span().data());
  if (refused != 0) return std::nullopt;
  return value;
}

bool Wrapping::is_ours(const SecretRow& row) const {
  const std::shared_lock lock(ring_->mutex);
  return ring_->find(id_in(row)) != nullptr;
}

bool Wrapping::is_current(const SecretRow& row) const {
  return std::ranges::equal(master_id(), id_in(row));
}

}  // namespace klasboek::vault
