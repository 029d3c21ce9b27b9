#pragma once
// One-time codes (TOTP, RFC 6238): six digits for each half minute, from a secret that the vault
// and the person's telephone share. HMAC-SHA-1, as every authenticator can.
#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>

#include "vault/logins.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

inline constexpr std::int64_t kCodeStepUs = 30LL * 1'000'000;
inline constexpr int kCodeDigits = 6;
/// A code of so many steps before or after now is taken: clocks differ, and people type slowly.
inline constexpr std::int64_t kCodeStepsAround = 1;
inline constexpr std::size_t kCodeSecretBytes = 20;

/// RFC 4226, 5.3: that many digits, with zeroes in front.
std::string hotp(ByteSpan secret, std::uint64_t counter, int digits);
/// RFC 6238 with a step of 30 s since 1970.
std::string totp(ByteSpan secret, std::int64_t now_us, int digits = kCodeDigits);
/// RFC 4648, 6, without padding: as authenticators take secrets.
std::string base32(ByteSpan bytes);

enum class CodeVerdict : std::uint8_t {
  right,
  /// Not the code, or one that was used already.
  wrong,
  /// The identity has no secret that was confirmed.
  not_set
};

/// Thread-safe.
class OneTimeCodes {
 public:
  /// REQUIRES: store, writer and wrapping outlive it.
  OneTimeCodes(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping);

  std::expected<bool, VaultFault> is_set(IdentityId identity);
  /// A new secret, in base32, that counts once it was confirmed; until then one that was confirmed
  /// before goes on.
  std::expected<std::string, VaultFault> propose(IdentityId identity);
  /// right: the proposed secret counts from now on, and another one doesn't any more.
  std::expected<CodeVerdict, VaultFault> confirm(IdentityId identity, std::string_view code,
                                                 std::int64_t now_us);
  /// right: once. A code that is taken, and every one before it, isn't taken again.
  std::expected<CodeVerdict, VaultFault> use(IdentityId identity, std::string_view code,
                                             std::int64_t now_us);
  std::expected<void, VaultFault> remove(IdentityId identity);

 private:
  struct Kept;
  std::expected<Kept, VaultFault> load(IdentityId identity);
  std::expected<void, VaultFault> keep(IdentityId identity, const Kept& kept);

  SecretStore& store_;
  SecretWriter& writer_;
  const Wrapping& wrapping_;
  /// From reading what was used last to writing it, so that two don't use one code on this node.
  /// On another node it counts as used once the row is there.
  std::mutex mutex_;
};

}  // namespace klasboek::vault
