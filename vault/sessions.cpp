#include "vault/sessions.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>

#include "vault/keyed_hash.h"
#include "vault/layout.h"

namespace klasboek::vault {

namespace {

constexpr std::string_view kTokenPrefix = "kbs_";
constexpr std::uint8_t kByPassword = 1;
constexpr std::uint8_t kWithCode = 2;
constexpr std::size_t kSignedBytes = 41;
constexpr std::size_t kTokenBytes = kSignedBytes + std::tuple_size_v<events::Hash>;
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kBase64Characters = (kTokenBytes * 4 + 2) / 3;
constexpr std::int64_t kUsPerMs = 1000;

events::Hash mac_of(const events::KeyBytes& key, ByteSpan signed_bytes) {
  return keyed_hash(key, "session", {signed_bytes});
}

std::string encode(const Bytes& bytes) {
  // One more for the zero that libsodium writes at the end.
  std::string text(kBase64Characters + 1, '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kBase64);
  text.pop_back();
  return std::string(kTokenPrefix) + text;
}

std::optional<Bytes> decode(std::string_view token) {
  if (!token.starts_with(kTokenPrefix)) return std::nullopt;
  const std::string_view text = token.substr(kTokenPrefix.size());
  if (text.size() != kBase64Characters) return std::nullopt;
  Bytes bytes(kTokenBytes);
  std::size_t size = 0;
  const int refused = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(),
                                        nullptr, &size, nullptr, kBase64);
  if (refused != 0 || size != kTokenBytes) return std::nullopt;
  // libsodium lets other spellings of the last bits pass; a session has one token.
  if (encode(bytes) != token) return std::nullopt;
  return bytes;
}

}  // namespace

std::string_view name_of(SessionFault fault) {
  switch (fault) {
    case SessionFault::not_a_token:
      return "not_a_token";
    case SessionFault::expired:
      return "expired";
    case SessionFault::denied:
      return "denied";
  }
  std::unreachable();
}

Sessions::Sessions(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
                   const events::KeyBytes& session_key)
    : store_(store), writer_(writer), wrapping_(wrapping), session_key_(session_key) {}

std::expected<void, VaultFault> Sessions::load() {
  const auto rows = store_.with_key_prefix(RowKind::denied_session, {});
  if (!rows) return std::unexpected(rows.error());
  for (const SecretRow& row : *rows) note(row);
  return {};
}

std::string Sessions::issue(IdentityId identity, std::int64_t now_us, const Random& random,
                            bool with_code) const {
  const SessionId id{events::uuid_v7(now_us / kUsPerMs, draw<10>(random))};
  Bytes bytes;
  LayoutWriter writer(bytes);
  writer.byte(with_code ? kWithCode : kByPassword)
      .uuid(identity.value)
      .uuid(id.value)
      .number(static_cast<std::uint64_t>(now_us));
  writer.bytes(mac_of(session_key_, bytes));
  return encode(bytes);
}

std::expected<Session, SessionFault> Sessions::read(std::string_view token,
                                                    std::int64_t now_us) const {
  const auto bytes = decode(token);
  if (!bytes) return std::unexpected(SessionFault::not_a_token);
  const auto mac = mac_of(session_key_, ByteSpan(*bytes).first(kSignedBytes));
  LayoutReader reader(*bytes);
  const std::uint8_t format = reader.byte();
  Session session;
  session.identity.value = reader.uuid();
  session.id.value = reader.uuid();
  session.issued_at_us = static_cast<std::int64_t>(reader.number());
  session.with_code = format == kWithCode;
  const auto given_mac = reader.bytes<std::tuple_size_v<events::Hash>>();
  if (sodium_memcmp(mac.data(), given_mac.data(), mac.size()) != 0 ||
      (format != kByPassword && format != kWithCode)) {
    return std::unexpected(SessionFault::not_a_token);
  }
  if (session.issued_at_us > now_us + kSessionClockSkewUs) {
    return std::unexpected(SessionFault::not_a_token);
  }
  if (now_us - session.issued_at_us >= kSessionLifetimeUs) {
    return std::unexpected(SessionFault::expired);
  }
  const std::shared_lock lock(mutex_);
  if (denied_.contains(session.id)) return std::unexpected(SessionFault::denied);
  return session;
}

std::vector<SecretRow> Sessions::denial_of(const Session& session) const {
  Bytes ends_at;
  LayoutWriter(ends_at).number(
      static_cast<std::uint64_t>(session.issued_at_us + kSessionLifetimeUs));
  return {wrapping_.row(RowKind::denied_session, bytes_of_uuid(session.id.value), {}, ends_at),
          removal_of(RowKind::session, bytes_of_uuid(session.id.value))};
}

std::expected<void, VaultFault> Sessions::deny(const Session& session) {
  return writer_.write(denial_of(session));
}

std::expected<void, VaultFault> Sessions::deny_all(IdentityId identity, std::int64_t now_us) {
  const auto list = remembered(identity, now_us);
  if (!list) return std::unexpected(list.error());
  std::vector<SecretRow> rows;
  for (const auto& one : *list) std::ranges::copy(denial_of(one.session), std::back_inserter(rows));
  if (rows.empty()) return {};
  return writer_.write(rows);
}

std::expected<void, VaultFault> Sessions::remember(const Session& session, std::string_view label) {
  Bytes value;
  LayoutWriter(value)
      .number(static_cast<std::uint64_t>(session.issued_at_us))
      .bytes(bytes_of(label.substr(0, kSessionLabelBytesMax)));
  const SecretRow row = wrapping_.row(RowKind::session, bytes_of_uuid(session.id.value),
                                      bytes_of_uuid(session.identity.value), value);
  return writer_.write({&row, 1});
}

std::expected<std::vector<RememberedSession>, VaultFault> Sessions::remembered(
    IdentityId identity, std::int64_t now_us) {
  const auto rows = store_.with_about(RowKind::session, bytes_of_uuid(identity.value));
  if (!rows) return std::unexpected(rows.error());
  std::vector<RememberedSession> list;
  for (const SecretRow& row : *rows) {
    const auto value = wrapping_.open(row);
    if (!value) return std::unexpected(VaultFault::damaged);
    LayoutReader reader(value->span());
    RememberedSession one;
    one.session.identity = identity;
    one.session.id.value = LayoutReader(row.key).uuid();
    one.session.issued_at_us = static_cast<std::int64_t>(reader.number());
    const auto label = reader.rest();
    one.label.assign(label.begin(), label.end());
    if (now_us - one.session.issued_at_us < kSessionLifetimeUs) list.push_back(std::move(one));
  }
  return list;
}

std::expected<void, VaultFault> Sessions::forget_expired(std::int64_t now_us) {
  std::vector<SecretRow> removals;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, ends_at_us] : denied_) {
      if (ends_at_us > now_us) continue;
      removals.push_back(removal_of(RowKind::denied_session, bytes_of_uuid(id.value)));
    }
  }
  const auto listed = store_.with_key_prefix(RowKind::session, {});
  if (!listed) return std::unexpected(listed.error());
  for (const SecretRow& row : *listed) {
    const auto value = wrapping_.open(row);
    if (!value) continue;
    const auto issued_at_us = static_cast<std::int64_t>(LayoutReader(value->span()).number());
    if (now_us - issued_at_us >= kSessionLifetimeUs) {
      removals.push_back(removal_of(RowKind::session, row.key));
    }
  }
  if (removals.empty()) return {};
  return writer_.write(removals);
}

void Sessions::note(const SecretRow& row) {
  const SessionId id{LayoutReader(row.key).uuid()};
  if (row.is_removal()) {
    const std::lock_guard lock(mutex_);
    denied_.erase(id);
    return;
  }
  const auto value = wrapping_.open(row);
  // A row that can't be read denies all the same, and stays.
  const auto ends_at_us = value ? static_cast<std::int64_t>(LayoutReader(value->span()).number())
                                : std::numeric_limits<std::int64_t>::max();
  const std::lock_guard lock(mutex_);
  denied_.insert_or_assign(id, ends_at_us);
}

void Sessions::on_applied(std::span<const SecretRow> rows) {
  for (const SecretRow& row : rows) {
    if (row.kind == RowKind::denied_session) note(row);
  }
}

}  // namespace klasboek::vault
