#include "api/roster_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "api/roster_read.h"
#include "events/event.h"
#include "tests/support/roster_files.h"
#include "tests/support/roster_school.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

const std::string kDemo = source_path("tools/demo_school/");

RosterFile demo_file() {
  const std::vector<Reading> readings = {
      read_roster(file_text(kDemo + "roster.xml"), "", roster_today()),
      read_roster(file_text(kDemo + "guardians.csv"), "", roster_today())};
  return combine(readings).file;
}

RosterFile demo_part(const std::string& name) {
  return read_roster(file_text(kDemo + name), "", roster_today()).file;
}

RosterSchool school_of(const RosterFile& file) {
  RosterSchool school;
  school.apply(make_plan(file, school.current()));
  return school;
}

void accept_all(RosterSchool& school, const Plan& plan) {
  for (const Proposal& proposal : plan.proposals) school.accept(proposal);
}

Pupil& pupil(RosterFile& file, const std::string& key) {
  return *std::ranges::find(file.pupils, key, &Pupil::key);
}

std::string codes(const Plan& plan) { return codes_of(plan.problems); }

TEST_CASE("a first import adds groups and pupils, and leaves nothing to ask") {
  const Plan plan = make_plan(demo_file(), {});
  INFO(codes(plan));
  CHECK(plan.problems.empty());
  CHECK(plan.groups_added.size() == 3);
  CHECK(plan.children_added.size() == 60);
  CHECK(plan.children_added[0].class_group->name == "Groep 1/2");
  CHECK(plan.children_left.empty());
  CHECK_FALSE(plan.requires_confirmation);
  CHECK_FALSE(changes_nothing(plan));
}

TEST_CASE("the same file over what it made changes nothing") {
  RosterSchool school;
  const Plan first = make_plan(demo_file(), school.current());
  school.apply(first);
  const Plan second = make_plan(demo_file(), school.current());
  INFO(render_plan(second, Language::english));
  CHECK(changes_nothing(second));
  CHECK(second.children_unchanged == 60);
  CHECK(second.problems.empty());
  CHECK(second.proposals.size() == first.proposals.size());
  accept_all(school, second);
  CHECK(make_plan(demo_file(), school.current()).proposals.empty());
}

TEST_CASE("pupils first and guardians later come to the same as both at once") {
  RosterSchool school = school_of(demo_part("roster.xml"));
  CHECK(school.current().children.size() == 60);
  const Plan guardians = make_plan(demo_part("guardians.csv"), school.current());
  CHECK(guardians.children_left.empty());
  CHECK(guardians.groups_closed.empty());
  school.apply(guardians);
  CHECK(changes_nothing(make_plan(demo_file(), school.current())));
}

TEST_CASE("a roster file without guardians leaves the guardians alone") {
  const RosterSchool school = school_of(demo_file());
  const Plan plan = make_plan(demo_part("roster.xml"), school.current());
  INFO(render_plan(plan, Language::english));
  CHECK(changes_nothing(plan));
  CHECK(std::ranges::none_of(plan.proposals, [](const Proposal& proposal) {
    return proposal.kind == ProposalKind::unlink_guardian;
  }));
}

TEST_CASE("a newer file brings only its differences") {
  const RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  pupil(file, "L1001").name.given = "Noortje";
  pupil(file, "L1002").birth_day = events::parse_day("2018-02-09");
  pupil(file, "L1003").group_key = pupil(file, "L1003").group_key == "G8" ? "G5" : "G8";
  std::erase_if(file.pupils, [](const Pupil& each) { return each.key == "L1004"; });
  std::erase_if(file.guardians, [](const Guardian& each) { return each.child_key == "L1004"; });
  Pupil added = pupil(file, "L1005");
  added.key = "L2001";
  added.name.given = "Pim";
  file.pupils.push_back(added);

  const Plan plan = make_plan(file, school.current());
  REQUIRE(plan.children_corrected.size() == 2);
  CHECK(plan.children_corrected[0].name->given == "Noortje");
  CHECK_FALSE(plan.children_corrected[0].birth_day);
  CHECK(plan.children_corrected[1].birth_day == events::parse_day("2018-02-09"));
  CHECK_FALSE(plan.children_corrected[1].name);
  REQUIRE(plan.children_moved.size() == 1);
  CHECK(plan.children_moved[0].child.key == "L1003");
  REQUIRE(plan.children_left.size() == 1);
  CHECK(plan.children_left[0].child.key == "L1004");
  REQUIRE(plan.children_added.size() == 1);
  CHECK(plan.children_unchanged == 56);
  CHECK_FALSE(plan.requires_confirmation);

  RosterSchool after = school;
  after.apply(plan);
  CHECK(changes_nothing(make_plan(file, after.current())));
}

TEST_CASE("groups are renamed, and a group that the file has no more is closed once it is empty") {
  RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  file.groups[0].name = "Kleuters";
  for (Pupil& each : file.pupils) {
    if (each.group_key == "G8") each.group_key = "G5";
  }
  std::erase_if(file.groups, [](const Group& group) { return group.key == "G8"; });
  const Plan plan = make_plan(file, school.current());
  REQUIRE(plan.groups_renamed.size() == 1);
  CHECK(plan.groups_renamed[0].group.name == "Groep 1/2");
  CHECK(plan.groups_renamed[0].name == "Kleuters");
  CHECK(plan.children_moved.size() == 20);
  REQUIRE(plan.groups_closed.size() == 1);
  CHECK(plan.groups_closed[0].name == "Groep 8");
  CHECK_FALSE(plan.requires_confirmation);
  school.apply(plan);
  CHECK(changes_nothing(make_plan(file, school.current())));
}

TEST_CASE("group_still_used: a group is not closed under the children in it") {
  const RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  for (Pupil& each : file.pupils) {
    if (each.group_key == "G8") each.group_key.clear();
  }
  std::erase_if(file.groups, [](const Group& group) { return group.key == "G8"; });
  const Plan plan = make_plan(file, school.current());
  CHECK(plan.groups_closed.empty());
  CHECK(plan.children_moved.empty());
  REQUIRE(plan.problems.size() == 1);
  CHECK(plan.problems[0].code == ProblemCode::group_still_used);
  CHECK(plan.problems[0].count == 20);
}

TEST_CASE("the group of the whole school is none of an import's business") {
  RosterSchool school = school_of(demo_file());
  school.current().groups.push_back(
      {.id = {{.hi = 9, .lo = 9}}, .name = "Hele school", .kind = GroupKind::whole_school});
  CHECK(changes_nothing(make_plan(demo_file(), school.current())));
}

TEST_CASE("combined_group_not_planned: an extra group is told, a class by that name is planned") {
  const std::string extra =
      "<samengestelde_groepen><samengestelde_groep key=\"S1\"/>"
      "</samengestelde_groepen>";
  const Plan beside =
      make_plan(read_xml(edex_of(clean_pupil("1", "<groep key=\"G3\"/>" + extra))).file, {});
  CHECK(beside.groups_added.size() == 2);
  REQUIRE(beside.problems.size() == 1);
  CHECK(beside.problems[0].code == ProblemCode::combined_group_not_planned);
  const Plan own = make_plan(read_xml(edex_of(clean_pupil("1", "<groep key=\"S1\"/>"))).file, {});
  CHECK(own.groups_added.size() == 3);
  CHECK(own.children_added.at(0).class_group->name == "Plusklas");
}

TEST_CASE("more than a tenth of the pupils leaving is to be confirmed by the number") {
  const RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  file.pupils.erase(file.pupils.begin(), file.pupils.begin() + 6);
  CHECK_FALSE(make_plan(file, school.current()).requires_confirmation);

  file.pupils.erase(file.pupils.begin());
  const Plan plan = make_plan(file, school.current());
  REQUIRE(plan.requires_confirmation);
  CHECK(plan.requires_confirmation->leavers == 7);
  CHECK(plan.requires_confirmation->children == 60);
  CHECK(plan.requires_confirmation->groups_left_whole.empty());
  CHECK_FALSE(is_confirmed(plan, std::nullopt));
  CHECK_FALSE(is_confirmed(plan, 6));
  CHECK(is_confirmed(plan, 7));
  CHECK(render_plan(plan, Language::english).contains("Confirm this by the number, 7."));
}

TEST_CASE("a whole group leaving is to be confirmed, however small it is") {
  RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  Group tiny = file.groups[0];
  tiny.key = "G0";
  tiny.name = "Instroom";
  file.groups.push_back(tiny);
  pupil(file, "L1001").group_key = "G0";
  school.apply(make_plan(file, school.current()));
  std::erase_if(file.pupils, [](const Pupil& each) { return each.key == "L1001"; });
  const Plan plan = make_plan(file, school.current());
  REQUIRE(plan.requires_confirmation);
  CHECK(plan.requires_confirmation->leavers == 1);
  REQUIRE(plan.requires_confirmation->groups_left_whole.size() == 1);
  CHECK(plan.requires_confirmation->groups_left_whole[0].name == "Instroom");
}

TEST_CASE("pupils without a key make every leaver doubtful") {
  const RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  file.pupils.erase(file.pupils.begin());
  file.pupils_without_key = 1;
  const Plan plan = make_plan(file, school.current());
  REQUIRE(plan.requires_confirmation);
  CHECK(plan.requires_confirmation->keys_missing);
}

TEST_CASE("who is in the file but was left out of the reading has not left the school") {
  const RosterSchool school = school_of(demo_file());
  RosterFile file = demo_file();
  std::erase_if(file.pupils, [](const Pupil& each) { return each.key == "L1001"; });
  file.left_out_pupil_keys = {"L1001"};
  const Plan plan = make_plan(file, school.current());
  INFO(codes(plan));
  CHECK(plan.children_left.empty());
  CHECK(plan.problems.empty());
}

TEST_CASE("a child entered by hand does not leave because a file lacks it") {
  RosterSchool school = school_of(demo_file());
  CurrentChild by_hand{.id = {{.hi = 9, .lo = 1}}, .name = {"Pim", "", "Nieuwkomer"}};
  by_hand.entered_by_hand = true;
  school.current().children.push_back(by_hand);
  CHECK(make_plan(demo_file(), school.current()).children_left.empty());
}

TEST_CASE("children are recognised by name and birth day when every key is new") {
  RosterSchool school = school_of(demo_file());
  // Keys of the former administration lead to nothing in the new file.
  for (CurrentChild& child : school.current().children) child.key.clear();
  RosterFile file = demo_part("roster.xml");
  for (Pupil& each : file.pupils) each.key = "nieuw-" + each.key;
  pupil(file, "nieuw-L1001").name.given = "NOOR";
  const Plan plan = make_plan(file, school.current());
  CHECK(plan.children_added.empty());
  CHECK(plan.children_left.empty());
  CHECK(plan.recognised.size() == 60);
  REQUIRE(plan.children_corrected.size() == 1);
  school.apply(plan);
  CHECK(changes_nothing(make_plan(file, school.current())));
}

TEST_CASE("two children of one name and birth day are never guessed apart") {
  RosterSchool school = school_of(demo_file());
  CurrentChild twin = school.child("L1001");
  twin.id = {{.hi = 9, .lo = 2}};
  twin.key.clear();
  school.child("L1001").key.clear();
  school.current().children.push_back(twin);
  const Plan plan = make_plan(demo_part("roster.xml"), school.current());
  CHECK(plan.recognised.empty());
  REQUIRE(plan.children_added.size() == 1);
  CHECK(plan.children_left.size() == 2);
}

TEST_CASE("a class made by hand is recognised by its name") {
  RosterSchool school;
  school.current().groups.push_back(
      {.id = {{.hi = 9, .lo = 3}}, .name = "groep 5", .kind = GroupKind::class_group});
  const Plan plan = make_plan(demo_part("roster.xml"), school.current());
  CHECK(plan.groups_added.size() == 2);
  REQUIRE(plan.recognised.size() == 1);
  CHECK(plan.recognised[0].key == "G5");
  CHECK(plan.groups_renamed.size() == 1);
}

TEST_CASE("a plan is the same every time it is made") {
  const RosterSchool school = school_of(demo_part("roster.xml"));
  const Plan one = make_plan(demo_file(), school.current());
  const Plan two = make_plan(demo_file(), school.current());
  CHECK(to_json(one, {}, Language::english) == to_json(two, {}, Language::english));
}

}  // namespace
}  // namespace klasboek::tests
