#pragma once
// The one form in which anything is kept in the vault: a row of a kind, under a key, with a value
// that is wrapped with the master key. Every change is a list of such rows, which goes straight
// into the local database, or through the topic of secrets first.
//
// Kinds and what their rows hold (ids are 16 bytes; value: what is wrapped):
//
//   kind             key                about                              value
//   installation     random id          -                                  the installation's
//   secrets key              key id             school, subject kind, subject,     32 key bytes
//                                       class (34 bytes)
//   destroyed_key    key id             -                                  nothing
//   login            identity           -                                  password hash
//   prepared_login   command            identity                           school, account, hash
//   membership       school, account    identity                           nothing
//   claim            uuid, claim id     keyed hash of what is claimed      nothing
//   denied_session   session            -                                  when it ends by itself
//   session          session            identity                           issued at, label
//   one_time_code    identity           -                                  secret, last step used
// and on one node only, never in the topic:
//   void_claim       as claim: came after one that stands
//   transit_key      kind, item         -                                  32 key bytes
//   transit_text     kind, item         -                                  text under transit_key
//   checkpoint       school             -                                  generation, size, root
//   cursor           log, partition,    -                                  next position
//                    follower's name
//
// key and about are readable: they hold ids and keyed hashes only.
#include <array>
#include <cstdint>

#include "vault/secret_bytes.h"

namespace klasboek::vault {

/// The numbers stand in the database and in the topic and are never reused.
enum class RowKind : std::uint8_t {
  installation = 1,
  key = 2,
  destroyed_key = 3,
  login = 4,
  prepared_login = 5,
  membership = 6,
  claim = 7,
  denied_session = 8,
  session = 9,
  one_time_code = 10,
  void_claim = 32,
  transit_key = 33,
  transit_text = 34,
  checkpoint = 35,
  cursor = 36
};

inline constexpr std::array kRowKinds = {RowKind::installation,   RowKind::key,
                                         RowKind::destroyed_key,  RowKind::login,
                                         RowKind::prepared_login, RowKind::membership,
                                         RowKind::claim,          RowKind::denied_session,
                                         RowKind::session,        RowKind::one_time_code,
                                         RowKind::void_claim,     RowKind::transit_key,
                                         RowKind::transit_text,   RowKind::checkpoint,
                                         RowKind::cursor};

/// Whether all nodes of an installation have it.
constexpr bool is_shared(RowKind kind) { return kind < RowKind::void_claim; }

struct SecretRow {
  RowKind kind = RowKind::key;
  Bytes key;
  Bytes about;
  /// As wrapped; empty in a row that says that there is none any more.
  Bytes value;

  [[nodiscard]] bool is_removal() const { return value.empty(); }
  bool operator==(const SecretRow&) const = default;
};

inline SecretRow removal_of(RowKind kind, Bytes key) { return {kind, std::move(key), {}, {}}; }

}  // namespace klasboek::vault
