#pragma once
// Seals the texts of one command, before anything is decided about it.
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/sealing.h"
#include "vault/keys.h"

namespace klasboek::vault {

/// Used by one thread, once: made for a command, asked to seal each of its texts, then read. Keep
/// it until the commit is appended or given up: new keys live as long as it does.
class Sealer {
 public:
  /// REQUIRES: keys and random outlive it.
  Sealer(Keys& keys, const Random& random, const events::SchoolId& school,
         const events::CommandId& command, std::int64_t now_us);

  /// The number by which the command names the text, from 1.
  /// REQUIRES: fewer than 65,535 texts.
  std::expected<std::uint16_t, VaultFault> seal(const events::SubjectRef& subject,
                                                events::RetentionClass retention,
                                                std::string_view text);
  /// The same; 0, which names no text, where there is none.
  std::expected<std::uint16_t, VaultFault> seal_optional(const events::SubjectRef& subject,
                                                         events::RetentionClass retention,
                                                         const std::optional<std::string>& text);

  /// Of the request's canonical body, under a key derived from the subject's; for the commit.
  std::expected<Bytes, VaultFault> fingerprint(const events::SubjectRef& subject,
                                               events::RetentionClass retention,
                                               std::string_view canonical_body);

  /// In the order of their numbers.
  [[nodiscard]] const std::vector<events::Sealed>& texts() const { return texts_; }
  /// What the log has to make durable before it appends.
  [[nodiscard]] std::vector<events::MintedKey> minted() const;
  /// Every key used, once each: the commit is conditioned on the stream of each at version 0.
  [[nodiscard]] std::vector<events::KeyId> key_ids() const;

 private:
  struct UsedKey {
    KeyScope scope;
    KeyHandle handle;
  };
  std::expected<const KeyHandle*, VaultFault> key_for(const events::SubjectRef& subject,
                                                      events::RetentionClass retention);

  Keys& keys_;
  const Random& random_;
  events::SchoolId school_;
  events::CommandId command_;
  std::int64_t now_us_;
  std::vector<UsedKey> used_;
  std::vector<events::Sealed> texts_;
};

}  // namespace klasboek::vault
