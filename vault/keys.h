#pragma once
// The keys of sealed text: one per subject and retention class, minted when first needed.
//
// A new key lives in memory only until the log makes it durable just before it appends the commit.
// Commands that need a key for the same new subject at the same moment on one node share the one
// that is pending: each brings it to make_durable, which takes it once. On two nodes each may mint
// its own; then both are durable and both open what they sealed, new texts are sealed under the
// older, and all of them are listed when the subject is erased. A pending key that no command holds
// any more is forgotten.
#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/key_sink.h"
#include "events/sealing.h"
#include "vault/key_cache.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

/// Which key: a subject's texts of one class in one school.
struct KeyScope {
  events::SchoolId school;
  events::SubjectRef subject;
  events::RetentionClass retention = events::RetentionClass::identity_attendance;
  auto operator<=>(const KeyScope&) const = default;
};

/// A key to seal with.
struct KeyHandle {
  events::KeyId id;
  events::KeyBytes bytes;
  /// Set while it isn't durable: goes with the commit to the log.
  std::shared_ptr<const events::MintedKey> pending;
};

/// Why a sealed text can't be read.
enum class UnsealFault : std::uint8_t {
  key_missing,  // lost, or not here yet: never to be shown as erased
  erased,       // its key was destroyed on purpose
  damaged,      // text or key isn't what was written, or the text was moved
  unavailable   // the vault couldn't be read just now
};
std::string_view name_of(UnsealFault fault);

struct KeyListing {
  events::KeyId id;
  KeyScope scope;
  std::int64_t minted_at_ms = 0;
};

/// The bytes of a fingerprint in a commit: the key's id (16) and the keyed hash (32).
inline constexpr std::size_t kFingerprintBytes = 48;
/// HMAC of a request's canonical body under a key derived from the handle's.
Bytes fingerprint(const KeyHandle& key, std::string_view canonical_body);

/// Thread-safe.
class Keys final : public events::KeySink {
 public:
  /// REQUIRES: store, writer and wrapping outlive it.
  Keys(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
       std::size_t cached_keys_max);

  /// The key to seal with: the oldest there is, or a new one that is pending.
  std::expected<KeyHandle, VaultFault> key_for(const KeyScope& scope, std::int64_t now_us);

  /// A durable key.
  std::expected<events::KeyBytes, UnsealFault> find(const events::KeyId& id);

  /// The text, as sealed by this command in this school.
  std::expected<std::string, UnsealFault> unseal(const events::SchoolId& school,
                                                 const events::CommandId& command,
                                                 const events::Sealed& sealed);

  /// Whether a fingerprint was made of this body. erased: it can't be told any more, and isn't
  /// compared.
  std::expected<bool, UnsealFault> matches(ByteSpan fingerprint, std::string_view canonical_body);

  std::expected<void, events::KeySinkFault> make_durable(
      std::span<const events::MintedKey> keys) override;

  /// Wipes them from memory and disk and remembers that they are gone for good, also those that
  /// never were here. busy: done, but remains may be in the write-ahead log; ask again.
  std::expected<void, VaultFault> destroy(std::span<const events::KeyId> ids);

  /// All keys of a subject, of every class: what an erasure lists.
  std::expected<std::vector<KeyListing>, VaultFault> of_subject(const events::SchoolId& school,
                                                                const events::SubjectRef& subject);
  /// Every key there is.
  std::expected<std::vector<KeyListing>, VaultFault> all();

  /// Rows that were written, by this node or another.
  void on_applied(std::span<const SecretRow> rows);

 private:
  struct HashScope {
    std::size_t operator()(const KeyScope& scope) const noexcept;
  };

  std::optional<KeyHandle> known_key(const KeyScope& scope);
  std::expected<std::optional<KeyHandle>, VaultFault> stored_key(const KeyScope& scope);
  // Both with pending_mutex_ held.
  std::shared_ptr<const events::MintedKey> mint(const KeyScope& scope, std::int64_t now_us);
  void forget_abandoned(const KeyScope& but);
  void remember(const KeyScope& scope, const events::KeyId& id, const events::KeyBytes& bytes,
                std::uint64_t as_of);

  SecretStore& store_;
  SecretWriter& writer_;
  const Wrapping& wrapping_;
  const std::size_t cached_keys_max_;
  KeyCache cache_;
  /// Rises whenever keys went; what was read before mustn't be cached after.
  std::atomic<std::uint64_t> removals_{0};

  std::mutex known_mutex_;
  std::unordered_map<KeyScope, events::KeyId, HashScope> known_;

  std::mutex pending_mutex_;
  std::unordered_map<KeyScope, std::weak_ptr<const events::MintedKey>, HashScope> pending_;
  std::size_t sweep_at_;
};

}  // namespace klasboek::vault
