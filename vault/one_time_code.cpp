#include "vault/one_time_code.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "vault/layout.h"

namespace klasboek::vault {

namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kSha1Bytes = 20;

std::array<std::uint8_t, kSha1Bytes> hmac_sha1(ByteSpan key, ByteSpan message) {
  std::array<std::uint8_t, kSha1Bytes> mac{};
  unsigned size = 0;
  const auto* made = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(),
                          message.size(), mac.data(), &size);
  // It fails where memory or OpenSSL's own provider is missing, and then nothing can go on.
  if (made == nullptr || size != mac.size()) std::abort();
  return mac;
}

std::int64_t step_of(std::int64_t now_us) { return now_us / kCodeStepUs; }

/// The step whose code it is, near now and after the last one that was used.
std::optional<std::int64_t> step_with(ByteSpan secret, std::string_view code, std::int64_t now_us,
                                      std::int64_t used_step) {
  std::optional<std::int64_t> found;
  for (auto away = -kCodeStepsAround; away <= kCodeStepsAround; ++away) {
    const auto step = step_of(now_us) + away;
    const auto right = hotp(secret, static_cast<std::uint64_t>(step), kCodeDigits);
    const bool is_same =
        right.size() == code.size() && sodium_memcmp(right.data(), code.data(), code.size()) == 0;
    if (is_same && step > used_step) found = step;
  }
  return found;
}

}  // namespace

/// What a row wraps:
///    0   1  format, 1
///    1   8  the last step whose code was used
///    9   1  whether there is a secret that counts, and its 20 bytes, or zeroes
///   30   1  whether there is a proposed one, and its 20 bytes, or zeroes
struct OneTimeCodes::Kept {
  std::int64_t used_step = 0;
  std::optional<std::array<std::uint8_t, kCodeSecretBytes>> secret;
  std::optional<std::array<std::uint8_t, kCodeSecretBytes>> proposed;
};

std::string hotp(ByteSpan secret, std::uint64_t counter, int digits) {
  Bytes message;
  LayoutWriter(message).number(counter);
  const auto mac = hmac_sha1(secret, message);
  const std::size_t at = mac.back() & 0x0FU;
  std::uint32_t number = mac[at] & 0x7FU;
  for (std::size_t i = 1; i < 4; ++i) number = number << 8U | mac[at + i];
  std::string text;
  for (int i = 0; i < digits; ++i, number /= 10) {
    text.insert(text.begin(), static_cast<char>('0' + number % 10));
  }
  return text;
}

std::string totp(ByteSpan secret, std::int64_t now_us, int digits) {
  return hotp(secret, static_cast<std::uint64_t>(step_of(now_us)), digits);
}

std::string base32(ByteSpan bytes) {
  std::string text;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = held << 8U | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[(held >> (bits - 5)) & 0x1FU];
  }
  if (bits > 0) text += kBase32[(held << (5 - bits)) & 0x1FU];
  return text;
}

OneTimeCodes::OneTimeCodes(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping)
    : store_(store), writer_(writer), wrapping_(wrapping) {}

std::expected<OneTimeCodes::Kept, VaultFault> OneTimeCodes::load(IdentityId identity) {
  const auto row = store_.get(RowKind::one_time_code, bytes_of_uuid(identity.value));
  if (!row) return std::unexpected(row.error());
  Kept kept;
  if (!*row) return kept;
  const auto value = wrapping_.open(**row);
  if (!value) return std::unexpected(VaultFault::damaged);
  LayoutReader reader(value->span());
  const auto format = reader.byte();
  kept.used_step = static_cast<std::int64_t>(reader.number());
  const bool has_secret = reader.byte() != 0;
  const auto secret = reader.bytes<kCodeSecretBytes>();
  const bool has_proposed = reader.byte() != 0;
  const auto proposed = reader.bytes<kCodeSecretBytes>();
  if (format != kFormat || !reader.is_whole()) return std::unexpected(VaultFault::damaged);
  if (has_secret) kept.secret = secret;
  if (has_proposed) kept.proposed = proposed;
  return kept;
}

std::expected<void, VaultFault> OneTimeCodes::keep(IdentityId identity, const Kept& kept) {
  constexpr std::array<std::uint8_t, kCodeSecretBytes> kNone{};
  SecretBytes value(1 + 8 + 2 * (1 + kCodeSecretBytes));
  Bytes bytes;
  bytes.reserve(value.size());
  LayoutWriter(bytes)
      .byte(kFormat)
      .number(static_cast<std::uint64_t>(kept.used_step))
      .byte(kept.secret ? 1 : 0)
      .bytes(kept.secret.value_or(kNone))
      .byte(kept.proposed ? 1 : 0)
      .bytes(kept.proposed.value_or(kNone));
  std::ranges::copy(bytes, value.writable().begin());
  sodium_memzero(bytes.data(), bytes.size());
  const SecretRow row =
      wrapping_.row(RowKind::one_time_code, bytes_of_uuid(identity.value), {}, value.span());
  return writer_.write({&row, 1});
}

std::expected<bool, VaultFault> OneTimeCodes::is_set(IdentityId identity) {
  const auto now = load(identity);
  if (!now) return std::unexpected(now.error());
  return now->secret.has_value();
}

std::expected<std::string, VaultFault> OneTimeCodes::propose(IdentityId identity) {
  const std::scoped_lock lock(mutex_);
  auto now = load(identity);
  if (!now) return std::unexpected(now.error());
  now->proposed = draw<kCodeSecretBytes>(wrapping_.random());
  if (const auto written = keep(identity, *now); !written) return std::unexpected(written.error());
  return base32(*now->proposed);
}

std::expected<CodeVerdict, VaultFault> OneTimeCodes::confirm(IdentityId identity,
                                                             std::string_view code,
                                                             std::int64_t now_us) {
  const std::scoped_lock lock(mutex_);
  auto now = load(identity);
  if (!now) return std::unexpected(now.error());
  if (!now->proposed) return CodeVerdict::not_set;
  const auto step = step_with(*now->proposed, code, now_us, 0);
  if (!step) return CodeVerdict::wrong;
  now->secret = std::exchange(now->proposed, std::nullopt);
  now->used_step = *step;
  if (const auto written = keep(identity, *now); !written) return std::unexpected(written.error());
  return CodeVerdict::right;
}

std::expected<CodeVerdict, VaultFault> OneTimeCodes::use(IdentityId identity, std::string_view code,
                                                         std::int64_t now_us) {
  const std::scoped_lock lock(mutex_);
  auto now = load(identity);
  if (!now) return std::unexpected(now.error());
  if (!now->secret) return CodeVerdict::not_set;
  const auto step = step_with(*now->secret, code, now_us, now->used_step);
  if (!step) return CodeVerdict::wrong;
  now->used_step = *step;
  if (const auto written = keep(identity, *now); !written) return std::unexpected(written.error());
  return CodeVerdict::right;
}

std::expected<void, VaultFault> OneTimeCodes::remove(IdentityId identity) {
  const std::scoped_lock lock(mutex_);
  const SecretRow row = removal_of(RowKind::one_time_code, bytes_of_uuid(identity.value));
  if (const auto written = writer_.write({&row, 1}); !written) return written;
  return store_.scrub();
}

}  // namespace klasboek::vault
