#include "vault/logins.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vault/email.h"
#include "vault/keyed_hash.h"
#include "vault/layout.h"

namespace klasboek::vault {

namespace {

Bytes bytes_of_membership(const Membership& membership) {
  Bytes bytes;
  LayoutWriter(bytes).uuid(membership.school.value).uuid(membership.account.value);
  return bytes;
}

Membership membership_of(LayoutReader& reader) {
  Membership membership;
  membership.school.value = reader.uuid();
  membership.account.value = reader.uuid();
  return membership;
}

Bytes bytes_of_command(const events::CommandId& command) {
  return {command.begin(), command.end()};
}

IdentityId identity_in(const SecretRow& row) { return {LayoutReader(row.about).uuid()}; }

/// What prepared_login wraps: school, account, and a password's hash where a first one is set.
struct Preparation {
  Membership membership;
  ByteSpan hash;
};
Preparation parse_preparation(ByteSpan value) {
  LayoutReader reader(value);
  Preparation preparation;
  preparation.membership = membership_of(reader);
  preparation.hash = reader.rest();
  return preparation;
}

LoginFault login_fault(PasswordFault fault) {
  switch (fault) {
    case PasswordFault::too_short:
      return LoginFault::password_too_short;
    case PasswordFault::too_long:
      return LoginFault::password_too_long;
    case PasswordFault::leaked:
      return LoginFault::password_leaked;
    case PasswordFault::not_text:
    case PasswordFault::none:
      break;
  }
  return LoginFault::password_not_text;
}

constexpr auto kUnavailable = std::unexpected(LoginFault::unavailable);

}  // namespace

std::string_view name_of(LoginFault fault) {
  switch (fault) {
    case LoginFault::not_an_email:
      return "not_an_email";
    case LoginFault::password_too_short:
      return "password_too_short";
    case LoginFault::password_too_long:
      return "password_too_long";
    case LoginFault::password_not_text:
      return "password_not_text";
    case LoginFault::password_leaked:
      return "password_leaked";
    case LoginFault::wrong_password:
      return "wrong_password";
    case LoginFault::not_prepared:
      return "not_prepared";
    case LoginFault::prepared_otherwise:
      return "prepared_otherwise";
    case LoginFault::overloaded:
      return "overloaded";
    case LoginFault::unavailable:
      return "unavailable";
  }
  std::unreachable();
}

Logins::Logins(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
               PasswordHashing& hashing, const events::KeyBytes& pepper)
    : store_(store), writer_(writer), wrapping_(wrapping), hashing_(hashing), pepper_(pepper) {}

std::optional<IdentityId> Logins::identity_of(std::string_view email) const {
  const auto normal = normalise_email(email);
  if (!normal) return std::nullopt;
  const events::Hash hash = keyed_hash(pepper_, "identity", {bytes_of(*normal)});
  return IdentityId{events::uuid_v8(std::span(hash).first<16>())};
}

std::expected<void, VaultFault> Logins::join(IdentityId identity, const Membership& membership) {
  const SecretRow row = wrapping_.row(RowKind::membership, bytes_of_membership(membership),
                                      bytes_of_uuid(identity.value), {});
  return writer_.write({&row, 1});
}

std::expected<void, VaultFault> Logins::leave(const Membership& membership) {
  const auto identity = identity_of(membership);
  if (!identity) return std::unexpected(identity.error());
  if (!*identity) return {};
  const auto memberships = memberships_of(**identity);
  if (!memberships) return std::unexpected(memberships.error());
  std::vector<SecretRow> rows{removal_of(RowKind::membership, bytes_of_membership(membership))};
  if (memberships->size() == 1) {
    rows.push_back(removal_of(RowKind::login, bytes_of_uuid((*identity)->value)));
    rows.push_back(removal_of(RowKind::one_time_code, bytes_of_uuid((*identity)->value)));
  }
  if (const auto written = writer_.write(rows); !written) return written;
  return store_.scrub();
}

std::expected<std::vector<Membership>, VaultFault> Logins::memberships_of(IdentityId identity) {
  const auto rows = store_.with_about(RowKind::membership, bytes_of_uuid(identity.value));
  if (!rows) return std::unexpected(rows.error());
  std::vector<Membership> memberships;
  for (const SecretRow& row : *rows) {
    if (!wrapping_.open(row)) return std::unexpected(VaultFault::damaged);
    LayoutReader reader(row.key);
    memberships.push_back(membership_of(reader));
  }
  return memberships;
}

std::expected<std::optional<IdentityId>, VaultFault> Logins::identity_of(
    const Membership& membership) {
  const auto row = store_.get(RowKind::membership, bytes_of_membership(membership));
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  if (!wrapping_.open(**row)) return std::unexpected(VaultFault::damaged);
  return identity_in(**row);
}

std::expected<bool, VaultFault> Logins::has_password(IdentityId identity) {
  const auto row = store_.get(RowKind::login, bytes_of_uuid(identity.value));
  if (!row) return std::unexpected(row.error());
  return row->has_value();
}

std::expected<IdentityId, LoginFault> Logins::prepare_password(const events::CommandId& command,
                                                               std::string_view email,
                                                               const Membership& membership,
                                                               std::string_view password) {
  const auto identity = identity_of(email);
  if (!identity) return std::unexpected(LoginFault::not_an_email);
  const auto before = store_.get(RowKind::prepared_login, bytes_of_command(command));
  if (!before) return kUnavailable;
  if (*before) return repeat_preparation(**before, *identity, membership, password);

  const auto has_one = has_password(*identity);
  if (!has_one) return kUnavailable;
  Bytes about_whom = bytes_of_membership(membership);
  SecretBytes hash;
  if (*has_one) {
    if (const auto right = verify(*identity, password); !right) {
      return std::unexpected(right.error());
    }
  } else {
    const PasswordFault fault = check_new_password(password);
    if (fault != PasswordFault::none) return std::unexpected(login_fault(fault));
    auto made = hashing_.hash(password);
    if (!made) return std::unexpected(LoginFault::overloaded);
    hash = std::move(*made);
  }
  SecretBytes value(about_whom.size() + hash.size());
  const auto rest = std::ranges::copy(about_whom, value.writable().begin()).out;
  std::ranges::copy(hash.span(), rest);
  const SecretRow row = wrapping_.row(RowKind::prepared_login, bytes_of_command(command),
                                      bytes_of_uuid(identity->value), value.span());
  if (!writer_.write({&row, 1})) return kUnavailable;
  return *identity;
}

std::expected<IdentityId, LoginFault> Logins::repeat_preparation(const SecretRow& row,
                                                                 IdentityId identity,
                                                                 const Membership& membership,
                                                                 std::string_view password) {
  const auto value = wrapping_.open(row);
  if (!value) return kUnavailable;
  const Preparation prepared = parse_preparation(value->span());
  if (identity_in(row) != identity || prepared.membership != membership) {
    return std::unexpected(LoginFault::prepared_otherwise);
  }
  if (prepared.hash.empty()) {
    const auto right = verify(identity, password);
    if (!right) return std::unexpected(right.error());
    return identity;
  }
  switch (hashing_.verify(password, prepared.hash)) {
    case PasswordHashing::Verdict::right:
    case PasswordHashing::Verdict::right_but_cheap:
      return identity;
    case PasswordHashing::Verdict::wrong:
      return std::unexpected(LoginFault::prepared_otherwise);
    case PasswordHashing::Verdict::overloaded:
      break;
  }
  return std::unexpected(LoginFault::overloaded);
}

std::expected<IdentityId, LoginFault> Logins::set_password_by_invitation(
    const events::CommandId& command, const Membership& membership) {
  const auto row = store_.get(RowKind::prepared_login, bytes_of_command(command));
  if (!row) return kUnavailable;
  if (!*row) {
    const auto joined = identity_of(membership);
    if (!joined) return kUnavailable;
    if (!*joined) return std::unexpected(LoginFault::not_prepared);
    return **joined;
  }
  const auto value = wrapping_.open(**row);
  if (!value) return kUnavailable;
  const Preparation prepared = parse_preparation(value->span());
  if (prepared.membership != membership) return std::unexpected(LoginFault::not_prepared);
  const IdentityId identity = identity_in(**row);
  const auto has_one = has_password(identity);
  if (!has_one) return kUnavailable;
  std::vector<SecretRow> rows;
  if (!*has_one && !prepared.hash.empty()) {
    rows.push_back(wrapping_.row(RowKind::login, bytes_of_uuid(identity.value), {}, prepared.hash));
  }
  rows.push_back(wrapping_.row(RowKind::membership, bytes_of_membership(membership),
                               bytes_of_uuid(identity.value), {}));
  rows.push_back(removal_of(RowKind::prepared_login, bytes_of_command(command)));
  if (!writer_.write(rows)) return kUnavailable;
  return identity;
}

std::expected<IdentityId, LoginFault> Logins::prepare_new_password(const events::CommandId& command,
                                                                   const Membership& membership,
                                                                   std::string_view password) {
  const auto identity = identity_of(membership);
  if (!identity) return kUnavailable;
  if (!*identity) return std::unexpected(LoginFault::not_prepared);
  const auto before = store_.get(RowKind::prepared_login, bytes_of_command(command));
  if (!before) return kUnavailable;
  if (*before) return repeat_preparation(**before, **identity, membership, password);
  const PasswordFault fault = check_new_password(password);
  if (fault != PasswordFault::none) return std::unexpected(login_fault(fault));
  const auto hash = hashing_.hash(password);
  if (!hash) return std::unexpected(LoginFault::overloaded);
  const Bytes about_whom = bytes_of_membership(membership);
  SecretBytes value(about_whom.size() + hash->size());
  const auto rest = std::ranges::copy(about_whom, value.writable().begin()).out;
  std::ranges::copy(hash->span(), rest);
  const SecretRow row = wrapping_.row(RowKind::prepared_login, bytes_of_command(command),
                                      bytes_of_uuid((*identity)->value), value.span());
  if (!writer_.write({&row, 1})) return kUnavailable;
  return **identity;
}

std::expected<IdentityId, LoginFault> Logins::set_password_by_reset(
    const events::CommandId& command, const Membership& membership) {
  const auto row = store_.get(RowKind::prepared_login, bytes_of_command(command));
  if (!row) return kUnavailable;
  if (!*row) {
    const auto identity = identity_of(membership);
    if (!identity) return kUnavailable;
    if (!*identity) return std::unexpected(LoginFault::not_prepared);
    return **identity;
  }
  const auto value = wrapping_.open(**row);
  if (!value) return kUnavailable;
  const Preparation prepared = parse_preparation(value->span());
  if (prepared.membership != membership || prepared.hash.empty()) {
    return std::unexpected(LoginFault::not_prepared);
  }
  const IdentityId identity = identity_in(**row);
  const std::array rows = {
      wrapping_.row(RowKind::login, bytes_of_uuid(identity.value), {}, prepared.hash),
      removal_of(RowKind::prepared_login, bytes_of_command(command))};
  if (!writer_.write(rows)) return kUnavailable;
  return identity;
}

std::expected<void, VaultFault> Logins::forget_preparation(const events::CommandId& command) {
  const SecretRow row = removal_of(RowKind::prepared_login, bytes_of_command(command));
  return writer_.write({&row, 1});
}

std::expected<IdentityId, LoginFault> Logins::check_password(std::string_view email,
                                                             std::string_view password) {
  // What is no address is nobody's, and takes as long.
  const IdentityId identity = identity_of(email).value_or(IdentityId{});
  const auto right = verify(identity, password);
  if (!right) return std::unexpected(right.error());
  return identity;
}

std::expected<void, LoginFault> Logins::change_password(IdentityId identity,
                                                        std::string_view old_password,
                                                        std::string_view new_password) {
  const PasswordFault fault = check_new_password(new_password);
  if (fault != PasswordFault::none) return std::unexpected(login_fault(fault));
  if (const auto right = verify(identity, old_password); !right) return right;
  const auto hash = hashing_.hash(new_password);
  if (!hash) return std::unexpected(LoginFault::overloaded);
  return put_hash(identity, hash->span());
}

std::expected<void, LoginFault> Logins::verify(IdentityId identity, std::string_view password) {
  const auto stored = hash_of(identity);
  if (!stored) return std::unexpected(stored.error());
  const auto hash = *stored ? std::optional((*stored)->span()) : std::nullopt;
  switch (hashing_.verify(password, hash)) {
    case PasswordHashing::Verdict::right:
      return {};
    case PasswordHashing::Verdict::right_but_cheap:
      // It stays as it is where this fails: the password was right.
      if (const auto dearer = hashing_.hash(password)) {
        static_cast<void>(put_hash(identity, dearer->span()));
      }
      return {};
    case PasswordHashing::Verdict::wrong:
      return std::unexpected(LoginFault::wrong_password);
    case PasswordHashing::Verdict::overloaded:
      break;
  }
  return std::unexpected(LoginFault::overloaded);
}

std::expected<std::optional<SecretBytes>, LoginFault> Logins::hash_of(IdentityId identity) {
  const auto row = store_.get(RowKind::login, bytes_of_uuid(identity.value));
  if (!row) return kUnavailable;
  if (!*row) return std::optional<SecretBytes>();
  auto hash = wrapping_.open(**row);
  if (!hash) return kUnavailable;
  return hash;
}

std::expected<void, LoginFault> Logins::put_hash(IdentityId identity, ByteSpan hash) {
  const SecretRow row = wrapping_.row(RowKind::login, bytes_of_uuid(identity.value), {}, hash);
  if (!writer_.write({&row, 1})) return kUnavailable;
  return {};
}

}  // namespace klasboek::vault
