#include "api/roster_guardian_csv.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "events/event.h"
#include "tests/support/roster_files.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;
using Code = ProblemCode;

const std::string kHeader =
    "leerling;voornaam;voorvoegsel;achternaam;email;relatie;gezag;huishouden;telefoon1;telefoon2\n";

Reading read_csv(std::string_view bytes) {
  const auto decoded = decode(bytes);
  if (!decoded) return {.file = {}, .problems = {decoded.error()}};
  return read_guardian_csv(*decoded);
}

Reading read_rows(std::string_view rows) { return read_csv(kHeader + std::string(rows)); }

Problem only_problem(const Reading& reading, Code code) {
  INFO(codes_of(reading.problems));
  REQUIRE(reading.problems.size() == 1);
  REQUIRE(reading.problems[0].code == code);
  return reading.problems[0];
}

const std::string kNoor =
    "L1;Noor;van;Voorbeeld;noor@voorbeeld.example;moeder;ja;A;0612345678;0201234567\n";

TEST_CASE("a row tells whose guardian somebody is, and how to reach them") {
  const Reading reading = read_rows(kNoor);
  INFO(codes_of(reading.problems));
  CHECK(reading.problems.empty());
  CHECK(reading.file.covers_guardians);
  CHECK_FALSE(reading.file.covers_pupils);
  REQUIRE(reading.file.guardians.size() == 1);
  const Guardian& noor = reading.file.guardians[0];
  CHECK(noor.child_key == "L1");
  CHECK(noor.name == PersonName{"Noor", "van", "Voorbeeld"});
  CHECK(noor.email == "noor@voorbeeld.example");
  CHECK(noor.relation == Relation::mother);
  CHECK(noor.authority == Authority::with);
  CHECK(noor.household == "A");
  CHECK(noor.phones == std::vector<std::string>{"0612345678", "0201234567"});
  CHECK(noor.where.line == 2);
}

TEST_CASE("columns may be English or Dutch, in any order and case, with any separator") {
  const Reading comma = read_csv(
      "Family_Name,EMAIL,child_key,Given "
      "Name,Authority\nVoorbeeld,n@voorbeeld.example,L1,Noor,no\n");
  CHECK(comma.problems.empty());
  CHECK(comma.file.guardians.at(0).name == PersonName{"Noor", "", "Voorbeeld"});
  CHECK(comma.file.guardians.at(0).authority == Authority::without);
  const Reading tab =
      read_csv("Leerling\tNaam\tE-mail\nL1\tNoor van Voorbeeld\tn@voorbeeld.example");
  CHECK(tab.problems.empty());
  CHECK(tab.file.guardians.at(0).name == PersonName{"Noor", "van", "Voorbeeld"});
  CHECK(tab.file.guardians.at(0).authority == Authority::unknown);
}

TEST_CASE("what spreadsheets add is no obstacle: byte order mark, sep=, Windows-1252, CR LF") {
  CHECK(read_csv("\xEF\xBB\xBF" + kHeader + kNoor).problems.empty());
  const Reading declared = read_csv("sep=;\r\n" + kHeader + kNoor);
  CHECK(declared.problems.empty());
  CHECK(declared.file.guardians.at(0).where.line == 3);
  const Reading old = read_csv("leerling;naam\r\nL1;Zo\xEB Voorbeeld\r\n");
  only_problem(old, Code::encoding_not_as_declared);
  CHECK(old.file.guardians.at(0).name.given == "Zoë");
}

TEST_CASE("header_missing: rows without a header row are refused") {
  only_problem(read_csv("L1;Noor;Voorbeeld;noor@voorbeeld.example\n"), Code::header_missing);
}

TEST_CASE("column_missing: child and name must be there") {
  CHECK(told(read_csv("voornaam;achternaam\nNoor;Voorbeeld\n"), Code::column_missing).place ==
        "leerling/child_key");
  CHECK(told(read_csv("leerling;email\nL1;n@voorbeeld.example\n"), Code::column_missing).place ==
        "achternaam/family_name");
}

TEST_CASE("column_doubled: which of two columns holds can't be known") {
  only_problem(read_csv("leerling;naam;email;e-mail\nL1;Noor;a;b\n"), Code::column_doubled);
}

TEST_CASE("column_unknown: named by number only, as a missing header would make it a name") {
  const Reading reading = read_csv("leerling;naam;Geheim\nL1;Noor Voorbeeld;x\n");
  const Problem problem = only_problem(reading, Code::column_unknown);
  CHECK(problem.count == 3);
  CHECK_FALSE(message(problem, Language::english).contains("Geheim"));
}

TEST_CASE("field_not_taken_in: a column of sensitive values is counted and not read") {
  const Reading reading = read_csv("leerling;naam;BSN\nL1;Noor Voorbeeld;123456782\nL2;Tom;\n");
  const Problem problem = only_problem(reading, Code::field_not_taken_in);
  CHECK(problem.place == "bsn");
  CHECK(problem.count == 1);
}

TEST_CASE("no_rows: a header row alone is refused") { only_problem(read_rows(""), Code::no_rows); }

TEST_CASE("quote_not_closed: refused with the line on which the quote begins") {
  const Reading reading = read_rows(kNoor + "L2;\"Tom;;Voorbeeld;t@voorbeeld.example\n");
  CHECK(only_problem(reading, Code::quote_not_closed).where.line == 3);
  CHECK(reading.file.guardians.empty());
}

TEST_CASE("guardian_without_child and guardian_without_name: left out") {
  const Reading reading =
      read_rows(kNoor + ";Tom;;Voorbeeld;;;;;;\nL2;;;;tom@voorbeeld.example;;;;;\n");
  CHECK(told(reading, Code::guardian_without_child).where.line == 3);
  CHECK(told(reading, Code::guardian_without_name).where.line == 4);
  CHECK(reading.file.guardians.size() == 1);
}

TEST_CASE("key_too_long and name_too_long: left out") {
  const std::string key(kKeyBytesMax + 1, 'x');
  const std::string name(kNameBytesMax + 1, 'x');
  const Reading reading =
      read_rows(kNoor + key + ";Tom;;Voorbeeld;;;;;;\nL2;" + name + ";;Voorbeeld;;;;;;\n");
  CHECK(tells(reading, Code::key_too_long));
  CHECK(tells(reading, Code::name_too_long));
  CHECK(reading.file.guardians.size() == 1);
}

TEST_CASE("row_too_long: left out, as its columns have shifted") {
  const Reading reading = read_rows(kNoor + "L2;Tom;;Voorbeeld;t@voorbeeld.example;;;;;;x\n");
  CHECK(only_problem(reading, Code::row_too_long).count == 11);
  CHECK(reading.file.guardians.size() == 1);
  CHECK(read_rows("L2;Tom;;Voorbeeld;t@voorbeeld.example;;;;;;;;\n").problems.empty());
}

TEST_CASE("row_too_short: the missing values count as empty") {
  const Reading reading = read_rows("L2;Tom;;Voorbeeld\n");
  only_problem(reading, Code::row_too_short);
  CHECK(reading.file.guardians.at(0).name.family == "Voorbeeld");
}

TEST_CASE("email_not_an_address: the guardian is taken in without one") {
  const Reading reading = read_rows("L1;Noor;;Voorbeeld;email;moeder;ja;A;;\n");
  only_problem(reading, Code::email_not_an_address);
  CHECK(reading.file.guardians.at(0).email.empty());
}

TEST_CASE("phone_not_a_number: skipped, without repeating what it says") {
  const Reading reading = read_rows("L1;Noor;;Voorbeeld;;moeder;ja;A;bel oma Geheim;0612345678\n");
  const Problem problem = only_problem(reading, Code::phone_not_a_number);
  CHECK_FALSE(message(problem, Language::english).contains("Geheim"));
  CHECK(reading.file.guardians.at(0).phones == std::vector<std::string>{"0612345678"});
}

TEST_CASE("relation_unknown and authority_unclear: unknown, which gives no right") {
  const Reading reading = read_rows("L1;Noor;;Voorbeeld;;tante Geheim;misschien;A;;\n");
  CHECK_FALSE(message(told(reading, Code::relation_unknown), Language::english).contains("Geheim"));
  CHECK(tells(reading, Code::authority_unclear));
  CHECK(reading.file.guardians.at(0).relation == Relation::unknown);
  CHECK(reading.file.guardians.at(0).authority == Authority::unknown);
}

TEST_CASE("duplicate_row: the same person for the same child, by address or by name") {
  const Problem by_email = only_problem(read_rows(kNoor + kNoor), Code::duplicate_row);
  CHECK(by_email.where.line == 3);
  CHECK(by_email.other.line == 2);
  const Reading by_name = read_rows(
      "L1;Noor;;Voorbeeld;;;;;;\nL1;NOOR;van;Voorbeeld;;;;;;\nL2;Noor;;Voorbeeld;;;;;;\n");
  only_problem(by_name, Code::duplicate_row);
  CHECK(by_name.file.guardians.size() == 2);
}

TEST_CASE("one address for one person with several children is as it should be") {
  const Reading reading =
      read_rows(kNoor + "L2;N.;van;Voorbeeld;NOOR@voorbeeld.example;moeder;ja;A;0612345678;\n");
  CHECK(reading.problems.empty());
  CHECK(reading.file.guardians.at(1).email == "noor@voorbeeld.example");
}

TEST_CASE("email_of_two_people: an address of two people is the account of neither") {
  const Reading couple = read_rows(
      "L1;Noor;;Voorbeeld;thuis@voorbeeld.example;moeder;ja;A;;\n"
      "L1;Tom;;Voorbeeld;thuis@voorbeeld.example;vader;ja;A;;\n"
      "L2;Amal;;Ander;amal@voorbeeld.example;moeder;ja;B;;\n");
  const Problem problem = only_problem(couple, Code::email_of_two_people);
  CHECK(problem.count == 2);
  CHECK(problem.where.line == 3);
  CHECK(problem.other.line == 2);
  CHECK_FALSE(message(problem, Language::dutch).contains("thuis"));
  CHECK(couple.file.guardians.at(0).email.empty());
  CHECK(couple.file.guardians.at(1).email.empty());
  CHECK(couple.file.guardians.at(2).email == "amal@voorbeeld.example");

  const Reading initials_first = read_rows(
      "L1;J.;;Voorbeeld;thuis@voorbeeld.example;;ja;A;;\n"
      "L2;Jan;;Voorbeeld;thuis@voorbeeld.example;;ja;A;;\n"
      "L3;Johanna;;Voorbeeld;thuis@voorbeeld.example;;ja;A;;\n");
  CHECK(tells(initials_first, Code::email_of_two_people));
}

TEST_CASE("a father and a mother are two people, though their initials are the same") {
  const Reading reading = read_rows(
      "L1;J.;;Voorbeeld;thuis@voorbeeld.example;vader;ja;A;;\n"
      "L1;J.;;Voorbeeld;thuis@voorbeeld.example;moeder;ja;A;;\n");
  CHECK(tells(reading, Code::email_of_two_people));
  CHECK_FALSE(tells(reading, Code::duplicate_row));
  CHECK(reading.file.guardians.size() == 2);
}

}  // namespace
}  // namespace klasboek::tests
