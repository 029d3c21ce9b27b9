#include "vault/keys.h"

#include <algorithm>
#include <utility>

#include "vault/keyed_hash.h"
#include "vault/layout.h"

namespace klasboek::vault {

namespace {

constexpr std::int64_t kUsPerMs = 1000;
constexpr std::size_t kKeyBytes = 32;
/// So many pending keys before those that nobody holds are looked for.
constexpr std::size_t kPendingSweepMin = 1024;

Bytes about_of(const KeyScope& scope) {
  Bytes about;
  LayoutWriter(about)
      .uuid(scope.school.value)
      .byte(static_cast<std::uint8_t>(scope.subject.kind))
      .uuid(scope.subject.id)
      .byte(static_cast<std::uint8_t>(scope.retention));
  return about;
}

KeyScope scope_of(ByteSpan about) {
  LayoutReader reader(about);
  KeyScope scope;
  scope.school.value = reader.uuid();
  scope.subject.kind = static_cast<events::wire::SubjectKind>(reader.byte());
  scope.subject.id = reader.uuid();
  scope.retention = static_cast<events::RetentionClass>(reader.byte());
  return scope;
}

events::KeyId id_of(const SecretRow& row) { return {LayoutReader(row.key).uuid()}; }

/// The moment in a UUIDv7.
std::int64_t minted_at_ms(const events::KeyId& id) {
  return static_cast<std::int64_t>(id.value.hi >> 16U);
}

KeyListing listing_of(const SecretRow& row) {
  const events::KeyId id = id_of(row);
  return {id, scope_of(row.about), minted_at_ms(id)};
}

std::optional<events::KeyBytes> open_key(const Wrapping& wrapping, const SecretRow& row) {
  const auto value = wrapping.open(row);
  if (!value || value->size() != kKeyBytes) return std::nullopt;
  return events::KeyBytes(value->span().first<kKeyBytes>());
}

SecretRow row_of(const Wrapping& wrapping, const events::MintedKey& key) {
  return wrapping.row(RowKind::key, bytes_of_uuid(key.id.value),
                      about_of({key.school, key.subject, key.retention}), key.bytes.span());
}

events::Hash fingerprint_hash(const events::KeyBytes& key, std::string_view canonical_body) {
  return keyed_hash(derive_key(key, "klasboek fingerprint"), "body", {bytes_of(canonical_body)});
}

}  // namespace

std::string_view name_of(UnsealFault fault) {
  switch (fault) {
    case UnsealFault::key_missing:
      return "key_missing";
    case UnsealFault::erased:
      return "erased";
    case UnsealFault::damaged:
      return "damaged";
    case UnsealFault::unavailable:
      return "unavailable";
  }
  std::unreachable();
}

Bytes fingerprint(const KeyHandle& key, std::string_view canonical_body) {
  Bytes bytes;
  LayoutWriter(bytes).uuid(key.id.value).bytes(fingerprint_hash(key.bytes, canonical_body));
  return bytes;
}

std::size_t Keys::HashScope::operator()(const KeyScope& scope) const noexcept {
  const std::hash<events::Uuid> hash;
  return hash(scope.subject.id) * 31 + hash(scope.school.value) +
         static_cast<std::size_t>(scope.retention);
}

Keys::Keys(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
           std::size_t cached_keys_max)
    : store_(store),
      writer_(writer),
      wrapping_(wrapping),
      cached_keys_max_(cached_keys_max),
      cache_(cached_keys_max),
      sweep_at_(kPendingSweepMin) {}

std::expected<KeyHandle, VaultFault> Keys::key_for(const KeyScope& scope, std::int64_t now_us) {
  if (auto known = known_key(scope)) return std::move(*known);
  // Held over the look into the store, so that no second key is minted between a first one's
  // leaving the pending ones and its being seen there.
  const std::lock_guard lock(pending_mutex_);
  auto& entry = pending_[scope];
  auto pending = entry.lock();
  if (!pending) {
    auto stored = stored_key(scope);
    if (!stored || *stored) {
      pending_.erase(scope);
      if (!stored) return std::unexpected(stored.error());
      return std::move(**stored);
    }
    pending = mint(scope, now_us);
    entry = pending;
  }
  return KeyHandle{pending->id, pending->bytes, pending};
}

std::optional<KeyHandle> Keys::known_key(const KeyScope& scope) {
  events::KeyId id;
  {
    const std::lock_guard lock(known_mutex_);
    const auto found = known_.find(scope);
    if (found == known_.end()) return std::nullopt;
    id = found->second;
  }
  auto bytes = find(id);
  if (!bytes) return std::nullopt;
  return KeyHandle{id, std::move(*bytes), nullptr};
}

std::expected<std::optional<KeyHandle>, VaultFault> Keys::stored_key(const KeyScope& scope) {
  const std::uint64_t as_of = removals_.load();
  const auto rows = store_.with_about(RowKind::key, about_of(scope));
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  // Ids begin with the time of minting: the first is the oldest.
  auto key = open_key(wrapping_, rows->front());
  if (!key) return std::unexpected(VaultFault::damaged);
  const events::KeyId id = id_of(rows->front());
  remember(scope, id, *key, as_of);
  return KeyHandle{id, std::move(*key), nullptr};
}

std::shared_ptr<const events::MintedKey> Keys::mint(const KeyScope& scope, std::int64_t now_us) {
  forget_abandoned(scope);
  auto key = std::make_shared<events::MintedKey>();
  key->id.value = events::uuid_v7(now_us / kUsPerMs, draw<10>(wrapping_.random()));
  key->school = scope.school;
  key->subject = scope.subject;
  key->retention = scope.retention;
  key->minted_at_us = now_us;
  wrapping_.random()(key->bytes.writable());
  return key;
}

void Keys::forget_abandoned(const KeyScope& but) {
  if (pending_.size() < sweep_at_) return;
  std::erase_if(pending_,
                [&](const auto& entry) { return entry.second.expired() && entry.first != but; });
  sweep_at_ = std::max(kPendingSweepMin, pending_.size() * 2);
}

void Keys::remember(const KeyScope& scope, const events::KeyId& id, const events::KeyBytes& bytes,
                    std::uint64_t as_of) {
  cache_.put(id, bytes);
  {
    const std::lock_guard lock(known_mutex_);
    if (known_.size() >= cached_keys_max_) known_.clear();
    known_.insert_or_assign(scope, id);
  }
  if (removals_.load() == as_of) return;
  cache_.drop(id);
  const std::lock_guard lock(known_mutex_);
  known_.erase(scope);
}

std::expected<events::KeyBytes, UnsealFault> Keys::find(const events::KeyId& id) {
  if (auto cached = cache_.get(id)) return std::move(*cached);
  const std::uint64_t as_of = removals_.load();
  const auto key = bytes_of_uuid(id.value);
  const auto row = store_.get(RowKind::key, key);
  if (!row) return std::unexpected(UnsealFault::unavailable);
  if (*row) {
    auto stored = open_key(wrapping_, **row);
    if (!stored) return std::unexpected(UnsealFault::damaged);
    cache_.put(id, *stored);
    if (removals_.load() != as_of) cache_.drop(id);
    return std::move(*stored);
  }
  const auto destroyed = store_.get(RowKind::destroyed_key, key);
  if (!destroyed) return std::unexpected(UnsealFault::unavailable);
  return std::unexpected(*destroyed ? UnsealFault::erased : UnsealFault::key_missing);
}

std::expected<std::string, UnsealFault> Keys::unseal(const events::SchoolId& school,
                                                     const events::CommandId& command,
                                                     const events::Sealed& sealed) {
  const auto key = find(sealed.key);
  if (!key) return std::unexpected(key.error());
  auto text = events::unseal(key->span(), school, command, sealed);
  if (!text) return std::unexpected(UnsealFault::damaged);
  return std::move(*text);
}

std::expected<bool, UnsealFault> Keys::matches(ByteSpan fingerprint,
                                               std::string_view canonical_body) {
  LayoutReader reader(fingerprint);
  const events::KeyId id{reader.uuid()};
  const auto stored = reader.bytes<std::tuple_size_v<events::Hash>>();
  if (!reader.is_whole()) return std::unexpected(UnsealFault::damaged);
  const auto key = find(id);
  if (!key) return std::unexpected(key.error());
  const auto hash = fingerprint_hash(*key, canonical_body);
  return sodium_memcmp(hash.data(), stored.data(), hash.size()) == 0;
}

std::expected<void, events::KeySinkFault> Keys::make_durable(
    std::span<const events::MintedKey> keys) {
  if (keys.empty()) return {};
  std::vector<SecretRow> rows;
  rows.reserve(keys.size());
  for (const events::MintedKey& key : keys) rows.push_back(row_of(wrapping_, key));
  if (const auto written = writer_.write(rows); !written) {
    return std::unexpected(to_key_sink_fault(written.error()));
  }
  // They are cached when they are first read: one of them may have been destroyed long ago, and
  // only the store knows.
  const std::lock_guard lock(pending_mutex_);
  for (const events::MintedKey& key : keys) {
    const auto found = pending_.find({key.school, key.subject, key.retention});
    if (found == pending_.end()) continue;
    const auto pending = found->second.lock();
    if (!pending || pending->id == key.id) pending_.erase(found);
  }
  return {};
}

std::expected<void, VaultFault> Keys::destroy(std::span<const events::KeyId> ids) {
  std::vector<SecretRow> rows;
  for (const events::KeyId& id : ids) {
    const Bytes key = bytes_of_uuid(id.value);
    const auto destroyed = store_.get(RowKind::destroyed_key, key);
    if (!destroyed) return std::unexpected(destroyed.error());
    if (*destroyed) continue;
    rows.push_back(removal_of(RowKind::key, key));
    rows.push_back(wrapping_.row(RowKind::destroyed_key, key, {}, {}));
  }
  if (!rows.empty()) {
    if (const auto written = writer_.write(rows); !written) return written;
  }
  return store_.scrub();
}

std::expected<std::vector<KeyListing>, VaultFault> Keys::of_subject(
    const events::SchoolId& school, const events::SubjectRef& subject) {
  std::vector<KeyListing> listings;
  for (const events::RetentionClass retention : events::kRetentionClasses) {
    const auto rows = store_.with_about(RowKind::key, about_of({school, subject, retention}));
    if (!rows) return std::unexpected(rows.error());
    for (const SecretRow& row : *rows) listings.push_back(listing_of(row));
  }
  return listings;
}

std::expected<std::vector<KeyListing>, VaultFault> Keys::all() {
  const auto rows = store_.with_key_prefix(RowKind::key, {});
  if (!rows) return std::unexpected(rows.error());
  std::vector<KeyListing> listings;
  listings.reserve(rows->size());
  for (const SecretRow& row : *rows) listings.push_back(listing_of(row));
  return listings;
}

void Keys::on_applied(std::span<const SecretRow> rows) {
  for (const SecretRow& row : rows) {
    const bool is_gone =
        row.kind == RowKind::destroyed_key || (row.kind == RowKind::key && row.is_removal());
    if (!is_gone) continue;
    removals_.fetch_add(1);
    cache_.drop(id_of(row));
    const std::lock_guard lock(known_mutex_);
    known_.clear();
  }
}

}  // namespace klasboek::vault
