// A school of 5,000 pupils in one import.
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "tests/support/import_school.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

constexpr int kPupils = 5000;
constexpr int kPupilsPerClass = 25;

ImportSchool::Files large_school() {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EDEX>\n<school>"
      "<schooljaar>2026-2027</schooljaar><brincode>99ZZ</brincode></school>\n<groepen>\n";
  for (int n = 0; n < kPupils / kPupilsPerClass; ++n) {
    const auto number = std::to_string(n);
    xml += "<groep key=\"G" + number + "\"><naam>Klas " + number +
           "</naam><jaargroep>5</jaargroep></groep>\n";
  }
  xml += "</groepen>\n<leerlingen>\n";
  std::string csv = "leerling;voornaam;achternaam;email;relatie;gezag;telefoon1\n";
  for (int n = 0; n < kPupils; ++n) {
    const auto number = std::to_string(n);
    xml += "<leerling key=\"L" + number + "\"><achternaam>Achternaam" + number +
           "</achternaam><roepnaam>Kind" + number +
           "</roepnaam><geboortedatum>2018-03-14</geboortedatum><groep key=\"G" +
           std::to_string(n / kPupilsPerClass) + "\"/></leerling>\n";
    for (const std::string parent : {"moeder", "vader"}) {
      csv += "L" + number + ";Ouder" + parent + number + ";Achternaam" + number + ";" + parent +
             number + "@ouders.example;" + parent + ";ja;0612345678\n";
    }
  }
  xml += "</leerlingen>\n</EDEX>\n";
  return {{"roster.xml", xml}, {"guardians.csv", csv}};
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_CASE("5,000 pupils with their parents are imported, and once more is quick") {
  ImportSchool school;
  const auto files = large_school();
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = school.import(files);
  REQUIRE(outcome.end == ApplyEnd::completed);
  std::cout << "imported in " << seconds_since(begin) << " s, " << outcome.state.chunks
            << " chunks\n";
  const auto again = std::chrono::steady_clock::now();
  CHECK(changes_nothing(school.draft(files).plan));
  std::cout << "compared in " << seconds_since(again) << " s\n";
  CHECK(school.children().size() == kPupils);
  CHECK(school.accounts().size() == 2 * kPupils);
}

}  // namespace
}  // namespace klasboek::tests
