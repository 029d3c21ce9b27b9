// The sample files as schools would send them. make_samples.py beside them writes them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "api/roster_read.h"
#include "events/event.h"
#include "tests/support/naive_tree.h"
#include "tests/support/roster_files.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

const std::string kRoot = source_path("");
const std::string kDemoRoster = kRoot + "tools/demo_school/roster.xml";
const std::string kDemoGuardians = kRoot + "tools/demo_school/guardians.csv";
const std::string kSamples = kRoot + "tests/rosters/";

Reading read_sample(const std::string& path) {
  return read_roster(file_text(path), path, roster_today());
}

using Told = std::multiset<std::string>;

// "code:line", once per problem.
Told told_by(const Reading& reading) {
  Told told_problems;
  for (const Problem& problem : reading.problems) {
    told_problems.insert(std::string(kind_of(problem.code).name) + ":" +
                         std::to_string(problem.where.line));
  }
  return told_problems;
}

TEST_CASE("the demo school has 60 pupils in 3 classes and nothing to complain about") {
  const Reading reading = read_sample(kDemoRoster);
  INFO(codes_of(reading.problems));
  CHECK(reading.problems.empty());
  CHECK(reading.file.format == "EDEXML 2.1");
  CHECK(reading.file.school.brin == "99ZZ");
  CHECK(reading.file.school.name == "Basisschool De Verzonnen Vaart");
  CHECK(reading.file.groups.size() == 3);
  CHECK(reading.file.pupils.size() == 60);
  for (const Group& group : reading.file.groups) {
    CHECK(std::ranges::count(reading.file.pupils, group.key, &Pupil::group_key) == 20);
    CHECK(std::ranges::any_of(reading.file.staff, [&](const StaffMember& member) {
      return std::ranges::find(member.taught_groups, group.key) != member.taught_groups.end();
    }));
  }
  std::set<StaffRole> roles;
  for (const StaffMember& member : reading.file.staff) {
    roles.insert(member.roles.begin(), member.roles.end());
    CHECK_FALSE(member.email.empty());
  }
  CHECK(roles.size() == 6);
}

TEST_CASE("the demo school's guardians: two homes, siblings, one without authority") {
  const Reading roster = read_sample(kDemoRoster);
  const Reading reading = read_sample(kDemoGuardians);
  INFO(codes_of(reading.problems));
  CHECK(reading.problems.empty());
  std::set<std::string> children;
  std::set<std::string> addresses;
  bool without_authority = false;
  bool without_address = false;
  for (const Guardian& guardian : reading.file.guardians) {
    children.insert(guardian.child_key);
    addresses.insert(guardian.email);
    without_authority = without_authority || guardian.authority == Authority::without;
    without_address = without_address || guardian.email.empty();
    CHECK_FALSE(guardian.phones.empty());
  }
  CHECK(children.size() == 60);
  for (const Pupil& pupil : roster.file.pupils) CHECK(children.contains(pupil.key));
  CHECK(addresses.size() < reading.file.guardians.size());  // siblings share their parents
  CHECK(without_authority);
  CHECK(without_address);
  CHECK(std::ranges::any_of(roster.file.staff, [&](const StaffMember& member) {
    return addresses.contains(member.email);  // a teacher who is a parent
  }));
}

TEST_CASE("a dirty UWLR 2.3 file in a SOAP envelope names each of its problems with its line") {
  const Reading reading = read_sample(kSamples + "dirty_uwlr_2.3_soap.xml");
  CHECK(reading.file.format == "UWLR 2.3");
  const Told expected = {"birth_day_impossible:52",
                         "birth_day_in_future:60",
                         "birth_day_missing:95",
                         "birth_day_unlikely:90",
                         "combined_group_beside_group:49",
                         "doubled_group_key:104",
                         "doubled_pupil_key:43",
                         "doubled_staff_key:135",
                         "eck_id_as_key:74",
                         "elements_out_of_order:25",
                         "elements_out_of_order:101",
                         "email_not_an_address:126",
                         "email_not_an_address:132",
                         "email_shared:115",
                         "empty_prefix:11",
                         "field_not_taken_in:16",
                         "field_not_taken_in:17",
                         "field_not_taken_in:18",
                         "field_not_taken_in:19",
                         "field_not_taken_in:20",
                         "field_not_taken_in:21",
                         "field_not_taken_in:98",
                         "group_without_name:105",
                         "pupil_in_unknown_extra_group:92",
                         "pupil_in_unknown_group:41",
                         "pupil_left_already:85",
                         "pupil_name_incomplete:81",
                         "pupil_name_incomplete:95",
                         "pupil_without_group:31",
                         "pupil_without_key:68",
                         "pupil_without_name:64",
                         "role_assumed_teacher:122",
                         "role_unknown:133",
                         "staff_in_unknown_group:120",
                         "unknown_element:79"};
  CHECK(told_by(reading) == expected);
  CHECK(reading.file.pupils.size() == 9);
  CHECK(reading.file.staff.size() == 4);
}

TEST_CASE("a dirty guardian CSV names each of its problems with its line") {
  const Reading reading = read_sample(kSamples + "dirty_guardians.csv");
  const Told expected = {"encoding_not_as_declared:0",
                         "column_unknown:1",
                         "field_not_taken_in:1",
                         "email_of_two_people:3",
                         "email_not_an_address:4",
                         "phone_not_a_number:4",
                         "email_not_an_address:5",
                         "duplicate_row:5",
                         "relation_unknown:6",
                         "authority_unclear:6",
                         "guardian_without_child:7",
                         "guardian_without_name:8",
                         "row_too_short:9",
                         "row_too_long:10"};
  CHECK(told_by(reading) == expected);
  CHECK(reading.file.guardians.size() == 6);
}

TEST_CASE("no message about the dirty samples repeats a name or an address out of them") {
  for (const std::string name : {"dirty_uwlr_2.3_soap.xml", "dirty_guardians.csv"}) {
    for (const Problem& problem : read_sample(kSamples + name).problems) {
      for (const Language language : {Language::english, Language::dutch}) {
        const std::string text = message(problem, language) + remedy(problem, language);
        for (const std::string_view secret :
             {"Zonnewoud", "Tjilpstra", "Kwartelhof", "Pannenlap", "Judith", "ouders.example",
              "school.example", "999990", "(at)", "geheim", "tante", "Huisarts"}) {
          INFO(text);
          CHECK_FALSE(text.contains(secret));
        }
      }
    }
  }
}

TEST_CASE("the same names come out of every encoding") {
  for (const std::string name : {"windows_1252.xml", "windows_1252_undeclared.xml", "utf_16.xml"}) {
    const Reading reading = read_sample(kSamples + name);
    INFO(name << " " << codes_of(reading.problems));
    REQUIRE(reading.file.pupils.size() == 2);
    CHECK(reading.file.pupils[0].name == PersonName{"Zoë", "", "Bêlgraven"});
    CHECK(reading.file.pupils[1].name == PersonName{"Noé", "", "Müllerhof"});
    CHECK(reading.file.groups.at(0).name == "Groep één");
    CHECK(reading.problems.size() == (name.contains("undeclared") ? 1 : 0));
  }
}

TEST_CASE("attacks and a cut-off file are refused, each by its name") {
  CHECK(told_by(read_sample(kSamples + "billion_laughs.xml")) == Told{"doctype_refused:2"});
  CHECK(told_by(read_sample(kSamples + "external_entity.xml")) == Told{"doctype_refused:2"});
  const Reading truncated = read_sample(kSamples + "truncated.xml");
  CHECK(told(truncated, ProblemCode::xml_truncated).where.line > 200);
  CHECK(truncated.file.pupils.empty());
}

// The promise of read_roster for any bytes at all: no throw, no crash, and never silence.
void check_promise(std::string_view bytes, const std::string& path) {
  const Reading reading = read_roster(bytes, path, roster_today());
  const bool has_roster =
      reading.file.covers_pupils ? !reading.file.pupils.empty() : !reading.file.guardians.empty();
  const bool is_refused = refuses_file(reading.problems);
  if (has_roster == is_refused) FAIL("neither roster nor refusal: " << codes_of(reading.problems));
  for (const Problem& problem : reading.problems) {
    if (message(problem, Language::dutch).empty()) FAIL("a problem without a message");
  }
}

std::vector<std::string> all_samples() {
  std::vector<std::string> paths = {kDemoRoster, kDemoGuardians};
  for (const std::string_view name :
       {"dirty_uwlr_2.3_soap.xml", "dirty_guardians.csv", "windows_1252.xml",
        "windows_1252_undeclared.xml", "utf_16.xml", "billion_laughs.xml", "external_entity.xml",
        "truncated.xml"}) {
    paths.push_back(kSamples + std::string(name));
  }
  return paths;
}

TEST_CASE("wherever a sample is cut off, there is a roster or a reason") {
  constexpr std::size_t kCuts = 200;
  for (const std::string& path : all_samples()) {
    const std::string bytes = file_text(path);
    for (std::size_t i = 0; i < kCuts; ++i) {
      const std::size_t length = bytes.size() * i / kCuts;
      INFO(path << " cut off after " << length << " bytes");
      check_promise(std::string_view(bytes).substr(0, length), path);
    }
  }
}

TEST_CASE("whatever bytes are changed in a sample, there is a roster or a reason") {
  constexpr int kRounds = 500;
  constexpr int kFlipsMax = 4;
  const std::uint64_t seed = seed_of_this_run();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const std::string& path : all_samples()) {
    const std::string whole = file_text(path);
    for (int round = 0; round < kRounds; ++round) {
      std::string bytes = whole;
      const int flips = 1 + static_cast<int>(random() % kFlipsMax);
      for (int i = 0; i < flips; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
      INFO(path << " in round " << round);
      check_promise(bytes, path);
    }
  }
}

}  // namespace
}  // namespace klasboek::tests
