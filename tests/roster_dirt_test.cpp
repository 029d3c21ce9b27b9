// Real roster files are dirty. Each kind of dirt has a name, and here its story.
#include <catch2/catch.hpp>
#include <string>

#include "api/roster_xml.h"
#include "tests/support/roster_files.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;
using Code = ProblemCode;

std::string pupil_with(std::string_view elements) {
  return "<leerling key=\"1\"><achternaam>Voorbeeld</achternaam>" + std::string(elements) +
         "</leerling>";
}

const std::string kNamed = "<roepnaam>Noor</roepnaam>";
const std::string kBorn = "<geboortedatum>2019-03-14</geboortedatum>";
const std::string kPlaced = "<groep key=\"G3\"/>";

std::string pupil_born_on(std::string_view day) {
  std::string elements = kNamed + kPlaced;
  elements.insert(kNamed.size(), "<geboortedatum></geboortedatum>");
  return pupil_with(elements.insert(elements.find("</geboortedatum>"), day));
}

std::string staff_with(std::string_view elements, std::string_view key = "P1") {
  return "<leerkracht key=\"" + std::string(key) +
         "\"><achternaam>Personeel</achternaam><roepnaam>Tess</roepnaam>" + std::string(elements) +
         "</leerkracht>";
}

// The one problem that is expected, told with line and key in both languages.
Problem only_problem(const Reading& reading, Code code) {
  INFO(codes_of(reading.problems));
  REQUIRE(reading.problems.size() == 1);
  REQUIRE(reading.problems[0].code == code);
  CHECK(message(reading.problems[0], Language::dutch).starts_with("Regel "));
  CHECK(message(reading.problems[0], Language::english).starts_with("Line "));
  return reading.problems[0];
}

TEST_CASE("pupil_without_group: a pupil without a class is taken in and told") {
  const Reading reading = read_xml(edex_of(pupil_with(kNamed + kBorn)));
  CHECK(only_problem(reading, Code::pupil_without_group).key == "1");
  CHECK(reading.file.pupils.at(0).group_key.empty());
}

TEST_CASE("pupil_in_unknown_group: a dead reference leaves the pupil without a class") {
  const Reading reading = read_xml(edex_of(pupil_with(kNamed + kBorn + "\n<groep key=\"G9\"/>")));
  const Problem problem = only_problem(reading, Code::pupil_in_unknown_group);
  CHECK(problem.where.line == kFirstPupilLine + 1);
  CHECK(reading.file.pupils.at(0).group_key.empty());
}

TEST_CASE("a group written as text instead of a key is understood") {
  const Reading reading = read_xml(edex_of(pupil_with(kNamed + kBorn + "<groep>G3</groep>")));
  CHECK(reading.problems.empty());
  CHECK(reading.file.pupils.at(0).group_key == "G3");
}

TEST_CASE("pupil_in_unknown_extra_group: a dead samengestelde_groep is skipped") {
  const Reading reading = read_xml(edex_of(pupil_with(
      kNamed + kBorn + kPlaced +
      "<samengestelde_groepen><samengestelde_groep key=\"S9\"/></samengestelde_groepen>")));
  only_problem(reading, Code::pupil_in_unknown_extra_group);
  CHECK(reading.file.pupils.at(0).extra_group_keys.empty());
}

TEST_CASE("combined_group_beside_group: groep is the class, samengestelde_groep an extra group") {
  const std::string both =
      pupil_with(kNamed + kBorn + kPlaced + "<samengestelde_groep key=\"S1\"/>");
  const Reading reading = read_xml(edex_of(both));
  CHECK(only_problem(reading, Code::combined_group_beside_group).count == 1);
  CHECK(reading.file.pupils.at(0).group_key == "G3");
  CHECK(reading.file.pupils.at(0).extra_group_keys == std::vector<std::string>{"S1"});
}

TEST_CASE("doubled_pupil_key: the second pupil with a key is left out") {
  const Reading reading =
      read_xml(edex_of(clean_pupil("1") + clean_pupil("1", "<groep key=\"G4\"/>")));
  const Problem problem = only_problem(reading, Code::doubled_pupil_key);
  CHECK(problem.where.line == kFirstPupilLine + 1);
  CHECK(problem.other.line == kFirstPupilLine);
  REQUIRE(reading.file.pupils.size() == 1);
  CHECK(reading.file.pupils[0].group_key == "G3");
  CHECK(reading.file.pupils_without_key == 0);
}

TEST_CASE("doubled_group_key: the second group with a key is left out") {
  std::string text = edex_of(clean_pupil("1"));
  text.replace(text.find("key=\"G4\""), 8, "key=\"G3\"");
  const Reading reading = read_xml(text);
  CHECK(only_problem(reading, Code::doubled_group_key).other.line == 4);
  CHECK(reading.file.groups.size() == 2);
}

TEST_CASE("doubled_staff_key: the second person with a key is left out") {
  const Reading reading = read_xml(edex_of(clean_pupil("1"), staff_with("") + staff_with("")));
  only_problem(reading, Code::doubled_staff_key);
  CHECK(reading.file.staff.size() == 1);
}

TEST_CASE("records without a key are left out and counted") {
  const Reading reading =
      read_xml(edex_of(clean_pupil("1") + clean_pupil(" "),
                       "<leerkracht><achternaam>Personeel</achternaam></leerkracht>"));
  CHECK(tells(reading, Code::pupil_without_key));
  CHECK(tells(reading, Code::staff_without_key));
  CHECK(reading.file.pupils.size() == 1);
  CHECK(reading.file.pupils_without_key == 1);
  CHECK(reading.file.staff_without_key == 1);
}

TEST_CASE("group_without_key: a group that nothing can refer to is left out") {
  std::string text = edex_of(clean_pupil("1"));
  text.replace(text.find("key=\"G4\""), 8, "        ");
  CHECK(read_xml(text).file.groups.size() == 2);
  only_problem(read_xml(text), Code::group_without_key);
}

TEST_CASE("group_without_name: the key stands for the name") {
  std::string text = edex_of(clean_pupil("1"));
  text.replace(text.find("<naam>Groep 4</naam>"), 20, "<naam> </naam>");
  only_problem(read_xml(text), Code::group_without_name);
  CHECK(read_xml(text).file.groups.at(1).name == "G4");
}

TEST_CASE("eck_id_as_key: UWLR 2.3 may have nothing but the ECK iD") {
  std::string text = edex_of(clean_pupil("1") + clean_pupil("2"));
  for (const std::string_view key : {"key=\"1\"", "key=\"2\""}) {
    text.insert(text.find("leerling " + std::string(key)) + 9,
                "eckid=\"https://ketenid.nl/x" + std::string(key.substr(5)) + " ");
    text.erase(text.find(" " + std::string(key)), key.size() + 1);
  }
  const Reading reading = read_xml(text);
  CHECK(only_problem(reading, Code::eck_id_as_key).count == 2);
  CHECK(reading.file.pupils.at(1).key == "https://ketenid.nl/x2");
}

TEST_CASE("key_too_long: no real key is that long") {
  const Reading reading =
      read_xml(edex_of(clean_pupil("1") + clean_pupil(std::string(kKeyBytesMax + 1, 'x'))));
  only_problem(reading, Code::key_too_long);
  CHECK(reading.file.pupils_without_key == 1);
}

TEST_CASE("pupil_without_name: the pupil is left out, but is not gone from the school") {
  const Reading reading = read_xml(edex_of(clean_pupil("1") + "<leerling key=\"2\"><achternaam/>" +
                                           kBorn + kPlaced + "</leerling>"));
  CHECK(only_problem(reading, Code::pupil_without_name).key == "2");
  CHECK(reading.file.left_out_pupil_keys == std::vector<std::string>{"2"});
}

TEST_CASE("staff_without_name: left out, but not gone from the school") {
  const Reading reading = read_xml(edex_of(clean_pupil("1"), "<leerkracht key=\"P2\"/>"));
  only_problem(reading, Code::staff_without_name);
  CHECK(reading.file.staff.empty());
  CHECK(reading.file.left_out_staff_keys == std::vector<std::string>{"P2"});
}

TEST_CASE("name_too_long: usually a tag is missing just before it") {
  const std::string name(kNameBytesMax + 1, 'x');
  const Reading reading = read_xml(edex_of(clean_pupil("1") + "<leerling key=\"2\"><achternaam>" +
                                           name + "</achternaam></leerling>"));
  CHECK_FALSE(
      message(only_problem(reading, Code::name_too_long), Language::english).contains("xx"));
  CHECK(reading.file.left_out_pupil_keys == std::vector<std::string>{"2"});
}

TEST_CASE("pupil_name_incomplete: half a name is better than none") {
  const Reading given_only =
      read_xml(edex_of("<leerling key=\"1\">" + kNamed + kBorn + kPlaced + "</leerling>"));
  CHECK(only_problem(given_only, Code::pupil_name_incomplete).place == "achternaam");
  const Reading family_only = read_xml(edex_of(pupil_with(kBorn + kPlaced)));
  CHECK(only_problem(family_only, Code::pupil_name_incomplete).place == "roepnaam");
}

TEST_CASE("empty_prefix: an empty voorvoegsel is none, told once") {
  const std::string empty = "<voorvoegsel> </voorvoegsel>";
  const Reading reading =
      read_xml(edex_of(pupil_with(empty + kNamed + kBorn + kPlaced), staff_with("<voorvoegsel/>")));
  const Problem problem = told(reading, Code::empty_prefix);
  CHECK(problem.count == 2);
  CHECK(kind_of(problem.code).severity == Severity::note);
  CHECK(reading.file.pupils.at(0).name.prefix.empty());
}

TEST_CASE("birth_day_missing: told for each pupil, as age decides on leave and consent") {
  const Reading reading = read_xml(edex_of(pupil_with(kNamed + kPlaced)));
  only_problem(reading, Code::birth_day_missing);
  CHECK_FALSE(reading.file.pupils.at(0).birth_day.has_value());
}

TEST_CASE("birth_day_impossible: no such day, no birth day") {
  for (const std::string day : {"2019-02-30", "14-03-2019", "2019", "onbekend", "2019-03-14x"}) {
    const Reading reading = read_xml(edex_of(pupil_born_on(day)));
    INFO(day);
    only_problem(reading, Code::birth_day_impossible);
    CHECK_FALSE(reading.file.pupils.at(0).birth_day.has_value());
  }
}

TEST_CASE("birth_day_in_future: judged by the day of the import") {
  const auto born = [](const std::string& day) { return read_xml(edex_of(pupil_born_on(day))); };
  only_problem(born("2026-11-24"), Code::birth_day_in_future);
  CHECK(born("2026-11-23").problems.empty());
}

TEST_CASE("birth_day_unlikely: a day that stands for unknown") {
  const Reading reading =
      read_xml(edex_of(pupil_with(kNamed + "<geboortedatum>1900-01-01</geboortedatum>" + kPlaced)));
  only_problem(reading, Code::birth_day_unlikely);
}

TEST_CASE("pupil_left_already: who left before today is not a pupil any more") {
  const auto leaving = [](const std::string& day) {
    return read_xml(
        edex_of(clean_pupil("2") + pupil_with(kNamed + kBorn + kPlaced + "<uitstroomdatum>" + day +
                                              "</uitstroomdatum>")));
  };
  CHECK(only_problem(leaving("2026-11-22"), Code::pupil_left_already).key == "1");
  CHECK(leaving("2026-11-22").file.pupils.size() == 1);
  CHECK(leaving("2026-11-23").file.pupils.size() == 2);
  CHECK(leaving("2026-11-23").problems.empty());
}

TEST_CASE("staff_in_unknown_group: that link is skipped") {
  const Reading reading = read_xml(edex_of(
      clean_pupil("1"),
      staff_with("<rol>LRK</rol><groepen><groep key=\"G9\"/><groep key=\"G4\"/></groepen>")));
  CHECK(only_problem(reading, Code::staff_in_unknown_group).key == "P1");
  CHECK(reading.file.staff.at(0).taught_groups == std::vector<std::string>{"G4"});
}

TEST_CASE("role_unknown: a role that the standard lacks makes other staff") {
  const Reading reading =
      read_xml(edex_of(clean_pupil("1"), staff_with("<rol>Geheim woord</rol>")));
  const Problem problem = only_problem(reading, Code::role_unknown);
  CHECK_FALSE(message(problem, Language::english).contains("Geheim"));
  CHECK(reading.file.staff.at(0).roles == std::vector{StaffRole::other});
}

TEST_CASE("role_assumed_teacher: a link without any role is a teacher's") {
  const Reading reading =
      read_xml(edex_of(clean_pupil("1"), staff_with("<groepen><groep key=\"G3\"/></groepen>")));
  only_problem(reading, Code::role_assumed_teacher);
  CHECK(reading.file.staff.at(0).taught_groups == std::vector<std::string>{"G3"});
}

TEST_CASE("the roles of the file become ours") {
  const auto roles = [](const std::string& code) {
    return read_xml(edex_of(clean_pupil("1"), staff_with("<rol>" + code + "</rol>")))
        .file.staff.at(0)
        .roles;
  };
  CHECK(roles("DIR") == std::vector{StaffRole::director});
  CHECK(roles("ADJ") == std::vector{StaffRole::deputy});
  CHECK(roles("ADM") == std::vector{StaffRole::office});
  CHECK(roles("ib") == std::vector{StaffRole::care});
  CHECK(roles("LRK") == std::vector{StaffRole::teacher});
  CHECK(roles("VAK") == std::vector{StaffRole::other});
  CHECK(roles("LRK</rol><rol>DIR") == std::vector{StaffRole::director, StaffRole::teacher});
}

TEST_CASE("a link with another role than teacher does not put somebody before the class") {
  const Reading reading = read_xml(edex_of(
      clean_pupil("1"),
      staff_with("<rol>LRK</rol><groepen><groep key=\"G3\"><rol>IB</rol></groep></groepen>")));
  CHECK(reading.file.staff.at(0).taught_groups.empty());
  CHECK(reading.file.staff.at(0).linked_groups == std::vector<std::string>{"G3"});
}

TEST_CASE("email_not_an_address: the word email and text without @ are no addresses") {
  for (const std::string text : {"email", "n.v.t.", "tess@", "@school.example", "tess@school",
                                 "tess school@x.example", "Tess &lt;tess@school.example&gt;"}) {
    const Reading reading =
        read_xml(edex_of(clean_pupil("1"), staff_with("<emailadres>" + text + "</emailadres>")));
    INFO(text);
    only_problem(reading, Code::email_not_an_address);
    CHECK(reading.file.staff.at(0).email.empty());
  }
}

TEST_CASE("email_shared: an address that several people have is nobody's") {
  const std::string email = "<emailadres>info@school.example</emailadres>";
  const Reading reading = read_xml(edex_of(
      clean_pupil("1"), staff_with(email, "P1") + "\n" + staff_with(email, "P2") + "\n" +
                            staff_with("<emailadres>tess@school.example</emailadres>", "P3")));
  const Problem problem = only_problem(reading, Code::email_shared);
  CHECK(problem.count == 2);
  CHECK_FALSE(message(problem, Language::english).contains("info@"));
  CHECK(reading.file.staff.at(0).email.empty());
  CHECK(reading.file.staff.at(1).email.empty());
  CHECK(reading.file.staff.at(2).email == "tess@school.example");
}

TEST_CASE("unknown_element: told once per kind, with their number") {
  const std::string own = "<leverancier_veld>a</leverancier_veld>";
  const Reading reading = read_xml(
      edex_of(clean_pupil("1", kPlaced + own) + clean_pupil("2", kPlaced + own), staff_with(own)));
  CHECK(count_of(reading, Code::unknown_element) == 2);
  const Problem problem = told(reading, Code::unknown_element);
  CHECK(problem.count == 2);
  CHECK(problem.place == "leerling/leverancier_veld");
}

TEST_CASE("elements_out_of_order: read all the same, told once per kind") {
  const Reading reading = read_xml(edex_of("<leerling key=\"1\">" + kPlaced + kBorn + kNamed +
                                           "<achternaam>Voorbeeld</achternaam></leerling>"));
  CHECK(only_problem(reading, Code::elements_out_of_order).place == "leerling");
  CHECK(reading.file.pupils.at(0).group_key == "G3");
  CHECK(reading.file.pupils.at(0).name.family == "Voorbeeld");
}

TEST_CASE("lists in another order are read all the same") {
  std::string text = edex_of(clean_pupil("1"));
  const auto groups = text.find("<groepen>");
  const auto pupils = text.find("<leerlingen>");
  const std::string list = text.substr(groups, pupils - groups);
  text.erase(groups, list.size());
  text.insert(text.find("</EDEX>"), list);
  const Reading reading = read_xml(text);
  CHECK(reading.file.pupils.at(0).group_key == "G3");
  only_problem(reading, Code::elements_out_of_order);
}

TEST_CASE("field_not_taken_in: sensitive fields are counted and never read") {
  const std::string sensitive =
      "<etniciteit>1</etniciteit><land>NL</land><land_vader>NL</land_vader><bsn>123456782</bsn>"
      "<gewicht>0.25</gewicht><nationaliteit>Nederlandse</nationaliteit>";
  const Reading reading = read_xml(
      edex_of(clean_pupil("1", kPlaced + sensitive) + clean_pupil("2", kPlaced + sensitive)));
  CHECK(count_of(reading, Code::field_not_taken_in) == 6);
  for (const Problem& problem : reading.problems) {
    CHECK(problem.code == Code::field_not_taken_in);
    CHECK(problem.count == 2);
    CHECK_FALSE(message(problem, Language::english).contains("123456782"));
  }
  CHECK_FALSE(has_errors(reading.problems));
}

TEST_CASE("school_year_unclear: missing, or not two years that follow each other") {
  for (const std::string year : {"", "2026", "2026-2028", "26/27"}) {
    std::string text = edex_of(clean_pupil("1"));
    text.replace(text.find("2026-2027"), 9, year);
    INFO(year);
    only_problem(read_xml(text), Code::school_year_unclear);
    CHECK(read_xml(text).file.school_year.empty());
  }
  std::string text = edex_of(clean_pupil("1"));
  const auto school = text.find("<school>");
  text.erase(school, text.find("<groepen>") - school);
  CHECK(tells(read_xml(text), Code::school_year_unclear));
}

}  // namespace
}  // namespace klasboek::tests
