// People in a plan: accounts, staff, guardians, and what is only proposed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "api/roster_guardian_csv.h"
#include "api/roster_plan.h"
#include "events/event.h"
#include "tests/support/roster_files.h"
#include "tests/support/roster_school.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;
using Code = ProblemCode;

const std::string kHeader = "leerling;naam;email;relatie;gezag;huishouden;telefoon1\n";
const std::string kNoor = "L1;Noor Voorbeeld;noor@ouders.example;moeder;ja;A;0600000001\n";
const std::string kTom = "L1;Tom Voorbeeld;tom@ouders.example;vader;ja;A;0600000002\n";

std::string staff_of(std::string_view key, std::string_view given, std::string_view rest) {
  return "<leerkracht key=\"" + std::string(key) +
         "\"><achternaam>Personeel</achternaam><roepnaam>" + std::string(given) + "</roepnaam>" +
         std::string(rest) + "</leerkracht>\n";
}

RosterFile pupils(const std::string& staff = "") {
  RosterFile file = read_xml(edex_of(clean_pupil("L1") + clean_pupil("L2"), staff)).file;
  std::erase_if(file.groups, [](const Group& group) { return group.combined; });
  return file;
}

RosterFile guardians(const std::string& rows) {
  return read_guardian_csv(decode(kHeader + rows).value()).file;
}

RosterFile both(const std::string& staff, const std::string& rows) {
  RosterFile file = pupils(staff);
  file.guardians = guardians(rows).guardians;
  file.covers_guardians = true;
  return file;
}

RosterSchool school_of(const RosterFile& file) {
  RosterSchool school;
  school.apply(make_plan(file, school.current()));
  return school;
}

// The plan for a file, and that it leaves nothing to change.
Plan plan_and_apply(RosterSchool& school, const RosterFile& file) {
  Plan plan = make_plan(file, school.current());
  school.apply(plan);
  const Plan again = make_plan(file, school.current());
  INFO(render_plan(again, Language::english));
  CHECK(changes_nothing(again));
  return plan;
}

std::vector<ProposalKind> kinds_of(const Plan& plan) {
  std::vector<ProposalKind> kinds(plan.proposals.size());
  std::ranges::transform(plan.proposals, kinds.begin(), &Proposal::kind);
  return kinds;
}

std::string codes(const Plan& plan) { return codes_of(plan.problems); }

TEST_CASE(
    "guardians of a new child come with relation, authority, household and order of calling") {
  RosterSchool school;
  const Plan plan = plan_and_apply(
      school, both("", kNoor + "L1;Tom Voorbeeld;tom@ouders.example;vader;nee;B;0600000002\n"));
  INFO(codes(plan));
  REQUIRE(plan.guardians_linked.size() == 2);
  const GuardianLinked& tom = plan.guardians_linked[1];
  CHECK(tom.relation == Relation::father);
  CHECK(tom.authority == Authority::without);
  CHECK(tom.household == 2);
  CHECK(tom.contact_order == 2);
  CHECK(plan.guardians_linked[0].authority == Authority::with);
  CHECK(plan.guardians_linked[0].household == 1);
  CHECK(plan.proposals.empty());
  CHECK(plan.accounts_opened[1].phones == std::vector<std::string>{"0600000002"});
}

TEST_CASE("one address is one account, with children in several groups") {
  RosterSchool school;
  const Plan plan = plan_and_apply(
      school, both("", kNoor + "L2;N. Voorbeeld;noor@ouders.example;moeder;ja;A;0600000001\n"));
  CHECK(plan.accounts_opened.size() == 1);
  CHECK(plan.accounts_opened[0].name.given == "Noor");
  CHECK(plan.guardians_linked.size() == 2);
  CHECK(plan.problems.empty());
}

TEST_CASE("siblings share a parent without an address if they share the household") {
  RosterSchool school;
  const Plan plan = plan_and_apply(school, both("",
                                                "L1;Noor Voorbeeld;;moeder;ja;A;\n"
                                                "L2;Noor Voorbeeld;;moeder;ja;A;\n"
                                                "L2;Noor Voorbeeld;;;;B;\n"));
  CHECK(plan.accounts_opened.size() == 1);
}

TEST_CASE("a parent whose address is missing in one row is still one person") {
  RosterSchool school;
  const Plan plan = plan_and_apply(school, both("", "L2;Noor Voorbeeld;;moeder;ja;A;\n" + kNoor));
  REQUIRE(plan.accounts_opened.size() == 1);
  CHECK(plan.accounts_opened[0].email == "noor@ouders.example");
}

TEST_CASE("two people who gave one address get two accounts, and neither gets the address") {
  RosterSchool school;
  const Plan plan =
      plan_and_apply(school, both("",
                                  "L1;Noor Voorbeeld;thuis@ouders.example;moeder;ja;A;\n"
                                  "L1;Tom Voorbeeld;thuis@ouders.example;vader;ja;A;\n"));
  REQUIRE(plan.accounts_opened.size() == 2);
  CHECK(plan.accounts_opened[0].email.empty());
  CHECK(plan.accounts_opened[1].email.empty());
}

TEST_CASE("account_of_somebody_else: an address that has an account stays its owner's") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan =
      plan_and_apply(school, both("", kNoor + "L2;Karel Anders;noor@ouders.example;vader;ja;A;\n"));
  // The reader gives the address to neither; Noor is found as the guardian of her child.
  CHECK(plan.accounts_corrected.empty());
  CHECK(school.account("noor@ouders.example").name.given == "Noor");

  RosterSchool other = school_of(both("", kNoor));
  const Plan alone =
      plan_and_apply(other, both("", "L2;Karel Anders;noor@ouders.example;vader;ja;A;\n"));
  REQUIRE(alone.problems.size() == 1);
  CHECK(alone.problems[0].code == Code::account_of_somebody_else);
  CHECK_FALSE(message(alone.problems[0], Language::english).contains("noor"));
  REQUIRE(alone.accounts_opened.size() == 1);
  CHECK(alone.accounts_opened[0].email.empty());
}

TEST_CASE("a teacher who is a parent has one account") {
  const std::string teacher =
      "<leerkracht key=\"P1\"><achternaam>Voorbeeld</achternaam><roepnaam>Noor</roepnaam>"
      "<emailadres>noor@ouders.example</emailadres><rol>LRK</rol><groepen><groep key=\"G4\"/>"
      "</groepen></leerkracht>";
  RosterSchool school;
  const Plan plan = plan_and_apply(school, both(teacher, kNoor));
  REQUIRE(plan.accounts_opened.size() == 1);
  REQUIRE(plan.staff.size() == 1);
  CHECK(plan.staff[0].person.opened == plan.guardians_linked.at(0).guardian.opened);
}

TEST_CASE("staff and a guardian of another name under one address are two people") {
  const std::string staff = staff_of("P1", "Tess", "<emailadres>noor@ouders.example</emailadres>");
  RosterSchool school;
  const Plan plan = plan_and_apply(school, both(staff, kNoor));
  CHECK(plan.accounts_opened.size() == 2);
  REQUIRE(plan.problems.size() == 1);
  CHECK(plan.problems[0].code == Code::account_of_somebody_else);
  CHECK(plan.problems[0].key == "L1");
}

TEST_CASE("child_unknown: a row for a pupil that nobody knows is left out") {
  RosterSchool school;
  const Plan plan =
      plan_and_apply(school, both("", kNoor + "L9;Tom Anders;tom@ouders.example;vader;ja;;\n"));
  REQUIRE(plan.problems.size() == 1);
  CHECK(plan.problems[0].code == Code::child_unknown);
  CHECK(plan.problems[0].where.line == 3);
  CHECK(plan.accounts_opened.size() == 1);
}

TEST_CASE("too_many_guardians: a wrong key in a whole column does not make one child's crowd") {
  std::string rows;
  for (int i = 0; i < 25; ++i) {
    rows += "L1;Noor Voorbeeld" + std::to_string(i) + ";n" + std::to_string(i) +
            "@ouders.example;;;;\n";
  }
  RosterSchool school;
  const Plan plan = plan_and_apply(school, both("", rows));
  CHECK(plan.guardians_linked.size() == 20);
  CHECK(plan.problems.size() == 5);
  CHECK(plan.problems[0].code == Code::too_many_guardians);
}

TEST_CASE("another name, address or number of somebody known is a correction") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan = plan_and_apply(
      school, both("", "L1;Noor van Voorbeeld;noor.nieuw@ouders.example;moeder;ja;A;0600000009\n"));
  INFO(render_plan(plan, Language::english));
  CHECK(plan.accounts_opened.empty());
  REQUIRE(plan.accounts_corrected.size() == 1);
  CHECK(plan.accounts_corrected[0].name->prefix == "van");
  CHECK(plan.accounts_corrected[0].email == "noor.nieuw@ouders.example");
  CHECK(plan.accounts_corrected[0].phones == std::vector<std::string>{"0600000009"});
  CHECK(plan.guardians_linked.empty());
}

TEST_CASE("another family name under the same address is the same person, if a child says so") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan = plan_and_apply(
      school, both("", "L1;Noor Meisjesnaam;noor@ouders.example;moeder;ja;A;0600000001\n"));
  CHECK(plan.problems.empty());
  REQUIRE(plan.accounts_corrected.size() == 1);
  CHECK(plan.accounts_corrected[0].name->family == "Meisjesnaam");
}

TEST_CASE("initials do not take the place of a given name") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan = plan_and_apply(
      school, both("", "L1;N. Voorbeeld;noor@ouders.example;moeder;ja;A;0600000001\n"));
  CHECK(changes_nothing(plan));
}

TEST_CASE("initials are not enough to give an account another address") {
  RosterSchool school =
      school_of(both("", "L1;J. Voorbeeld;jan@ouders.example;;ja;A;0600000001\n"));
  const Plan plan =
      plan_and_apply(school, both("", "L1;J. Voorbeeld;johanna@ouders.example;;ja;A;0600000001\n"));
  CHECK(plan.accounts_corrected.empty());
  CHECK(plan.accounts_opened.size() == 1);
  CHECK(kinds_of(plan) ==
        std::vector{ProposalKind::record_authority, ProposalKind::unlink_guardian});
}

TEST_CASE("a father is not taken for the mother, though their names may be the same") {
  RosterSchool school = school_of(both("", "L1;J. Voorbeeld;;vader;ja;A;\n"));
  const Plan plan = plan_and_apply(school, both("", "L1;J. Voorbeeld;;moeder;ja;A;\n"));
  CHECK(plan.accounts_opened.size() == 1);
}

TEST_CASE("authority that stands is never changed by an import, only proposed") {
  RosterSchool school = school_of(both("", kNoor + kTom));
  const RosterFile newer =
      both("", kNoor + "L1;Tom Voorbeeld;tom@ouders.example;vader;nee;A;0600000002\n");
  const Plan plan = plan_and_apply(school, newer);
  CHECK(changes_nothing(plan));
  REQUIRE(plan.proposals.size() == 1);
  CHECK(plan.proposals[0].kind == ProposalKind::record_authority);
  CHECK(plan.proposals[0].authority == Authority::without);
  CHECK(school.link("L1", "tom@ouders.example").authority == Authority::with);
  school.accept(plan.proposals[0]);
  CHECK(make_plan(newer, school.current()).proposals.empty());
}

TEST_CASE("one more guardian of a child that has some gets authority by proposal only") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan = plan_and_apply(school, both("", kNoor + kTom));
  REQUIRE(plan.guardians_linked.size() == 1);
  CHECK(plan.guardians_linked[0].authority == Authority::unknown);
  CHECK(kinds_of(plan) == std::vector{ProposalKind::record_authority});
  CHECK(plan.proposals[0].authority == Authority::with);
}

TEST_CASE("no authority is recorded at once, as it gives nothing") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan = plan_and_apply(
      school, both("", kNoor + "L1;Tom Voorbeeld;tom@ouders.example;vader;nee;B;0600000002\n"));
  CHECK(plan.guardians_linked.at(0).authority == Authority::without);
  CHECK(plan.proposals.empty());
}

TEST_CASE("a file that does not say anything about authority or relation changes neither") {
  RosterSchool school = school_of(both("", kNoor));
  const Plan plan =
      plan_and_apply(school, both("", "L1;Noor Voorbeeld;noor@ouders.example;;;A;0600000001\n"));
  CHECK(changes_nothing(plan));
  CHECK(plan.proposals.empty());
}

TEST_CASE("a guardian whom the file no longer has for a child is proposed to be unlinked") {
  RosterSchool school = school_of(both("", kNoor + kTom));
  const Plan plan = plan_and_apply(school, both("", kNoor));
  CHECK(changes_nothing(plan));
  REQUIRE(kinds_of(plan) == std::vector{ProposalKind::unlink_guardian});
  CHECK(plan.proposals[0].person.name.given == "Tom");
  CHECK(plan.proposals[0].where.line == 0);
  // A child that the file says nothing about keeps all its guardians.
  CHECK(make_plan(both("", ""), school.current()).proposals.empty());
}

TEST_CASE("another relation, household or order of calling is a change") {
  RosterSchool school = school_of(both("", kNoor + kTom));
  const Plan plan = plan_and_apply(
      school, both("", "L1;Tom Voorbeeld;tom@ouders.example;stiefouder;ja;B;0600000002\n" + kNoor));
  REQUIRE(plan.guardians_changed.size() == 2);
  const GuardianChanged& tom = plan.guardians_changed[0];
  CHECK(tom.relation == Relation::step_parent);
  CHECK(tom.contact_order == 1);
  CHECK(tom.household != plan.guardians_changed[1].household);
}

TEST_CASE("households may be called anything, as long as they tell the same homes apart") {
  RosterSchool school =
      school_of(both("", kNoor + "L1;Tom Voorbeeld;tom@ouders.example;vader;ja;B;0600000002\n"));
  const Plan plan = plan_and_apply(
      school, both("",
                   "L1;Noor Voorbeeld;noor@ouders.example;moeder;ja;thuis;0600000001\n"
                   "L1;Tom Voorbeeld;tom@ouders.example;vader;ja;elders;0600000002\n"));
  CHECK(changes_nothing(plan));
}

TEST_CASE("staff get the roles of the file, but director and deputy only by proposal") {
  RosterSchool school;
  const Plan plan = plan_and_apply(
      school,
      pupils(staff_of("P1", "Dirk", "<rol>DIR</rol><rol>LRK</rol>") +
             staff_of("P2", "Ans", "<rol>ADJ</rol>") + staff_of("P3", "Ada", "<rol>ADM</rol>") +
             staff_of("P4", "Ib", "<rol>IB</rol>") + staff_of("P5", "Con", "<rol>CON</rol>")));
  REQUIRE(plan.staff.size() == 5);
  CHECK(plan.staff[0].roles == std::vector{Role::teacher});
  CHECK(plan.staff[1].roles.empty());
  CHECK(plan.staff[2].roles == std::vector{Role::office});
  CHECK(plan.staff[3].roles == std::vector{Role::care});
  CHECK(plan.staff[4].roles.empty());
  CHECK(kinds_of(plan) == std::vector{ProposalKind::give_role, ProposalKind::give_role});
  CHECK(plan.proposals[0].role == Role::director);
  CHECK(plan.proposals[1].role == Role::deputy);
  for (const CurrentAccount& account : school.current().accounts) {
    CHECK(std::ranges::find(account.roles, Role::director) == account.roles.end());
    CHECK(std::ranges::find(account.roles, Role::deputy) == account.roles.end());
  }
}

TEST_CASE("a teacher stands before the groups that the file links") {
  RosterSchool school;
  const Plan plan = plan_and_apply(
      school, pupils(staff_of("P1", "Tess",
                              "<rol>LRK</rol><groepen><groep key=\"G3\"/><groep key=\"G4\">"
                              "<rol>IB</rol></groep></groepen>")));
  REQUIRE(plan.staff.at(0).groups.size() == 1);
  CHECK(plan.staff[0].groups[0].key == "G3");
}

TEST_CASE("a teacher who changes classes gets the new one, and the end of the old is proposed") {
  const std::string before = "<rol>LRK</rol><groepen><groep key=\"G3\"/></groepen>";
  const std::string after = "<rol>LRK</rol><groepen><groep key=\"G4\"/></groepen>";
  RosterSchool school = school_of(pupils(staff_of("P1", "Tess", before)));
  const Plan plan = plan_and_apply(school, pupils(staff_of("P1", "Tess", after)));
  REQUIRE(plan.staff.size() == 1);
  CHECK(plan.staff[0].groups.at(0).key == "G4");
  CHECK_FALSE(plan.staff[0].is_new);
  REQUIRE(kinds_of(plan) == std::vector{ProposalKind::end_assignment});
  CHECK(plan.proposals[0].group->name == "Groep 3");
}

TEST_CASE("a role that the file has no more is proposed to end") {
  RosterSchool school = school_of(pupils(staff_of("P1", "Tess", "<rol>LRK</rol><rol>IB</rol>")));
  const Plan plan = plan_and_apply(school, pupils(staff_of("P1", "Tess", "<rol>LRK</rol>")));
  CHECK(changes_nothing(plan));
  REQUIRE(kinds_of(plan) == std::vector{ProposalKind::end_role});
  CHECK(plan.proposals[0].role == Role::care);
}

TEST_CASE("staff whom the file has no more are proposed to have left, if it has staff at all") {
  const std::string tess = staff_of("P1", "Tess", "<rol>LRK</rol>");
  RosterSchool school = school_of(pupils(tess + staff_of("P2", "Ada", "<rol>ADM</rol>")));
  const Plan plan = make_plan(pupils(tess), school.current());
  REQUIRE(kinds_of(plan) == std::vector{ProposalKind::staff_left});
  CHECK(plan.proposals[0].person.name.given == "Ada");
  CHECK(make_plan(pupils(), school.current()).proposals.empty());

  RosterFile left_out = pupils(tess);
  left_out.left_out_staff_keys = {"P2"};
  CHECK(make_plan(left_out, school.current()).proposals.empty());
  RosterFile keyless = pupils(tess);
  keyless.staff_without_key = 1;
  CHECK(make_plan(keyless, school.current()).proposals.empty());
}

TEST_CASE("staff whose account was made by hand are recognised by their address") {
  RosterSchool school;
  school.current().accounts.push_back({.id = {{.hi = 9, .lo = 9}},
                                       .name = {"Dirk", "", "Personeel"},
                                       .email = "dirk@school.example",
                                       .roles = {Role::director}});
  const Plan plan = plan_and_apply(
      school,
      pupils(staff_of("P1", "Dirk", "<emailadres>dirk@school.example</emailadres><rol>DIR</rol>")));
  CHECK(plan.accounts_opened.empty());
  CHECK(plan.proposals.empty());
  REQUIRE(plan.recognised.size() == 1);
  CHECK(plan.recognised[0].key == "P1");
}

TEST_CASE("an address of another account is not taken over by staff") {
  RosterSchool school = school_of(both(staff_of("P1", "Tess", "<rol>LRK</rol>"), kNoor));
  const Plan plan =
      plan_and_apply(school, both(staff_of("P1", "Tess",
                                           "<emailadres>noor@ouders.example</emailadres>"
                                           "<rol>LRK</rol>"),
                                  ""));
  REQUIRE(plan.problems.size() == 1);
  CHECK(plan.problems[0].code == Code::account_of_somebody_else);
  CHECK(plan.problems[0].key == "P1");
  CHECK(plan.accounts_corrected.empty());
}

}  // namespace
}  // namespace klasboek::tests
