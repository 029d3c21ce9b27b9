#include "vault/keys.h"

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using events::KeyId;
using events::MintedKey;
using events::RetentionClass;
using events::SubjectRef;
using vault::KeyScope;
using vault::UnsealFault;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
const events::SchoolId kSchool{{1, 1}};
const events::SchoolId kOtherSchool{{1, 2}};
const SubjectRef kChild{events::wire::SubjectKind::child, {2, 1}};
const SubjectRef kOtherChild{events::wire::SubjectKind::child, {2, 2}};
constexpr events::CommandId kCommand = {7};

KeyScope identity_of(const SubjectRef& subject) {
  return {kSchool, subject, RetentionClass::identity_attendance};
}

// Mints and makes durable.
KeyId durable_key(vault::Vault& vault, const KeyScope& scope) {
  const auto handle = vault.keys().key_for(scope, kNowUs);
  REQUIRE(handle.has_value());
  if (handle->pending) REQUIRE(vault.keys().make_durable({handle->pending.get(), 1}).has_value());
  return handle->id;
}

UnsealFault fault_of(vault::Vault& vault, const KeyId& id) {
  const auto found = vault.keys().find(id);
  REQUIRE_FALSE(found.has_value());
  return found.error();
}

}  // namespace

TEST_CASE("a subject has one key per retention class and school, and keeps it") {
  VaultDirectory directory;
  std::set<KeyId> ids;
  {
    const auto vault = directory.open();
    for (const SubjectRef& subject : {kChild, kOtherChild}) {
      for (const RetentionClass retention : events::kRetentionClasses) {
        for (const auto& school : {kSchool, kOtherSchool}) {
          const KeyId id = durable_key(*vault, {school, subject, retention});
          CHECK(durable_key(*vault, {school, subject, retention}) == id);
          ids.insert(id);
        }
      }
    }
  }
  CHECK(ids.size() == 2 * 2 * events::kRetentionClasses.size());
  const auto reopened = directory.open();
  CHECK(ids.contains(durable_key(*reopened, identity_of(kChild))));
}

TEST_CASE("a key opens the same texts after the vault was closed and opened again") {
  VaultDirectory directory;
  events::Sealed sealed;
  {
    const auto vault = directory.open();
    auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
    REQUIRE(sealer.seal(kChild, RetentionClass::leave, "bruiloft in Groningen") == 1);
    REQUIRE(vault->key_sink().make_durable(sealer.minted()).has_value());
    sealed = sealer.texts().front();
  }
  const auto vault = directory.open();
  CHECK(vault->unseal(kSchool, kCommand, sealed) == "bruiloft in Groningen");
  // And from the cache.
  CHECK(vault->unseal(kSchool, kCommand, sealed) == "bruiloft in Groningen");
}

TEST_CASE("a key that was never made durable isn't found, neither before nor after a restart") {
  VaultDirectory directory;
  KeyId id;
  {
    const auto vault = directory.open();
    const auto handle = vault->keys().key_for(identity_of(kChild), kNowUs);
    REQUIRE(handle.has_value());
    REQUIRE(handle->pending != nullptr);
    id = handle->id;
    CHECK(fault_of(*vault, id) == UnsealFault::key_missing);
  }
  const auto vault = directory.open();
  CHECK(fault_of(*vault, id) == UnsealFault::key_missing);
  CHECK(vault->keys().all()->empty());
}

TEST_CASE("commands that meet a new subject at the same moment share its one pending key") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const auto first = vault->keys().key_for(identity_of(kChild), kNowUs);
  const auto second = vault->keys().key_for(identity_of(kChild), kNowUs);
  REQUIRE(first->pending != nullptr);
  REQUIRE(second->pending != nullptr);
  CHECK(first->id == second->id);

  REQUIRE(vault->keys().make_durable({first->pending.get(), 1}).has_value());
  REQUIRE(vault->keys().make_durable({second->pending.get(), 1}).has_value());

  CHECK(vault->keys().all()->size() == 1);
  const auto third = vault->keys().key_for(identity_of(kChild), kNowUs);
  CHECK(third->id == first->id);
  CHECK(third->pending == nullptr);
}

TEST_CASE("a pending key is forgotten with the last command that held it") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const KeyId abandoned = vault->keys().key_for(identity_of(kChild), kNowUs)->id;
  const auto next = vault->keys().key_for(identity_of(kChild), kNowUs);
  CHECK(next->id != abandoned);
}

TEST_CASE("keys minted apart for one subject both open; new texts go under the older") {
  // As on two nodes: neither saw the other's pending key.
  VaultDirectory directory;
  const auto vault = directory.open();
  std::vector<MintedKey> keys(2);
  for (std::uint8_t i = 0; i < 2; ++i) {
    keys[i].id.value = events::uuid_v7(kNowUs / 1000 - i, std::array<std::uint8_t, 10>{i});
    keys[i].school = kSchool;
    keys[i].subject = kChild;
    keys[i].retention = RetentionClass::identity_attendance;
    keys[i].bytes.writable()[0] = static_cast<std::uint8_t>(i + 1);
  }
  REQUIRE(vault->keys().make_durable(keys).has_value());
  CHECK(vault->keys().find(keys[0].id) == keys[0].bytes);
  CHECK(vault->keys().find(keys[1].id) == keys[1].bytes);
  CHECK(vault->keys().key_for(identity_of(kChild), kNowUs)->id == keys[1].id);
  CHECK(vault->keys().of_subject(kSchool, kChild)->size() == 2);
}

TEST_CASE("many threads asking for the same new subjects end with one durable key each") {
  VaultDirectory directory;
  const auto vault = directory.open();
  constexpr int kSubjects = 40;
  constexpr int kThreads = 6;
  std::array<std::array<KeyId, kSubjects>, kThreads> seen{};
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&] {
        for (std::uint64_t i = 0; i < kSubjects; ++i) {
          const SubjectRef subject{events::wire::SubjectKind::post, {9, i}};
          const auto handle =
              vault->keys().key_for({kSchool, subject, RetentionClass::post}, kNowUs);
          if (!handle) continue;
          mine[i] = handle->id;
          if (handle->pending) {
            static_cast<void>(vault->keys().make_durable({handle->pending.get(), 1}));
          }
        }
      });
    }
  }
  CHECK(vault->keys().all()->size() == kSubjects);
  for (const auto& mine : seen) CHECK(mine == seen[0]);
}

TEST_CASE("a destroyed key is erased, for good, and another class of the child still opens") {
  VaultDirectory directory;
  events::Sealed name;
  events::Sealed reason;
  KeyId name_key;
  MintedKey copy;
  {
    const auto vault = directory.open();
    auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
    REQUIRE(sealer.seal(kChild, RetentionClass::identity_attendance, "Sietse").has_value());
    REQUIRE(sealer.seal(kChild, RetentionClass::leave, "verhuizing").has_value());
    const auto minted = sealer.minted();
    REQUIRE(vault->key_sink().make_durable(minted).has_value());
    name = sealer.texts()[0];
    reason = sealer.texts()[1];
    name_key = name.key;
    copy = minted[0];
    REQUIRE(vault->unseal(kSchool, kCommand, name) == "Sietse");  // so that it is cached

    REQUIRE(vault->keys().destroy({&name_key, 1}).has_value());

    CHECK(vault->unseal(kSchool, kCommand, name).error() == UnsealFault::erased);
    CHECK(vault->unseal(kSchool, kCommand, reason) == "verhuizing");
    CHECK(vault->keys().of_subject(kSchool, kChild)->size() == 1);
    REQUIRE(vault->keys().destroy({&name_key, 1}).has_value());  // again does no harm
  }
  const auto vault = directory.open();
  CHECK(vault->unseal(kSchool, kCommand, name).error() == UnsealFault::erased);
  CHECK(vault->unseal(kSchool, kCommand, reason) == "verhuizing");

  // A late writer that still held it, or a restored backup, doesn't bring it back.
  REQUIRE(vault->keys().make_durable({&copy, 1}).has_value());
  CHECK(fault_of(*vault, name_key) == UnsealFault::erased);
  CHECK(vault->keys().key_for(identity_of(kChild), kNowUs)->id != name_key);
}

TEST_CASE("a key that was destroyed before it ever came here is erased, not missing") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const KeyId id{{5, 5}};
  CHECK(fault_of(*vault, id) == UnsealFault::key_missing);
  REQUIRE(vault->keys().destroy({&id, 1}).has_value());
  CHECK(fault_of(*vault, id) == UnsealFault::erased);
}

TEST_CASE("after destruction not even the wrapped key is left in any file of the vault") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const KeyId id = durable_key(*vault, identity_of(kChild));
  durable_key(*vault, identity_of(kOtherChild));
  // The value as it is on disk, read by the side door.
  const auto store =
      vault::SecretStore::open(directory.path(), vault::Wrapping(master_key(), seeded_random(1)),
                               {.access = vault::Access::read});
  REQUIRE(store.has_value());
  const auto bytes = events::to_bytes(id.value);
  const auto row = (*store)->get(vault::RowKind::key, bytes);
  REQUIRE(row.has_value());
  REQUIRE(row->has_value());
  const std::string wrapped((*row)->value.begin(), (*row)->value.end());
  REQUIRE(directory.all_bytes().contains(wrapped));

  REQUIRE(vault->keys().destroy({&id, 1}).has_value());
  CHECK_FALSE(directory.all_bytes().contains(wrapped));
}

TEST_CASE("a subject's listing names every class and nobody else's keys") {
  VaultDirectory directory;
  const auto vault = directory.open();
  const KeyId name = durable_key(*vault, identity_of(kChild));
  const KeyId leave = durable_key(*vault, {kSchool, kChild, RetentionClass::leave});
  durable_key(*vault, identity_of(kOtherChild));
  durable_key(*vault, {kOtherSchool, kChild, RetentionClass::leave});

  const auto listings = vault->keys().of_subject(kSchool, kChild);
  REQUIRE(listings.has_value());
  std::set<KeyId> ids;
  for (const auto& listing : *listings) {
    ids.insert(listing.id);
    CHECK(listing.scope.school == kSchool);
    CHECK(listing.scope.subject == kChild);
    CHECK(listing.minted_at_ms == kNowUs / 1000);
  }
  CHECK(ids == std::set<KeyId>{name, leave});
  CHECK(vault->keys().all()->size() == 4);
}

TEST_CASE("a fingerprint matches its body only, and can't be told after erasure") {
  VaultDirectory directory;
  const auto vault = directory.open();
  auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
  const auto print = sealer.fingerprint(kChild, RetentionClass::leave, R"({"days":2})");
  REQUIRE(print.has_value());
  CHECK(print->size() == vault::kFingerprintBytes);
  CHECK(sealer.key_ids().size() == 1);
  REQUIRE(vault->key_sink().make_durable(sealer.minted()).has_value());

  CHECK(vault->keys().matches(*print, R"({"days":2})") == true);
  CHECK(vault->keys().matches(*print, R"({"days":3})") == false);
  auto touched = *print;
  touched.back() ^= 1;
  CHECK(vault->keys().matches(touched, R"({"days":2})") == false);
  touched.pop_back();
  CHECK(vault->keys().matches(touched, R"({"days":2})").error() == UnsealFault::damaged);

  REQUIRE(vault->keys().destroy(sealer.key_ids()).has_value());
  CHECK(vault->keys().matches(*print, R"({"days":2})").error() == UnsealFault::erased);
}

TEST_CASE("texts are numbered from 1, a key is used once per subject and class") {
  VaultDirectory directory;
  const auto vault = directory.open();
  auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
  CHECK(sealer.seal(kChild, RetentionClass::identity_attendance, "Sietse") == 1);
  CHECK(sealer.seal(kChild, RetentionClass::identity_attendance, "2019-04-11") == 2);
  CHECK(sealer.seal(kOtherChild, RetentionClass::identity_attendance, "") == 3);
  CHECK(sealer.key_ids().size() == 2);
  CHECK(sealer.minted().size() == 2);
  REQUIRE(vault->key_sink().make_durable(sealer.minted()).has_value());
  for (std::uint16_t slot = 1; slot <= 3; ++slot) CHECK(sealer.texts()[slot - 1].slot == slot);
  CHECK(vault->unseal(kSchool, kCommand, sealer.texts()[1]) == "2019-04-11");
  CHECK(vault->unseal(kSchool, kCommand, sealer.texts()[2]) == "");
  CHECK(sealer.texts()[0].nonce != sealer.texts()[1].nonce);

  auto later = vault->sealer(kSchool, {8}, kNowUs);
  REQUIRE(later.seal(kChild, RetentionClass::identity_attendance, "Sietske") == 1);
  CHECK(later.minted().empty());
  CHECK(later.key_ids() == std::vector{sealer.key_ids()[0]});
}

TEST_CASE("a text that was moved or touched is damaged, never erased nor missing") {
  VaultDirectory directory;
  const auto vault = directory.open();
  auto sealer = vault->sealer(kSchool, kCommand, kNowUs);
  REQUIRE(sealer.seal(kChild, RetentionClass::leave, "verhuizing").has_value());
  REQUIRE(vault->key_sink().make_durable(sealer.minted()).has_value());
  auto sealed = sealer.texts().front();
  CHECK(vault->unseal(kOtherSchool, kCommand, sealed).error() == UnsealFault::damaged);
  CHECK(vault->unseal(kSchool, {9}, sealed).error() == UnsealFault::damaged);
  sealed.ciphertext[0] ^= 1;
  CHECK(vault->unseal(kSchool, kCommand, sealed).error() == UnsealFault::damaged);
}

}  // namespace klasboek::tests
