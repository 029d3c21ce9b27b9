#include "vault/secret_store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/vault_place.h"
#include "vault/key_cache.h"

namespace klasboek::tests {
namespace {

using vault::Access;
using vault::Bytes;
using vault::OpenFault;
using vault::RowKind;
using vault::SecretRow;
using vault::SecretStore;
using vault::Vault;
using vault::VaultFault;

vault::Wrapping wrapping(std::uint8_t master = 1) { return {master_key(master), seeded_random(1)}; }

std::unique_ptr<SecretStore> open_store(const TemporaryDirectory& directory,
                                        vault::StoreOptions options = {}) {
  auto store = SecretStore::open(directory.path(), wrapping(), options);
  if (!store) FAIL(store.error().explanation);
  return std::move(*store);
}

SecretRow login_row(std::uint8_t id, std::size_t size = 8) {
  return wrapping().row(RowKind::login, {id}, {}, Bytes(size, id));
}

void run_sql(const std::filesystem::path& file, const char* sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
  REQUIRE(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(connection);
}

OpenFault fault_of_opening(VaultDirectory& directory, std::uint8_t master = 1,
                           Access access = Access::write) {
  const auto opened = Vault::open(directory.place(master, access));
  REQUIRE_FALSE(opened.has_value());
  CHECK_FALSE(opened.error().explanation.empty());
  return opened.error().fault;
}

}  // namespace

TEST_CASE("a vault is made where there is none, for its owner only") {
  VaultDirectory directory;
  const auto vault = directory.open();
  REQUIRE(vault->check().has_value());
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    INFO(entry.path());
    struct stat status{};
    REQUIRE(::stat(entry.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("with another master key a vault doesn't open, and says so") {
  VaultDirectory directory;
  directory.open();
  CHECK(fault_of_opening(directory, 2) == OpenFault::wrong_master_key);
  // Which key belongs to it can be told from the message.
  CHECK_THAT(Vault::open(directory.place(2)).error().explanation,
             Catch::Contains(events::to_hex(vault::id_of(master_key(1)))) &&
                 Catch::Contains(events::to_hex(vault::id_of(master_key(2)))));
  CHECK(Vault::open(directory.place(1)).has_value());
}

TEST_CASE("a vault of a newer schema is refused by name and left as it is") {
  VaultDirectory directory;
  directory.open();
  run_sql(directory.file(), "PRAGMA user_version = 2");
  CHECK(fault_of_opening(directory) == OpenFault::newer_schema);
  CHECK_THAT(Vault::open(directory.place()).error().explanation,
             Catch::Contains("schema 2") && Catch::Contains("knows 1"));
  run_sql(directory.file(), "PRAGMA user_version = 1");
  CHECK(Vault::open(directory.place()).has_value());
}

TEST_CASE("another program's database is no vault and is left alone") {
  VaultDirectory directory;
  run_sql(directory.file(), "CREATE TABLE recipe (name TEXT)");
  CHECK(fault_of_opening(directory) == OpenFault::not_a_vault);
}

TEST_CASE("a file that is no database at all is corrupted") {
  VaultDirectory directory;
  std::ofstream(directory.file()) << std::string(8192, 'x');
  CHECK(fault_of_opening(directory) == OpenFault::corrupted);
}

TEST_CASE("a vault whose pages were overwritten is found damaged") {
  VaultDirectory directory;
  {
    const auto vault = directory.open();
    for (std::uint64_t i = 0; i < 300; ++i) {
      REQUIRE(vault->transit().put(vault::TransitKind::mail, {1, i}, "bericht").has_value());
    }
  }
  {
    std::fstream file(directory.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3 * 4096);
    file << std::string(std::size_t{5} * 4096, 'x');
  }
  const auto opened = Vault::open(directory.place());
  if (opened) {
    CHECK((*opened)->check().error() == VaultFault::damaged);
  } else {
    CHECK(opened.error().fault == OpenFault::corrupted);
  }
}

TEST_CASE("a vault can't be opened for writing twice, but for reading any number of times") {
  VaultDirectory directory;
  const auto vault = directory.open();
  CHECK(fault_of_opening(directory) == OpenFault::busy);
  const auto reader = Vault::open(directory.place(1, Access::read));
  const auto other_reader = Vault::open(directory.place(1, Access::read));
  REQUIRE(reader.has_value());
  REQUIRE(other_reader.has_value());
}

TEST_CASE("who opened it for reading reads what the writer writes, and can't write") {
  VaultDirectory directory;
  const auto writer = directory.open();
  const auto reader = Vault::open(directory.place(1, Access::read));
  REQUIRE(reader.has_value());
  const events::SchoolId school{{1, 1}};
  auto sealer = writer->sealer(school, {}, 1'000'000);
  REQUIRE(sealer
              .seal({events::wire::SubjectKind::post, {4, 4}}, events::RetentionClass::post,
                    "Wij gaan naar het bos")
              .has_value());
  REQUIRE(writer->key_sink().make_durable(sealer.minted()).has_value());
  CHECK((*reader)->unseal(school, {}, sealer.texts().front()) == "Wij gaan naar het bos");
  CHECK((*reader)->key_sink().make_durable(sealer.minted()).error() ==
        events::KeySinkFault::broken);
  CHECK((*reader)->transit().put(vault::TransitKind::mail, {1, 1}, "x").error() ==
        VaultFault::read_only);
}

TEST_CASE("opened for reading, a directory without a vault is none, and none is made") {
  VaultDirectory directory;
  CHECK(fault_of_opening(directory, 1, Access::read) == OpenFault::not_a_vault);
  CHECK_FALSE(std::filesystem::exists(directory.file()));
}

TEST_CASE("a directory that can't be made is not permitted") {
  TemporaryDirectory directory;
  std::ofstream(directory / "file") << "x";
  const auto opened = Vault::open({.directory = directory / "file" / "vault",
                                   .master = master_key(),
                                   .random = seeded_random(1)});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().fault == OpenFault::not_permitted);
}

TEST_CASE("where there is no room a write fails whole, and what was there is still there") {
  TemporaryDirectory directory;
  const auto store = open_store(directory, {.pages_max = 12});
  const SecretRow small = login_row(1);
  REQUIRE(store->write({&small, 1}).has_value());
  const std::array rows = {login_row(2), login_row(3, 100'000)};
  CHECK(store->write(rows).error() == VaultFault::disk_full);
  CHECK(store->get(RowKind::login, Bytes{2}).value() == std::nullopt);
  CHECK(store->get(RowKind::login, Bytes{1}).value() == small);
  // And it goes on where there is room again.
  const SecretRow next = login_row(4);
  CHECK(store->write({&next, 1}).has_value());
}

TEST_CASE("while somebody else holds the database a write is busy, and goes through afterwards") {
  TemporaryDirectory directory;
  const auto store = open_store(directory, {.busy_wait_ms = 1});
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open((directory / "vault.sqlite").c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const SecretRow row = login_row(1);
  CHECK(store->write({&row, 1}).error() == VaultFault::busy);
  REQUIRE(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(store->write({&row, 1}).has_value());
  sqlite3_close(other);
}

TEST_CASE("a removal is owed its scrubbing as long as somebody reads an older state") {
  TemporaryDirectory directory;
  const auto store = open_store(directory, {.busy_wait_ms = 1});
  const SecretRow row = login_row(1);
  REQUIRE(store->write({&row, 1}).has_value());
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open((directory / "vault.sqlite").c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN; SELECT count(*) FROM secret", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  const SecretRow removal = vault::removal_of(RowKind::login, {1});
  REQUIRE(store->write({&removal, 1}).has_value());
  CHECK(store->scrub().error() == VaultFault::busy);
  REQUIRE(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(store->scrub().has_value());
  CHECK(std::filesystem::file_size(directory / "vault.sqlite-wal") == 0);
  sqlite3_close(other);
}

TEST_CASE("rows are found by key, by what they are about and by the beginning of their key") {
  TemporaryDirectory directory;
  const auto store = open_store(directory);
  const auto row = [](Bytes key, Bytes about) {
    return wrapping().row(RowKind::membership, std::move(key), std::move(about), {});
  };
  const std::array rows = {row({1, 1}, {7}), row({1, 2}, {8}), row({2, 1}, {7}),
                           row({0xFF, 0xFF}, {9})};
  REQUIRE(store->write(rows).has_value());
  CHECK(store->get(RowKind::membership, Bytes{1, 2}).value() == rows[1]);
  CHECK(store->get(RowKind::membership, Bytes{1}).value() == std::nullopt);
  CHECK(store->get(RowKind::login, Bytes{1, 2}).value() == std::nullopt);
  CHECK(store->with_about(RowKind::membership, Bytes{7}).value() == std::vector{rows[0], rows[2]});
  CHECK(store->with_key_prefix(RowKind::membership, Bytes{1}).value() ==
        std::vector{rows[0], rows[1]});
  CHECK(store->with_key_prefix(RowKind::membership, Bytes{0xFF}).value() == std::vector{rows[3]});
  CHECK(store->with_key_prefix(RowKind::membership, {}).value().size() == 4);
}

TEST_CASE("a wrapped row opens only as it was written: every byte and every bit of it counts") {
  const auto wraps = wrapping();
  const SecretRow row = wraps.row(RowKind::key, {1, 2, 3}, {4, 5}, Bytes{6, 7, 8, 9});
  REQUIRE(wraps.open(row).has_value());
  const auto opened = wraps.open(row)->span();
  CHECK(opened.size() == 4);
  const auto refuses_every_flip = [&](Bytes SecretRow::* part) {
    for (std::size_t bit = 0; bit < (row.*part).size() * 8; ++bit) {
      SecretRow touched = row;
      (touched.*part)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(wraps.open(touched).has_value());
    }
  };
  refuses_every_flip(&SecretRow::key);
  refuses_every_flip(&SecretRow::about);
  refuses_every_flip(&SecretRow::value);
  for (std::size_t size = 0; size < row.value.size(); ++size) {
    SecretRow cut = row;
    cut.value.resize(size);
    CHECK_FALSE(wraps.open(cut).has_value());
  }
  SecretRow other_kind = row;
  other_kind.kind = RowKind::login;
  CHECK_FALSE(wraps.open(other_kind).has_value());
  // The same bytes, parted otherwise.
  SecretRow other_parts = row;
  other_parts.key = {1, 2, 3, 4};
  other_parts.about = {5};
  CHECK_FALSE(wraps.open(other_parts).has_value());
  CHECK_FALSE(wrapping(2).open(row).has_value());
  CHECK_FALSE(wrapping(2).is_ours(row));
}

TEST_CASE("of two installations the first stands, of two claims too, of two log-ins the last") {
  TemporaryDirectory directory;
  const auto store = open_store(directory);
  const auto row = [](RowKind kind, Bytes key, Bytes about, std::uint8_t value) {
    return wrapping().row(kind, std::move(key), std::move(about), Bytes{value});
  };
  const std::array rows = {
      row(RowKind::installation, {2}, {}, 1), row(RowKind::installation, {1}, {}, 2),
      row(RowKind::claim, {2}, {7}, 1),       row(RowKind::claim, {1}, {7}, 2),
      row(RowKind::login, {1}, {}, 1),        row(RowKind::login, {1}, {}, 2)};
  REQUIRE(store->write(rows).has_value());
  CHECK(store->with_key_prefix(RowKind::installation, {}).value() == std::vector{rows[0]});
  CHECK(store->with_about(RowKind::claim, Bytes{7}).value() == std::vector{rows[2]});
  CHECK(store->get(RowKind::login, Bytes{1}).value() == rows[5]);

  // A claim that came too late doesn't stand up when the first one goes.
  const SecretRow removal = vault::removal_of(RowKind::claim, {2});
  REQUIRE(store->write({&removal, 1}).has_value());
  CHECK(store->with_about(RowKind::claim, Bytes{7}).value().empty());
}

TEST_CASE("the cache of keys holds so many, and what was longest unused makes room") {
  vault::KeyCache cache(3);
  const auto key = [](std::uint64_t n) { return events::KeyId{{n, n}}; };
  const auto bytes = [](std::uint8_t n) {
    events::KeyBytes made;
    made.writable()[0] = n;
    return made;
  };
  for (std::uint8_t n = 1; n <= 3; ++n) cache.put(key(n), bytes(n));
  CHECK(cache.get(key(1)) == bytes(1));
  cache.put(key(4), bytes(4));
  CHECK(cache.size() == 3);
  CHECK_FALSE(cache.get(key(2)).has_value());
  CHECK(cache.get(key(1)) == bytes(1));
  CHECK(cache.get(key(3)) == bytes(3));
  CHECK(cache.get(key(4)) == bytes(4));

  cache.drop(key(3));
  CHECK_FALSE(cache.get(key(3)).has_value());
  CHECK(cache.size() == 2);
  cache.put(key(1), bytes(9));
  CHECK(cache.get(key(1)) == bytes(9));
  cache.put(key(5), bytes(5));
  CHECK(cache.size() == 3);
  CHECK(cache.get(key(4)) == bytes(4));
}

}  // namespace klasboek::tests
