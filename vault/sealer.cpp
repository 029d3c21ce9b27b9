#include "vault/sealer.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace klasboek::vault {

Sealer::Sealer(Keys& keys, const Random& random, const events::SchoolId& school,
               const events::CommandId& command, std::int64_t now_us)
    : keys_(keys), random_(random), school_(school), command_(command), now_us_(now_us) {}

std::expected<const KeyHandle*, VaultFault> Sealer::key_for(const events::SubjectRef& subject,
                                                            events::RetentionClass retention) {
  const KeyScope scope{school_, subject, retention};
  const auto used = std::ranges::find(used_, scope, &UsedKey::scope);
  if (used != used_.end()) return &used->handle;
  auto handle = keys_.key_for(scope, now_us_);
  if (!handle) return std::unexpected(handle.error());
  used_.push_back({scope, std::move(*handle)});
  return &used_.back().handle;
}

std::expected<std::uint16_t, VaultFault> Sealer::seal(const events::SubjectRef& subject,
                                                      events::RetentionClass retention,
                                                      std::string_view text) {
  assert(texts_.size() < std::numeric_limits<std::uint16_t>::max());
  const auto key = key_for(subject, retention);
  if (!key) return std::unexpected(key.error());
  const auto slot = static_cast<std::uint16_t>(texts_.size() + 1);
  const auto nonce = draw<events::kSealNonceBytes>(random_);
  texts_.push_back(
      events::seal((*key)->bytes.span(), (*key)->id, {school_, command_, slot}, nonce, text));
  return slot;
}

std::expected<std::uint16_t, VaultFault> Sealer::seal_optional(
    const events::SubjectRef& subject, events::RetentionClass retention,
    const std::optional<std::string>& text) {
  if (!text) return std::uint16_t{0};
  return seal(subject, retention, *text);
}

std::expected<Bytes, VaultFault> Sealer::fingerprint(const events::SubjectRef& subject,
                                                     events::RetentionClass retention,
                                                     std::string_view canonical_body) {
  const auto key = key_for(subject, retention);
  if (!key) return std::unexpected(key.error());
  return vault::fingerprint(**key, canonical_body);
}

std::vector<events::MintedKey> Sealer::minted() const {
  std::vector<events::MintedKey> minted;
  for (const UsedKey& used : used_) {
    if (used.handle.pending) minted.push_back(*used.handle.pending);
  }
  return minted;
}

std::vector<events::KeyId> Sealer::key_ids() const {
  std::vector<events::KeyId> ids;
  ids.reserve(used_.size());
  for (const UsedKey& used : used_) ids.push_back(used.handle.id);
  return ids;
}

}  // namespace klasboek::vault
