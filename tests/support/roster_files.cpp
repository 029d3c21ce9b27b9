#include "tests/support/roster_files.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "api/roster_text.h"
#include "api/roster_xml.h"

namespace klasboek::tests {

using namespace api::roster;

Day roster_today() {
  using namespace std::chrono;
  return Day::of(2026y / November / 23);
}

std::string edex_of(std::string_view pupils, std::string_view staff) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<EDEX>\n"
      "<school><schooljaar>2026-2027</schooljaar><brincode>99ZZ</brincode></school>\n"
      "<groepen><groep key=\"G3\"><naam>Groep 3</naam><jaargroep>3</jaargroep></groep>\n"
      "<groep key=\"G4\"><naam>Groep 4</naam><jaargroep>4</jaargroep></groep>\n"
      "<samengestelde_groep key=\"S1\"><naam>Plusklas</naam></samengestelde_groep>\n"
      "</groepen>\n"
      "<leerlingen>\n";
  text += pupils;
  text += "\n</leerlingen>\n";
  if (!staff.empty()) text += "<leerkrachten>\n" + std::string(staff) + "\n</leerkrachten>\n";
  return text + "</EDEX>\n";
}

std::string clean_pupil(std::string_view key, std::string_view group) {
  return "<leerling key=\"" + std::string(key) +
         "\"><achternaam>Voorbeeld</achternaam><roepnaam>Noor</roepnaam>"
         "<geboortedatum>2019-03-14</geboortedatum>" +
         std::string(group) + "</leerling>\n";
}

Reading read_xml(std::string_view bytes) {
  auto decoded = decode(bytes);
  if (!decoded) return {.file = {}, .problems = {decoded.error()}};
  return read_roster_xml(std::move(*decoded), roster_today());
}

bool tells(const Reading& reading, ProblemCode code) { return count_of(reading, code) > 0; }

Problem told(const Reading& reading, ProblemCode code) {
  const auto found = std::ranges::find(reading.problems, code, &Problem::code);
  if (found != reading.problems.end()) return *found;
  throw std::runtime_error("not told: " + std::string(kind_of(code).name) +
                           "; told: " + codes_of(reading.problems));
}

std::size_t count_of(const Reading& reading, ProblemCode code) {
  return static_cast<std::size_t>(std::ranges::count(reading.problems, code, &Problem::code));
}

std::string codes_of(const std::vector<Problem>& problems) {
  std::string codes;
  for (const Problem& problem : problems) {
    codes +=
        std::string(kind_of(problem.code).name) + ":" + std::to_string(problem.where.line) + " ";
  }
  return codes;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("can't read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace klasboek::tests
