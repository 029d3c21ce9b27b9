// Roster files that really land in a school: what they make, change and leave alone.
#include "api/roster_apply.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/import_school.h"
#include "tests/support/roster_files.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;
using events::Role;

ImportSchool::Files demo() { return demo_files(); }

/// The demo school's pupils and staff, with these words in place of those.
ImportSchool::Files demo_roster(
    const std::vector<std::pair<std::string, std::string>>& replacements = {}) {
  auto file = demo().front();
  for (const auto& [what, by] : replacements) file.bytes = with(file.bytes, what, by);
  return {file};
}

/// The demo school without the pupils of one class.
ImportSchool::Files demo_without(const std::string& group) {
  auto file = demo().front();
  const std::string mark = "<groep key=\"" + group + "\"/>\n      <vestiging";
  for (auto at = file.bytes.find(mark); at != std::string::npos; at = file.bytes.find(mark)) {
    const auto begin = file.bytes.rfind("<leerling ", at);
    const auto end = file.bytes.find("</leerling>", at) + std::string("</leerling>").size();
    file.bytes.erase(begin, end - begin);
  }
  return {file};
}

bool is_unchanged(ImportSchool& school, const ImportSchool::Files& files) {
  const auto draft = school.draft(files);
  INFO(render_plan(draft.plan, Language::english));
  CHECK(changes_nothing(draft.plan));
  return changes_nothing(draft.plan);
}

TEST_CASE("the demo school is taken in whole: classes, pupils, guardians and staff") {
  ImportSchool school;
  const auto outcome = school.import(demo());
  REQUIRE(outcome.end == ApplyEnd::completed);
  CHECK(outcome.steps_left == 0);
  CHECK(outcome.state.chunks_done == outcome.state.chunks);
  CHECK(school.groups().size() == 3);
  const auto children = school.children();
  CHECK(children.size() == 60);
  for (const auto& child : children) {
    CHECK(child.enrolment.first_day == events::parse_day("2026-10-01"));
    CHECK(child.class_on(school.today()).has_value());
    CHECK_FALSE(child.guardians.empty());
  }
  CHECK(school.class_of("Sem van Kersenlaan") == "Groep 5");
  const auto sem = school.child("Sem van Kersenlaan");
  CHECK(school.open(sem.birth_day) == "2018-02-08");
  const auto samira = school.account("Samira van Kersenlaan");
  REQUIRE(sem.guardian(samira.id) != nullptr);
  CHECK(sem.guardian(samira.id)->authority == events::Authority::with);
  const auto card = api::contact_card_of(school.open(samira.contact));
  CHECK(card.email == "samira.kersenlaan@ouders.example");
  CHECK_FALSE(card.phones.empty());
  CHECK(school.account("Rayan Bouchariti").holds_role(Role::teacher, school.today()));
  CHECK(school.account("Gerda den Rietzangers").holds_role(Role::office, school.today()));
  const auto nadia = school.account("Nadia Yıldızova");
  CHECK(nadia.holds_role(Role::teacher, school.today()));
  CHECK_FALSE(nadia.children.empty());
  CHECK(school.faults().empty());
}

TEST_CASE("the same files again change nothing") {
  ImportSchool school;
  REQUIRE(school.import(demo()).end == ApplyEnd::completed);
  CHECK(is_unchanged(school, demo()));
  school.next_day();
  CHECK(is_unchanged(school, demo()));
  school.reopen();
  CHECK(is_unchanged(school, demo()));
}

TEST_CASE("a later file brings a move, a new pupil, a leaver and a corrected name, and no more") {
  ImportSchool school;
  REQUIRE(school.import(demo()).end == ApplyEnd::completed);
  school.next_day();
  const auto before = school.events_in_log();
  const auto finn = school.child("Finn ter Waterbrink");
  // L1002 moves, L1003's name is corrected, L1004 becomes another pupil.
  const auto later = demo_roster({{"<jaargroep>5</jaargroep>\n      <groep key=\"G5\"/>",
                                   "<jaargroep>8</jaargroep>\n      <groep key=\"G8\"/>"},
                                  {"<roepnaam>Lotte</roepnaam>\n      <geboortedatum>2015-09-09",
                                   "<roepnaam>Lotje</roepnaam>\n      <geboortedatum>2015-09-09"},
                                  {"key=\"L1004\"", "key=\"L2004\""},
                                  {"<roepnaam>Finn</roepnaam>\n      <geboortedatum>2015-02-17",
                                   "<roepnaam>Lieve</roepnaam>\n      <geboortedatum>2015-03-17"}});
  const auto outcome = school.import(later);
  REQUIRE(outcome.end == ApplyEnd::completed);
  // Begun, chunk and completed; placed, corrected, left; enrolled and placed.
  CHECK(school.events_in_log() == before + 3 + 3 + 2);
  CHECK(school.class_of("Sem van Kersenlaan") == "Groep 8");
  CHECK(school.class_of("Lotje van Kersenlaan") == "Groep 8");
  CHECK(school.class_of("Lieve ter Waterbrink") == "Groep 8");
  CHECK(school.child("Finn ter Waterbrink").id == finn.id);
  CHECK(school.child("Finn ter Waterbrink").enrolment.last_day == school.today().plus(-1));
  CHECK(is_unchanged(school, later));
  CHECK(school.faults().empty());

  // He comes back: the same child, with the guardians that he had.
  school.next_day();
  REQUIRE(school.import(demo()).end == ApplyEnd::completed);
  const auto again = school.child("Finn ter Waterbrink");
  CHECK(again.id == finn.id);
  CHECK(again.guardians.size() == finn.guardians.size());
  CHECK(school.class_of("Finn ter Waterbrink") == "Groep 8");
  CHECK(is_unchanged(school, demo()));
  CHECK(school.faults().empty());
}

TEST_CASE("so many leavers are taken out only when somebody says their number") {
  ImportSchool school;
  REQUIRE(school.import(demo()).end == ApplyEnd::completed);
  school.next_day();
  const auto before = school.events_in_log();
  const auto files = demo_without("G8");
  CHECK(school.import(files).end == ApplyEnd::not_confirmed);
  CHECK(school.import(files, 19).end == ApplyEnd::not_confirmed);
  CHECK(school.events_in_log() == before);
  REQUIRE(school.import(files, 20).end == ApplyEnd::completed);
  CHECK(std::ranges::count_if(school.children(), [&](const auto& child) {
          return child.enrolment.holds_on(school.today());
        }) == 40);
  CHECK(is_unchanged(school, files));
}

TEST_CASE("a class that was closed comes back as another one") {
  ImportSchool school;
  const auto class_of_three = edex_of(clean_pupil("L1") + clean_pupil("L2"));
  const auto without_four = with(
      class_of_three, "<groep key=\"G4\"><naam>Groep 4</naam><jaargroep>4</jaargroep></groep>", "");
  REQUIRE(school.import({{"a.xml", class_of_three}}).end == ApplyEnd::completed);
  school.next_day();
  REQUIRE(school.import({{"b.xml", without_four}}).end == ApplyEnd::completed);
  CHECK(is_unchanged(school, {{"b.xml", without_four}}));
  REQUIRE(school.import({{"a.xml", class_of_three}}).end == ApplyEnd::completed);
  CHECK(is_unchanged(school, {{"a.xml", class_of_three}}));
  CHECK(school.groups().size() == 3);
}

TEST_CASE("a file gives nobody power: no direction, and no authority where guardians stand") {
  ImportSchool school;
  const auto draft = school.draft(demo());
  CHECK(std::ranges::any_of(draft.plan.proposals, [](const Proposal& proposal) {
    return proposal.kind == ProposalKind::give_role;
  }));
  REQUIRE(school.import(demo()).end == ApplyEnd::completed);
  for (const auto& account : school.accounts()) {
    CHECK_FALSE(account.holds_role(Role::director, school.today()));
    CHECK_FALSE(account.holds_role(Role::deputy, school.today()));
  }
  school.next_day();
  auto files = demo();
  files[1].bytes = with(files[1].bytes, "samira.kersenlaan@ouders.example;moeder;ja",
                        "samira.kersenlaan@ouders.example;moeder;nee");
  files[1].bytes += "L1002;Onno;;Nieuwman;onno.nieuwman@ouders.example;vader;ja;H02;;;\n";
  REQUIRE(school.import(files).end == ApplyEnd::completed);
  const auto sem = school.child("Sem van Kersenlaan");
  const auto* samira = sem.guardian(school.account("Samira van Kersenlaan").id);
  const auto* onno = sem.guardian(school.account("Onno Nieuwman").id);
  REQUIRE(samira != nullptr);
  REQUIRE(onno != nullptr);
  CHECK(samira->authority == events::Authority::with);
  CHECK(onno->authority == events::Authority::unknown);
  CHECK(is_unchanged(school, files));
}

TEST_CASE("a file of guardians alone finds the pupils that are there") {
  ImportSchool school;
  REQUIRE(school.import({demo()[0]}).end == ApplyEnd::completed);
  REQUIRE(school.import({demo()[1]}).end == ApplyEnd::completed);
  CHECK(is_unchanged(school, demo()));
}

TEST_CASE("a corrected address leaves the telephone numbers as they are") {
  ImportSchool school;
  REQUIRE(school.import(demo()).end == ApplyEnd::completed);
  auto files = demo();
  const auto before =
      api::contact_card_of(school.open(school.account("Samira van Kersenlaan").contact));
  for (auto at = files[1].bytes.find("samira.kersenlaan@"); at != std::string::npos;
       at = files[1].bytes.find("samira.kersenlaan@", at)) {
    files[1].bytes.replace(at, 17, "samira");
  }
  REQUIRE(school.import(files).end == ApplyEnd::completed);
  const auto after =
      api::contact_card_of(school.open(school.account("Samira van Kersenlaan").contact));
  CHECK(after.email == "samira@ouders.example");
  CHECK(after.phones == before.phones);
  CHECK(is_unchanged(school, files));
}

}  // namespace
}  // namespace klasboek::tests
