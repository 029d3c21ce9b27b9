#pragma once
// Sessions are tokens that carry themselves. What is stored about one is for its owner's list; a
// token counts whether it is in the list or not, until it is denied.
//
// A token: "kbs_" and base64url without padding of
//    0   1  format: 1, of who gave a password; 2, of who gave a one-time code too
//    1  16  identity
//   17  16  session
//   33   8  issued at, µs UTC
//   41  32  HMAC-SHA-256 of the 41 bytes before it
//
// A token says who logged in and when. Whether that still counts is asked for each request: here,
// whether it is too old or was denied (logged out); of the ledger, whether the account is blocked
// or its sessions ended.
#include <cstdint>
#include <expected>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/key_sink.h"
#include "vault/logins.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

struct SessionTag {
  static constexpr std::string_view kPrefix = "session";
};
using SessionId = events::Id<SessionTag>;

/// From its issue, used or not: a token can't remember when it was last seen. Whoever wants a
/// shorter one for some role compares issued_at_us.
inline constexpr std::int64_t kSessionLifetimeUs = 30LL * 24 * 3600 * 1'000'000;
/// A token issued further ahead than this by another node's clock isn't taken.
inline constexpr std::int64_t kSessionClockSkewUs = 60LL * 1'000'000;

struct Session {
  IdentityId identity;
  SessionId id;
  std::int64_t issued_at_us = 0;
  /// Begun with a one-time code beside the password. Not known of one in a list.
  bool with_code = false;
  bool operator==(const Session&) const = default;
};

/// As its owner finds it in the list.
struct RememberedSession {
  Session session;
  /// What the program that logged in said of itself; at most kSessionLabelBytesMax.
  std::string label;
};
inline constexpr std::size_t kSessionLabelBytesMax = 200;

enum class SessionFault : std::uint8_t {
  not_a_token,  // or changed, or from another installation
  expired,
  denied  // logged out or revoked
};
std::string_view name_of(SessionFault fault);

/// Thread-safe.
class Sessions {
 public:
  /// REQUIRES: store, writer and wrapping outlive it.
  Sessions(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
           const events::KeyBytes& session_key);
  /// Reads the denied sessions. Call once, before serving.
  std::expected<void, VaultFault> load();

  [[nodiscard]] std::string issue(IdentityId identity, std::int64_t now_us, const Random& random,
                                  bool with_code = false) const;
  /// Reads no disk.
  [[nodiscard]] std::expected<Session, SessionFault> read(std::string_view token,
                                                          std::int64_t now_us) const;

  /// Puts it in its owner's list.
  std::expected<void, VaultFault> remember(const Session& session, std::string_view label);
  /// The owner's list: what isn't over or denied, in the order of their ids, which is that of time.
  std::expected<std::vector<RememberedSession>, VaultFault> remembered(IdentityId identity,
                                                                       std::int64_t now_us);
  /// Denies every session in the owner's list.
  std::expected<void, VaultFault> deny_all(IdentityId identity, std::int64_t now_us);

  /// From now on on every node, until it would have ended by itself.
  std::expected<void, VaultFault> deny(const Session& session);
  /// Forgets the sessions that are over anyway, denied or in a list.
  std::expected<void, VaultFault> forget_expired(std::int64_t now_us);

  /// Rows that were written, by this node or another.
  void on_applied(std::span<const SecretRow> rows);

 private:
  void note(const SecretRow& row);
  [[nodiscard]] std::vector<SecretRow> denial_of(const Session& session) const;

  SecretStore& store_;
  SecretWriter& writer_;
  const Wrapping& wrapping_;
  events::KeyBytes session_key_;
  mutable std::shared_mutex mutex_;
  /// When each ends by itself.
  std::unordered_map<SessionId, std::int64_t> denied_;
};

}  // namespace klasboek::vault
