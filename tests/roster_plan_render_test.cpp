// What people and programs get to see of a plan.
#include <catch2/catch.hpp>
#include <string>

#include "api/json_value.h"
#include "api/roster_guardian_csv.h"
#include "api/roster_plan.h"
#include "events/event.h"
#include "tests/support/roster_files.h"
#include "tests/support/roster_school.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

const std::string kStaff =
    "<leerkracht key=\"P1\"><achternaam>Wolkenaer</achternaam><roepnaam>Margot</roepnaam>"
    "<emailadres>margot@school.example</emailadres><rol>DIR</rol><rol>LRK</rol>"
    "<groepen><groep key=\"G3\"/></groepen></leerkracht>";
const std::string kRows =
    "leerling;naam;email;relatie;gezag;huishouden;telefoon1\n"
    "L1;Judith ter Voorbeeld;judith@ouders.example;moeder;ja;A;0600000001\n"
    "L1;Bas Voorbeeld;;vader;nee;B;\n"
    "L9;Bas Ander;;vader;nee;B;\n";

RosterFile file_of(const std::string& pupils, const std::string& rows = kRows) {
  RosterFile file = read_xml(edex_of(pupils, kStaff)).file;
  const RosterFile guardians = read_guardian_csv(decode(rows).value()).file;
  file.guardians = guardians.guardians;
  file.covers_guardians = true;
  return file;
}

const std::string kPupils = clean_pupil("L1") + clean_pupil("L2", "<groep key=\"G4\"/>");

TEST_CASE("a plan reads as a list of what happens, to whom, in plain words") {
  const std::string text = render_plan(make_plan(file_of(kPupils), {}), Language::english);
  INFO(text);
  for (const std::string_view line :
       {"Pupils: 2 new, 0 corrected, 0 moved, 0 leave, 0 unchanged.\n", "\nGroups\n  + Groep 3\n",
        "  + Noor Voorbeeld, Groep 3, born 2019-03-14\n",
        "  + Judith ter Voorbeeld, judith@ouders.example\n",
        "  + Bas Voorbeeld, no e-mail address: invite by letter\n",
        "  + Margot Wolkenaer, teacher, before Groep 3\n",
        "  + Judith ter Voorbeeld of Noor Voorbeeld: mother, with authority, household 1, ",
        ", to call as number 1\n", "  ? Margot Wolkenaer becomes director\n"}) {
    INFO(line);
    CHECK(text.contains(line));
  }
}

TEST_CASE("the same in Dutch") {
  const std::string text = render_plan(make_plan(file_of(kPupils), {}), Language::dutch);
  INFO(text);
  for (const std::string_view line :
       {"Leerlingen: 2 nieuw, 0 verbeterd, 0 verplaatst, 0 vertrekken, 0 ongewijzigd.\n",
        "  + Noor Voorbeeld, Groep 3, geboren 2019-03-14\n",
        "  + Bas Voorbeeld van Noor Voorbeeld: vader, zonder gezag, huishouden 2, ",
        ", te bellen als nummer 2\n", "  ? Margot Wolkenaer wordt directeur\n"}) {
    INFO(line);
    CHECK(text.contains(line));
  }
}

TEST_CASE("changes, moves, leavers and the question for their number are told") {
  RosterSchool school;
  school.apply(make_plan(file_of(kPupils), school.current()));
  RosterFile newer = file_of(clean_pupil("L1", "<groep key=\"G4\"/>"));
  newer.pupils[0].name.prefix = "van";
  newer.groups[0].name = "Groep drie";
  const Plan plan = make_plan(newer, school.current());
  const std::string text = render_plan(plan, Language::english);
  INFO(text);
  for (const std::string_view line :
       {"  ~ Groep 3 → Groep drie\n", "  ~ Noor Voorbeeld → Noor van Voorbeeld\n",
        "  > Noor Voorbeeld: Groep 3 → Groep 4\n", "  - Noor Voorbeeld, Groep 4: leaves\n",
        "Mind: 1 of 2 pupils leave.\n", "All of Groep 4 leave.\n",
        "Confirm this by the number, 1.\n"}) {
    INFO(line);
    CHECK(text.contains(line));
  }
}

TEST_CASE("an empty plan says so") {
  RosterSchool school;
  school.apply(make_plan(file_of(kPupils), school.current()));
  const Plan plan = make_plan(file_of(kPupils), school.current());
  CHECK(render_plan(plan, Language::english).starts_with("Nothing changes.\n"));
}

TEST_CASE("the JSON of a plan has counts, lists, proposals and problems under stable names") {
  const Plan plan = make_plan(file_of(kPupils), {});
  const std::vector<Problem> reading = {
      {.code = ProblemCode::empty_prefix, .where = {.file = 0, .line = 4}, .count = 2}};
  const std::string text = to_json(plan, reading, Language::english);
  const auto json = api::parse_json(text);
  REQUIRE(json.has_value());
  CHECK(json->member("counts")->member("children_added")->integer == 2);
  CHECK(json->member("changes_nothing")->boolean == false);
  CHECK(json->member("requires_confirmation")->kind == api::JsonValue::Kind::null);
  for (const std::string_view name :
       {"groups_added", "groups_renamed", "groups_closed", "children_added", "children_corrected",
        "children_moved", "children_left", "recognised", "accounts_opened", "accounts_corrected",
        "staff", "guardians_linked", "guardians_changed", "proposals"}) {
    INFO(name);
    REQUIRE(json->member(name) != nullptr);
    CHECK(json->member("counts")->member(name)->integer ==
          static_cast<std::int64_t>(json->member(name)->items.size()));
  }
  const api::JsonValue& proposal = json->member("proposals")->items.at(0);
  CHECK(proposal.member("kind")->text == "give_role");
  CHECK(proposal.member("role")->text == "director");
  const api::JsonValue& link = json->member("guardians_linked")->items.at(1);
  CHECK(link.member("authority")->text == "without");
  CHECK(link.member("relation")->text == "father");
  const auto& problems = json->member("problems")->items;
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].member("code")->text == "empty_prefix");
  CHECK(problems[0].member("severity")->text == "note");
  CHECK(problems[1].member("line")->integer == 4);
  CHECK(problems[1].member("code")->text == "child_unknown");
}

TEST_CASE("names stand in the plan, and never in its problems") {
  const Plan plan = make_plan(file_of(kPupils), {});
  REQUIRE_FALSE(plan.problems.empty());
  for (const Problem& problem : plan.problems) {
    for (const Language language : {Language::english, Language::dutch}) {
      const std::string text = message(problem, language) + remedy(problem, language);
      for (const std::string_view name : {"Voorbeeld", "Ander", "Judith", "example"}) {
        CHECK_FALSE(text.contains(name));
      }
    }
  }
}

TEST_CASE("references to what is there carry its id, to what is made its key or number") {
  RosterSchool school;
  school.apply(make_plan(file_of(kPupils), school.current()));
  RosterFile newer = file_of(kPupils);
  newer.pupils[0].group_key = "G4";
  const std::string moved = to_json(make_plan(newer, school.current()), {}, Language::dutch);
  CHECK(moved.contains(events::to_text(school.child("L1").id)));
  CHECK(moved.contains(events::to_text(school.group("G4").id)));
  const std::string first = to_json(make_plan(newer, {}), {}, Language::dutch);
  CHECK_FALSE(first.contains("\"id\""));
  CHECK(first.contains("\"opened\":0"));
}

}  // namespace
}  // namespace klasboek::tests
