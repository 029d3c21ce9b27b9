#include "vault/vault.h"

#include <catch2/catch.hpp>

#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using vault::CheckpointFault;
using vault::SignedCheckpoint;
using vault::TransitKind;

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
const events::SchoolId kSchool{{1, 1}};
const events::SchoolId kOtherSchool{{1, 2}};

std::string text_of(events::KeyBytes const& bytes) {
  return {reinterpret_cast<const char*>(bytes.span().data()), bytes.span().size()};
}

}  // namespace

TEST_CASE("no file of the vault holds a name, an address, a password, a roster key or a key") {
  VaultDirectory directory;
  const std::string name = "Sietske van der Zwaluw";
  const std::string email = "sietske@voorbeeld.example";
  const std::string password = "vier blauwe fietsen";
  const std::string roster_key = "LEERLING-00417";
  std::vector<events::MintedKey> minted;
  const auto search = [&] {
    const std::string bytes = directory.all_bytes();
    REQUIRE(bytes.size() > 4096);
    for (const std::string& text : {name, name.substr(0, 7), email, password, roster_key}) {
      CHECK_FALSE(holds_text(bytes, text));
    }
    for (const auto& key : minted) CHECK_FALSE(holds_text(bytes, text_of(key.bytes)));
    CHECK_FALSE(holds_text(bytes, text_of(master_key().bytes)));
  };
  {
    const auto vault = directory.open();
    auto sealer = vault->sealer(kSchool, {1}, kNowUs);
    const events::SubjectRef account{events::wire::SubjectKind::account, {5, 1}};
    REQUIRE(sealer.seal(account, events::RetentionClass::identity_attendance, name).has_value());
    minted = sealer.minted();
    REQUIRE(vault->key_sink().make_durable(minted).has_value());
    REQUIRE(
        vault->logins().prepare_password({1}, email, {kSchool, {{5, 1}}}, password).has_value());
    search();
    REQUIRE(vault->logins().set_password_by_invitation({1}, {kSchool, {{5, 1}}}).has_value());
    const vault::LookupClaim claims[] = {{vault::LookupKind::email, email, {5, 1}},
                                         {vault::LookupKind::roster_pupil_key, roster_key, {2, 1}}};
    REQUIRE(vault->lookup().claim(kSchool, claims).has_value());
    REQUIRE(vault->transit().put(TransitKind::mail, {6, 1}, "Beste " + name).has_value());
    CHECK_FALSE(holds_text(directory.all_bytes(), text_of(vault->signing_seed())));
    search();
  }
  search();  // after the write-ahead log went into the file
}

TEST_CASE("the search finds what is there, in every form it looks for") {
  for (const char* planted : {"Sietske", "S\0i\0e\0t\0s\0k\0e\0", "53696574736b65", "U2lldHNrZQ",
                              "NpZXRza2", "TaWV0c2tl"}) {
    CAPTURE(planted);
    const std::string bytes = planted[1] == '\0' ? std::string("..S\0i\0e\0t\0s\0k\0e\0..", 18)
                                                 : "..." + std::string(planted) + "...";
    CHECK(holds_text(bytes, "Sietske"));
  }
  CHECK_FALSE(holds_text("Sietse", "Sietske"));
}

TEST_CASE("the installation's secrets are made once") {
  VaultDirectory directory;
  events::KeyBytes seed;
  vault::IdentityId identity;
  {
    const auto vault = directory.open();
    seed = vault->signing_seed();
    identity = *vault->logins().identity_of("fenna@voorbeeld.example");
  }
  const auto vault = directory.open();
  CHECK(vault->signing_seed() == seed);
  CHECK(vault->logins().identity_of("fenna@voorbeeld.example") == identity);
  CHECK_FALSE(seed == events::KeyBytes{});
}

TEST_CASE("what waits to be sent stays until it is removed, in the order of its ids") {
  VaultDirectory directory;
  {
    const auto vault = directory.open();
    REQUIRE(vault->transit().put(TransitKind::mail, {6, 2}, "tweede").has_value());
    REQUIRE(vault->transit().put(TransitKind::mail, {6, 1}, "eerste").has_value());
    REQUIRE(vault->transit().put(TransitKind::roster_file, {6, 3}, "<EDEX/>").has_value());
    REQUIRE(vault->transit().put(TransitKind::mail, {6, 1}, "een andere").has_value());
  }
  const auto vault = directory.open();
  CHECK(vault->transit().list(TransitKind::mail) == std::vector<events::Uuid>{{6, 1}, {6, 2}});
  CHECK(vault->transit().take(TransitKind::mail, {6, 1}).value() == "eerste");
  CHECK(vault->transit().take(TransitKind::mail, {6, 1}).value() == "eerste");
  CHECK(vault->transit().take(TransitKind::mail, {6, 3}).value() == std::nullopt);
  CHECK(vault->transit().take(TransitKind::roster_file, {6, 3}).value() == "<EDEX/>");

  REQUIRE(vault->transit().remove(TransitKind::mail, {6, 1}).has_value());
  CHECK(vault->transit().take(TransitKind::mail, {6, 1}).value() == std::nullopt);
  CHECK(vault->transit().list(TransitKind::mail) == std::vector<events::Uuid>{{6, 2}});
  REQUIRE(vault->transit().remove(TransitKind::mail, {6, 1}).has_value());  // again does no harm
}

TEST_CASE("of what was sent not even the sealed form is left") {
  VaultDirectory directory;
  const auto vault = directory.open();
  REQUIRE(vault->transit().put(TransitKind::mail, {6, 1}, std::string(300, 'x')).has_value());
  const auto store =
      vault::SecretStore::open(directory.path(), vault::Wrapping(master_key(), seeded_random(1)),
                               {.access = vault::Access::read});
  REQUIRE(store.has_value());
  std::vector<std::string> wrapped;
  for (const auto kind : {vault::RowKind::transit_key, vault::RowKind::transit_text}) {
    const auto rows = (*store)->with_key_prefix(kind, {});
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 1);
    wrapped.emplace_back(rows->front().value.begin(), rows->front().value.end());
    REQUIRE(directory.all_bytes().contains(wrapped.back()));
  }
  REQUIRE(vault->transit().remove(TransitKind::mail, {6, 1}).has_value());
  for (const auto& one : wrapped) CHECK_FALSE(directory.all_bytes().contains(one));
}

TEST_CASE("a checkpoint is remembered per school and never goes back") {
  VaultDirectory directory;
  const SignedCheckpoint early{.generation = 1, .size = 10, .root = {1}};
  const SignedCheckpoint late{.generation = 1, .size = 20, .root = {2}};
  {
    const auto vault = directory.open();
    CHECK(vault->checkpoints().last(kSchool).value() == std::nullopt);
    REQUIRE(vault->checkpoints().record(kSchool, early).has_value());
    REQUIRE(vault->checkpoints().record(kSchool, late).has_value());
    REQUIRE(vault->checkpoints().record(kSchool, late).has_value());
    REQUIRE(vault->checkpoints().record(kOtherSchool, early).has_value());
  }
  const auto vault = directory.open();
  CHECK(vault->checkpoints().last(kSchool).value() == late);
  CHECK(vault->checkpoints().last(kOtherSchool).value() == early);
  CHECK(vault->checkpoints().record(kSchool, early).error() == CheckpointFault::behind);
  CHECK(vault->checkpoints().record(kSchool, {.generation = 1, .size = 20, .root = {3}}).error() ==
        CheckpointFault::forked);
  CHECK(vault->checkpoints().record(kSchool, {.generation = 0, .size = 99, .root = {3}}).error() ==
        CheckpointFault::behind);
  CHECK(vault->checkpoints().last(kSchool).value() == late);
  // After a restore that lost what was signed.
  const SignedCheckpoint anew{.generation = 2, .size = 5, .root = {4}};
  REQUIRE(vault->checkpoints().record(kSchool, anew).has_value());
  CHECK(vault->checkpoints().last(kSchool).value() == anew);
}

TEST_CASE("what waits may get another text, and what was removed doesn't come back by it") {
  VaultDirectory directory;
  const std::string before = "nog niet geprobeerd";
  {
    const auto vault = directory.open();
    auto& transit = vault->transit();
    REQUIRE(transit.put(TransitKind::mail, {7, 1}, before).has_value());
    REQUIRE(transit.replace(TransitKind::mail, {7, 1}, "al eens geprobeerd").has_value());
    REQUIRE(transit.replace(TransitKind::mail, {7, 2}, "was er nooit").has_value());
    CHECK(transit.take(TransitKind::mail, {7, 2}).value() == std::nullopt);
    CHECK(transit.list(TransitKind::mail)->size() == 1);
  }
  const auto vault = directory.open();
  CHECK(vault->transit().take(TransitKind::mail, {7, 1}).value() == "al eens geprobeerd");
  REQUIRE(vault->transit().remove(TransitKind::mail, {7, 1}).has_value());
  REQUIRE(vault->transit().replace(TransitKind::mail, {7, 1}, before).has_value());
  CHECK(vault->transit().take(TransitKind::mail, {7, 1}).value() == std::nullopt);
}

TEST_CASE("a follower finds its place again, by log, partition and name") {
  VaultDirectory directory;
  const vault::CursorName mail{{8, 1}, 2, "mail"};
  {
    const auto vault = directory.open();
    CHECK(vault->cursors().next_position(mail).value() == std::nullopt);
    REQUIRE(vault->cursors().set(mail, 41).has_value());
    REQUIRE(vault->cursors().set(mail, 42).has_value());
  }
  const auto vault = directory.open();
  CHECK(vault->cursors().next_position(mail).value() == 42);
  for (const auto& other :
       {vault::CursorName{{8, 2}, 2, "mail"}, vault::CursorName{{8, 1}, 3, "mail"},
        vault::CursorName{{8, 1}, 2, "reminders"}}) {
    CHECK(vault->cursors().next_position(other).value() == std::nullopt);
  }
}

}  // namespace klasboek::tests
