#include "vault/lookup.h"

#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using events::Uuid;
using vault::LookupClaim;
using vault::LookupKind;

const events::SchoolId kSchool{{1, 1}};
const events::SchoolId kOtherSchool{{1, 2}};

Uuid claim(vault::Vault& vault, const LookupClaim& one, const events::SchoolId& school = kSchool) {
  const auto ids = vault.lookup().claim(school, {&one, 1});
  REQUIRE(ids.has_value());
  REQUIRE(ids->size() == 1);
  return ids->front();
}

std::optional<Uuid> find(vault::Vault& vault, LookupKind kind, std::string_view value,
                         const events::SchoolId& school = kSchool) {
  const auto found = vault.lookup().find(school, kind, value);
  REQUIRE(found.has_value());
  return *found;
}

}  // namespace

TEST_CASE("who claims a value first has it, and the second learns whose it is") {
  VaultDirectory directory;
  {
    const auto vault = directory.open();
    CHECK(find(*vault, LookupKind::roster_pupil_key, "P001") == std::nullopt);
    CHECK(claim(*vault, {LookupKind::roster_pupil_key, "P001", {2, 1}}) == Uuid{2, 1});
    CHECK(claim(*vault, {LookupKind::roster_pupil_key, "P001", {2, 2}}) == Uuid{2, 1});
    CHECK(find(*vault, LookupKind::roster_pupil_key, "P001") == Uuid{2, 1});
  }
  const auto vault = directory.open();
  CHECK(find(*vault, LookupKind::roster_pupil_key, "P001") == Uuid{2, 1});
}

TEST_CASE("the same value of another kind or in another school is another's") {
  VaultDirectory directory;
  const auto vault = directory.open();
  CHECK(claim(*vault, {LookupKind::roster_pupil_key, "1", {2, 1}}) == Uuid{2, 1});
  CHECK(claim(*vault, {LookupKind::roster_staff_key, "1", {2, 2}}) == Uuid{2, 2});
  CHECK(claim(*vault, {LookupKind::roster_group_key, "1", {2, 3}}) == Uuid{2, 3});
  CHECK(claim(*vault, {LookupKind::roster_pupil_key, "1", {2, 4}}, kOtherSchool) == Uuid{2, 4});
  CHECK(find(*vault, LookupKind::roster_pupil_key, "1") == Uuid{2, 1});
}

TEST_CASE("an e-mail address is found however it is typed, a roster key only as it is") {
  VaultDirectory directory;
  const auto vault = directory.open();
  claim(*vault, {LookupKind::email, "Fenna@Voorbeeld.example ", {2, 1}});
  CHECK(find(*vault, LookupKind::email, "fenna@voorbeeld.example") == Uuid{2, 1});
  claim(*vault, {LookupKind::roster_pupil_key, "p-1", {2, 2}});
  CHECK(find(*vault, LookupKind::roster_pupil_key, "P-1") == std::nullopt);
}

TEST_CASE("a whole roster is claimed at once: known, new and doubled keys each get what stands") {
  VaultDirectory directory;
  const auto vault = directory.open();
  claim(*vault, {LookupKind::roster_pupil_key, "P001", {2, 1}});
  const std::vector<LookupClaim> roster = {{LookupKind::roster_pupil_key, "P002", {2, 12}},
                                           {LookupKind::roster_pupil_key, "P001", {2, 11}},
                                           {LookupKind::roster_pupil_key, "P002", {2, 13}},
                                           {LookupKind::roster_pupil_key, "P003", {2, 14}}};
  CHECK(vault->lookup().claim(kSchool, roster) ==
        std::vector<Uuid>{{2, 12}, {2, 1}, {2, 12}, {2, 14}});
  CHECK(vault->lookup().claim(kSchool, {})->empty());
}

TEST_CASE("two imports that meet the same new pupils at the same moment get the same ids") {
  VaultDirectory directory;
  const auto vault = directory.open();
  constexpr std::uint64_t kImports = 4;
  constexpr std::uint64_t kPupils = 25;
  std::array<std::vector<Uuid>, kImports> got;
  {
    std::vector<std::jthread> imports;
    for (std::uint64_t import = 0; import < kImports; ++import) {
      imports.emplace_back([&, import] {
        for (std::uint64_t pupil = 0; pupil < kPupils; ++pupil) {
          const LookupClaim one{
              LookupKind::roster_pupil_key, std::to_string(pupil), {import, pupil}};
          const auto ids = vault->lookup().claim(kSchool, {&one, 1});
          got[import].push_back(ids ? ids->front() : Uuid{});
        }
      });
    }
  }
  for (const auto& ids : got) CHECK(ids == got[0]);
}

TEST_CASE("what is forgotten by id means nothing any more and may be claimed again") {
  VaultDirectory directory;
  const auto vault = directory.open();
  claim(*vault, {LookupKind::roster_pupil_key, "P001", {2, 1}});
  claim(*vault, {LookupKind::email, "fenna@voorbeeld.example", {2, 1}});
  claim(*vault, {LookupKind::roster_pupil_key, "P002", {2, 2}});
  REQUIRE(vault->lookup().forget({2, 1}).has_value());
  CHECK(find(*vault, LookupKind::roster_pupil_key, "P001") == std::nullopt);
  CHECK(find(*vault, LookupKind::email, "fenna@voorbeeld.example") == std::nullopt);
  CHECK(find(*vault, LookupKind::roster_pupil_key, "P002") == Uuid{2, 2});
  REQUIRE(vault->lookup().forget({2, 1}).has_value());  // again does no harm
  CHECK(claim(*vault, {LookupKind::roster_pupil_key, "P001", {2, 9}}) == Uuid{2, 9});
}

TEST_CASE("one value is forgotten and the others of its id stay") {
  VaultDirectory directory;
  const auto vault = directory.open();
  claim(*vault, {LookupKind::email, "oud@voorbeeld.example", {2, 1}});
  claim(*vault, {LookupKind::roster_staff_key, "S1", {2, 1}});
  REQUIRE(vault->lookup().forget(kSchool, LookupKind::email, "OUD@voorbeeld.example").has_value());
  CHECK(find(*vault, LookupKind::email, "oud@voorbeeld.example") == std::nullopt);
  CHECK(find(*vault, LookupKind::roster_staff_key, "S1") == Uuid{2, 1});
}

TEST_CASE("an id is known as long as any value means it") {
  VaultDirectory directory;
  const auto vault = directory.open();
  CHECK(vault->lookup().is_known({2, 1}) == false);
  claim(*vault, {LookupKind::roster_pupil_key, "P001", {2, 1}});
  claim(*vault, {LookupKind::roster_pupil_key, "P002", {2, 1}});
  CHECK(vault->lookup().is_known({2, 1}) == true);
  CHECK(vault->lookup().is_known({2, 2}) == false);
  REQUIRE(vault->lookup().forget(kSchool, LookupKind::roster_pupil_key, "P001"));
  CHECK(vault->lookup().is_known({2, 1}) == true);
  REQUIRE(vault->lookup().forget(kSchool, LookupKind::roster_pupil_key, "P002"));
  CHECK(vault->lookup().is_known({2, 1}) == false);
}

TEST_CASE("a digest tells apart schools, parts and their order, and is of this installation") {
  VaultDirectory directory;
  VaultDirectory elsewhere;
  const auto vault = directory.open();
  const std::vector<std::string_view> parts = {"roster", "guardians"};
  const std::vector<std::string_view> turned = {"guardians", "roster"};
  const std::vector<std::string_view> joined = {"rosterguardians"};
  const auto digest = vault->lookup().digest(kSchool, parts);
  CHECK(digest == vault->lookup().digest(kSchool, parts));
  CHECK(digest != vault->lookup().digest(kSchool, turned));
  CHECK(digest != vault->lookup().digest(kSchool, joined));
  CHECK(digest != vault->lookup().digest(kOtherSchool, parts));
  auto place = elsewhere.place();
  place.random = seeded_random(99);
  CHECK(digest != vault::Vault::open(place).value()->lookup().digest(kSchool, parts));
}

}  // namespace klasboek::tests
