#include "vault/vault.h"

#include <sodium.h>

#include <utility>

#include "vault/installation.h"

namespace klasboek::vault {

namespace {

std::unexpected<OpenError> cannot_start(const VaultPlace& place, VaultFault fault) {
  const std::string file = (place.directory / kVaultFileName).string();
  switch (fault) {
    case VaultFault::busy:
      return std::unexpected(OpenError{OpenFault::busy, file + ": is busy; start again"});
    case VaultFault::disk_full:
      return std::unexpected(
          OpenError{OpenFault::disk_full, file + ": the disk is full; make room and start again"});
    case VaultFault::unreachable:
      return std::unexpected(OpenError{OpenFault::topic_unreachable,
                                       "the topic of secrets didn't answer in time; start again "
                                       "when the brokers are there"});
    case VaultFault::read_only:
      return std::unexpected(OpenError{OpenFault::not_a_vault,
                                       file + ": was never started; open it for writing first"});
    case VaultFault::damaged:
    case VaultFault::broken:
      break;
  }
  return std::unexpected(OpenError{OpenFault::corrupted,
                                   file + ": is damaged; put back the newest backup of the vault"});
}

}  // namespace

std::expected<std::unique_ptr<Vault>, OpenError> Vault::open(const VaultPlace& place) {
  return open_at(place, nullptr);
}

std::expected<std::unique_ptr<Vault>, OpenError> Vault::open(const VaultPlace& place,
                                                             const KafkaPlace& topic) {
  return open_at(place, &topic);
}

std::expected<std::unique_ptr<Vault>, OpenError> Vault::open_at(const VaultPlace& place,
                                                                const KafkaPlace* topic) {
  if (sodium_init() < 0) {
    return std::unexpected(OpenError{OpenFault::not_permitted,
                                     "libsodium can't start: this system gives no random bytes"});
  }
  Wrapping wrapping(place.master, place.random);
  for (const auto& other : place.others) wrapping.also_open(other);
  auto store = SecretStore::open(place.directory, wrapping, {.access = place.access});
  if (!store) return std::unexpected(store.error());
  std::unique_ptr<Vault> vault(new Vault(place, wrapping, std::move(*store)));
  if (topic != nullptr) {
    auto opened = SecretsTopic::open(*vault->store_, vault->wrapping_, *topic);
    if (!opened) return std::unexpected(opened.error());
    vault->topic_ = std::move(*opened);
    vault->writer_ = vault->topic_.get();
  }
  if (auto started = vault->start(place); !started) return std::unexpected(started.error());
  return vault;
}

Vault::Vault(const VaultPlace& place, Wrapping wrapping, std::unique_ptr<SecretStore> store)
    : wrapping_(std::move(wrapping)),
      hashing_(place.random),
      store_(std::move(store)),
      writer_(store_.get()) {}

Vault::~Vault() = default;

std::expected<bool, VaultFault> Vault::rotate_master_key(const MasterKey& next,
                                                         const std::function<bool()>& go_on) {
  constexpr std::size_t kRowsPerStep = 256;
  // The topic's rows are another matter: each node would have its own.
  if (topic_) return std::unexpected(VaultFault::read_only);
  const auto id = id_of(next);
  const auto ids = store_->master_ids();
  if (!ids) return std::unexpected(ids.error());
  if (ids->master == id && !ids->next) return true;
  if (ids->next && *ids->next != id) return std::unexpected(VaultFault::busy);
  wrapping_.also_open(next);
  if (!ids->next) {
    if (const auto begun = store_->begin_rotation(id); !begun) {
      return std::unexpected(begun.error());
    }
  }
  wrapping_.wrap_with(id);
  SecretStore::RowPlace after;
  for (bool more = true; more;) {
    if (!go_on()) return false;
    const auto step = store_->wrap_anew(wrapping_, kRowsPerStep, after);
    if (!step) return std::unexpected(step.error());
    more = *step;
  }
  const auto left = store_->count_wrapped_otherwise(id);
  if (!left) return std::unexpected(left.error());
  if (*left != 0) return std::unexpected(VaultFault::damaged);
  if (const auto ended = store_->end_rotation(); !ended) return std::unexpected(ended.error());
  return true;
}

std::expected<void, OpenError> Vault::start(const VaultPlace& place) {
  const auto secrets = load_or_make_installation(*store_, *writer_, wrapping_);
  if (!secrets) return cannot_start(place, secrets.error());
  keys_ = std::make_unique<Keys>(*store_, *writer_, wrapping_, place.cached_keys_max);
  logins_ = std::make_unique<Logins>(*store_, *writer_, wrapping_, hashing_, secrets->pepper);
  one_time_codes_ = std::make_unique<OneTimeCodes>(*store_, *writer_, wrapping_);
  lookup_ = std::make_unique<Lookup>(*store_, *writer_, wrapping_, secrets->lookup_key);
  sessions_ = std::make_unique<Sessions>(*store_, *writer_, wrapping_, secrets->session_key);
  transit_ = std::make_unique<Transit>(*store_, wrapping_);
  checkpoints_ = std::make_unique<Checkpoints>(*store_, wrapping_);
  cursors_ = std::make_unique<Cursors>(*store_, wrapping_);
  signing_seed_ = secrets->signing_seed;
  store_->on_applied([this](std::span<const SecretRow> rows) {
    keys_->on_applied(rows);
    sessions_->on_applied(rows);
  });
  if (const auto loaded = sessions_->load(); !loaded) return cannot_start(place, loaded.error());
  return {};
}

}  // namespace klasboek::vault
