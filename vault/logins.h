#pragma once
// Who may log in. An identity is an e-mail address under a keyed hash; it has one password and any
// number of accounts, each a membership of one school. The address itself isn't kept here.
//
// A first password is set by an invitation, whose single use is decided in the log, and the log
// can't wait for a password to be hashed nor take it in. So it goes in two steps:
//   1. prepare_password, under the id of the command that accepts the invitation; then append;
//   2. once that command is in the log, set_password_by_invitation; it may be repeated by anybody
//      who reads the log, after a crash too.
// A preparation whose command never got into the log gives no access to anything.
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "events/ids.h"
#include "vault/password.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

struct IdentityTag {
  static constexpr std::string_view kPrefix = "identity";
};
/// The same for the same e-mail address in every school of the installation.
using IdentityId = events::Id<IdentityTag>;

/// A member of a school, by an account.
struct Membership {
  events::SchoolId school;
  events::AccountId account;
  auto operator<=>(const Membership&) const = default;
};

enum class LoginFault : std::uint8_t {
  not_an_email,
  password_too_short,
  password_too_long,
  password_not_text,
  password_leaked,     // everybody tries it first
  wrong_password,      // or no such login: it isn't told which
  not_prepared,        // nothing was prepared under this command
  prepared_otherwise,  // a repeat of the command with another password, address or account
  overloaded,          // too many log-ins at once
  unavailable          // the vault couldn't be read or written just now
};
std::string_view name_of(LoginFault fault);

/// Thread-safe.
class Logins {
 public:
  /// REQUIRES: store, writer, wrapping and hashing outlive it.
  Logins(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
         PasswordHashing& hashing, const events::KeyBytes& pepper);

  /// nullopt where the text is no e-mail address.
  [[nodiscard]] std::optional<IdentityId> identity_of(std::string_view email) const;

  /// The account is this identity's from now on, and nobody else's.
  std::expected<void, VaultFault> join(IdentityId identity, const Membership& membership);
  /// The account has no log-in any more; an identity without accounts loses its password too.
  std::expected<void, VaultFault> leave(const Membership& membership);
  std::expected<std::vector<Membership>, VaultFault> memberships_of(IdentityId identity);
  std::expected<std::optional<IdentityId>, VaultFault> identity_of(const Membership& membership);
  /// Whether it has a password: who accepts another school's invitation gives that one.
  std::expected<bool, VaultFault> has_password(IdentityId identity);

  /// Checks and hashes a password for the account that an invitation is for. An identity that has a
  /// password must give that one: its log-in is joined, not changed. A repeat is harmless.
  std::expected<IdentityId, LoginFault> prepare_password(const events::CommandId& command,
                                                         std::string_view email,
                                                         const Membership& membership,
                                                         std::string_view password);
  /// Once the command is in the log. An identity that got a password meanwhile keeps it. Where it
  /// was done before, nothing happens; not_prepared where it never was nor can be.
  std::expected<IdentityId, LoginFault> set_password_by_invitation(const events::CommandId& command,
                                                                   const Membership& membership);
  /// Checks and hashes a new password for the identity that a membership is of, under the command
  /// that uses a link for it; not_prepared where the membership has no log-in. A repeat is
  /// harmless.
  std::expected<IdentityId, LoginFault> prepare_new_password(const events::CommandId& command,
                                                             const Membership& membership,
                                                             std::string_view password);
  /// Once that command is in the log: the new password counts, and the old one doesn't. Where it
  /// was done before, nothing happens.
  std::expected<IdentityId, LoginFault> set_password_by_reset(const events::CommandId& command,
                                                              const Membership& membership);
  /// The command was rejected.
  std::expected<void, VaultFault> forget_preparation(const events::CommandId& command);

  /// Takes equally long whether or not there is such a login.
  std::expected<IdentityId, LoginFault> check_password(std::string_view email,
                                                       std::string_view password);
  std::expected<void, LoginFault> change_password(IdentityId identity,
                                                  std::string_view old_password,
                                                  std::string_view new_password);

 private:
  std::expected<void, LoginFault> verify(IdentityId identity, std::string_view password);
  std::expected<IdentityId, LoginFault> repeat_preparation(const SecretRow& row,
                                                           IdentityId identity,
                                                           const Membership& membership,
                                                           std::string_view password);
  std::expected<std::optional<SecretBytes>, LoginFault> hash_of(IdentityId identity);
  std::expected<void, LoginFault> put_hash(IdentityId identity, ByteSpan hash);

  SecretStore& store_;
  SecretWriter& writer_;
  const Wrapping& wrapping_;
  PasswordHashing& hashing_;
  events::KeyBytes pepper_;
};

}  // namespace klasboek::vault
