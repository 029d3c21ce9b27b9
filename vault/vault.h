#pragma once
// The vault: what must be able to disappear. Keys of sealed text, log-ins, what the outside calls
// whom, sessions, and what waits to be sent; all of it wrapped with the master key, which lies
// elsewhere. The log holds what happened and can't forget; what it says of people can be read only
// with keys from here, and a key that is destroyed here is gone.
//
// On one machine it is a file, `vault.sqlite`; on several, each node's file follows the topic of
// secrets (secrets_topic.h), and a write returns when the topic has it and the own file too.
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events/key_sink.h"
#include "vault/checkpoints.h"
#include "vault/cursors.h"
#include "vault/keys.h"
#include "vault/logins.h"
#include "vault/lookup.h"
#include "vault/one_time_code.h"
#include "vault/password.h"
#include "vault/sealer.h"
#include "vault/secret_store.h"
#include "vault/secrets_topic.h"
#include "vault/sessions.h"
#include "vault/transit.h"

namespace klasboek::vault {

struct VaultPlace {
  /// Its own directory; made where it isn't there.
  std::filesystem::path directory;
  MasterKey master;
  Random random;
  /// With read, nothing is written, and whatever would write answers read_only.
  Access access = Access::write;
  /// 32 bytes of locked memory and about 100 others each.
  std::size_t cached_keys_max = 32'768;
  /// Master keys that are at hand beside it: the next one, and those from before. Which of them
  /// wraps is for the vault to say.
  std::vector<MasterKey> others = {};
};

/// Thread-safe, and so are its parts, which live as long as it does.
class Vault {
 public:
  /// On one machine.
  static std::expected<std::unique_ptr<Vault>, OpenError> open(const VaultPlace& place);
  /// As one of several nodes; returns when the topic has been read to its end.
  static std::expected<std::unique_ptr<Vault>, OpenError> open(const VaultPlace& place,
                                                               const KafkaPlace& topic);

  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  Keys& keys() { return *keys_; }
  /// For the log: called just before it appends.
  events::KeySink& key_sink() { return *keys_; }
  Logins& logins() { return *logins_; }
  Lookup& lookup() { return *lookup_; }
  OneTimeCodes& one_time_codes() { return *one_time_codes_; }
  Sessions& sessions() { return *sessions_; }
  Transit& transit() { return *transit_; }
  Checkpoints& checkpoints() { return *checkpoints_; }
  Cursors& cursors() { return *cursors_; }
  /// Of the Ed25519 key with which this installation signs checkpoints; wherever it is needed, it
  /// is taken from here and not kept.
  const events::KeyBytes& signing_seed() const { return signing_seed_; }
  const PasswordHashing& hashing() const { return hashing_; }

  /// Seals the texts of one command. Keep it until the command is settled.
  Sealer sealer(const events::SchoolId& school, const events::CommandId& command,
                std::int64_t now_us) {
    return {*keys_, wrapping_.random(), school, command, now_us};
  }
  std::expected<std::string, UnsealFault> unseal(const events::SchoolId& school,
                                                 const events::CommandId& command,
                                                 const events::Sealed& sealed) {
    return keys_->unseal(school, command, sealed);
  }

  /// Wraps everything anew with this master key, a few rows at a time, while the vault serves; rows
  /// under either one are read meanwhile. Cut off, it goes on where it is called again, after a
  /// restart too. go_on is asked between steps; false where it said no. busy: another rotation
  /// isn't done yet. damaged: a row doesn't open, and the old key is needed as long as it is there.
  /// read_only: as one of several nodes it can't be changed yet.
  std::expected<bool, VaultFault> rotate_master_key(const MasterKey& next,
                                                    const std::function<bool()>& go_on);
  /// With which master key it is wrapped, and to which that is changing.
  std::expected<SecretStore::MasterIds, VaultFault> master_ids() { return store_->master_ids(); }

  /// False while this node can't follow the others.
  bool is_ready() const { return !topic_ || topic_->state() == SecretsTopic::State::following; }

  /// Reads the whole file; damaged where it isn't sound.
  std::expected<void, VaultFault> check() { return store_->check(); }

 private:
  Vault(const VaultPlace& place, Wrapping wrapping, std::unique_ptr<SecretStore> store);
  static std::expected<std::unique_ptr<Vault>, OpenError> open_at(const VaultPlace& place,
                                                                  const KafkaPlace* topic);
  std::expected<void, OpenError> start(const VaultPlace& place);

  Wrapping wrapping_;
  PasswordHashing hashing_;
  std::unique_ptr<SecretStore> store_;
  SecretWriter* writer_;
  std::unique_ptr<Keys> keys_;
  std::unique_ptr<Logins> logins_;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<OneTimeCodes> one_time_codes_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Transit> transit_;
  std::unique_ptr<Checkpoints> checkpoints_;
  std::unique_ptr<Cursors> cursors_;
  events::KeyBytes signing_seed_;
  /// Last, so that it goes first: its threads call the others.
  std::unique_ptr<SecretsTopic> topic_;
};

}  // namespace klasboek::vault
