#include "api/roster_read.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "tests/support/roster_files.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;
using namespace std::string_view_literals;
using Code = ProblemCode;

Reading read(std::string_view bytes, std::string_view name = "") {
  return read_roster(bytes, name, roster_today());
}

Code only_code(const Reading& reading) {
  INFO(codes_of(reading.problems));
  REQUIRE(reading.problems.size() == 1);
  CHECK(refuses_file(reading.problems));
  CHECK(reading.file.pupils.empty());
  CHECK(reading.file.guardians.empty());
  return reading.problems[0].code;
}

const std::string kGuardians = "leerling;naam;email\nL1;Noor Voorbeeld;noor@voorbeeld.example\n";

TEST_CASE("the kind of a file is seen from its content, whatever its name") {
  CHECK(read(edex_of(clean_pupil("1")), "guardians.csv").file.kind == FileKind::edexml);
  CHECK(read("\n  " + edex_of(clean_pupil("1")).substr(39)).file.pupils.size() == 1);
  CHECK(read(kGuardians, "roster.xml").file.kind == FileKind::guardian_csv);
}

TEST_CASE("what is no roster file is told, with what is accepted") {
  for (const std::string_view bytes :
       {"Beste ouders,\n\nMorgen is het studiedag.\n"sv, "PK\x03\x04\x14\0\x06\0"sv, "%PDF-1.7\n"sv,
        "{\"pupils\": []}"sv, "<html><body>Inloggen</body></html>"sv}) {
    const Reading reading = read(bytes);
    CHECK(only_code(reading) == Code::unrecognised_format);
    const std::string remedy_text = remedy(reading.problems[0], Language::english);
    for (const std::string_view word : {"EDEXML", "UWLR", "CSV"}) CHECK(remedy_text.contains(word));
  }
}

TEST_CASE("an empty file is told as such") {
  CHECK(only_code(read("")) == Code::file_empty);
  CHECK(only_code(read(" \r\n\t ")) == Code::file_empty);
}

TEST_CASE("a CSV without a header row is told by its name") {
  CHECK(only_code(read("L1;Noor Voorbeeld;noor@voorbeeld.example\n", "Ouders.CSV")) ==
        Code::header_missing);
}

TEST_CASE("a file that is too large is refused by its size") {
  const std::string large(kFileBytesMax + 1, ' ');
  const Reading reading = read(large);
  CHECK(only_code(reading) == Code::file_too_large);
  CHECK(message(reading.problems[0], Language::english).contains("67108865"));
}

TEST_CASE("pupils and guardians are combined, each line with the number of its file") {
  const std::vector<Reading> readings = {read(kGuardians), read(edex_of(clean_pupil("L1", "")))};
  const Reading all = combine(readings);
  CHECK(all.file.covers_pupils);
  CHECK(all.file.covers_guardians);
  CHECK(all.file.school_year == "2026-2027");
  CHECK(all.file.guardians.at(0).where == Where{.file = 0, .line = 2});
  CHECK(all.file.pupils.at(0).where == Where{.file = 1, .line = kFirstPupilLine});
  CHECK(told(all, Code::pupil_without_group).where == Where{.file = 1, .line = kFirstPupilLine});
}

TEST_CASE("two files of one kind are refused together") {
  const std::vector<Reading> readings = {read(kGuardians), read(kGuardians)};
  CHECK(only_code(combine(readings)) == Code::files_alike);
}

TEST_CASE("with one refused file nothing of the others is taken in") {
  const std::vector<Reading> readings = {read(kGuardians), read("<EDEX>")};
  const Reading all = combine(readings);
  CHECK(refuses_file(all.problems));
  CHECK(all.file.guardians.empty());
}

}  // namespace
}  // namespace klasboek::tests
