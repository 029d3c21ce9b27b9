// What an import leaves on disk, and what it never takes in.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/import_school.h"
#include "tests/support/roster_files.h"
#include "tests/support/source_dir.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

/// Shorter ones stand in random bytes by chance.
constexpr std::size_t kTellingBytes = 5;

std::set<std::string> words_of(const RosterFile& file) {
  std::set<std::string> words;
  const auto add = [&](const std::string& word) {
    if (word.size() >= kTellingBytes) words.insert(word);
  };
  const auto add_name = [&](const PersonName& name) {
    add(name.given);
    add(name.family);
    add(name.full());
  };
  for (const auto& group : file.groups) add(group.name);
  for (const auto& pupil : file.pupils) {
    add_name(pupil.name);
    add(pupil.key);
    if (pupil.birth_day) add(events::to_text(*pupil.birth_day));
  }
  for (const auto& member : file.staff) {
    add_name(member.name);
    add(member.email);
  }
  for (const auto& guardian : file.guardians) {
    add_name(guardian.name);
    add(guardian.email);
    for (const auto& phone : guardian.phones) add(phone);
  }
  return words;
}

TEST_CASE("no name, birthday, address, number or key of the files stands on disk") {
  ImportSchool school;
  const auto files = demo_files();
  const auto draft = school.draft(files);
  REQUIRE(school.import(files).end == ApplyEnd::completed);
  const auto words = words_of(draft.reading.file);
  CHECK(words.size() > 300);
  const auto bytes = school.all_bytes();
  CHECK(bytes.size() > 100'000);
  // The search finds what is there: the school's own name is public.
  CHECK(bytes.contains("De Proefschool"));
  for (const auto& word : words) {
    INFO(word);
    CHECK_FALSE(bytes.contains(word));
  }
}

TEST_CASE("number, origin and weight of a child are nowhere, sealed or not") {
  ImportSchool school;
  const std::string samples = source_path("tests/rosters/");
  const ImportSchool::Files files = {{"uwlr.xml", file_text(samples + "dirty_uwlr_2.3_soap.xml")},
                                     {"guardians.csv", file_text(samples + "dirty_guardians.csv")}};
  const auto draft = school.draft(files);
  REQUIRE_FALSE(draft.refused);
  REQUIRE(school.import(files).end == ApplyEnd::completed);
  std::string opened = to_json(draft.plan, draft.reading.problems, Language::english);
  for (const auto& child : school.children()) {
    opened += school.open(child.name) + school.open(child.birth_day);
  }
  for (const auto& account : school.accounts()) {
    opened += school.open(account.name) + school.open(account.contact);
  }
  CHECK(opened.contains("Zonnewoud"));
  const auto bytes = school.all_bytes();
  for (const std::string never : {"999990019", "999990020", "Nederlandse", "leverancier_kleur"}) {
    INFO(never);
    CHECK(!opened.contains(never) == (never != "leverancier_kleur"));
    CHECK_FALSE(holds_text(bytes, never));
  }
}

}  // namespace
}  // namespace klasboek::tests
