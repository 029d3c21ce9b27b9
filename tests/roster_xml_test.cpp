#include "api/roster_xml.h"

#include <catch2/catch.hpp>
#include <string>

#include "api/roster_xml_scan.h"
#include "tests/support/roster_files.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;
using Code = ProblemCode;

const std::string kUwlr = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The same roster with another outermost element.
std::string uwlr_of(std::string_view open, std::string_view close) {
  const std::string edex = edex_of(clean_pupil("1") + clean_pupil("2"));
  return replaced(replaced(edex, "</EDEX>", close), "<EDEX>", open);
}

void check_two_pupils(const Reading& reading, FileKind kind) {
  INFO(codes_of(reading.problems));
  CHECK(reading.problems.empty());
  CHECK(reading.file.kind == kind);
  REQUIRE(reading.file.pupils.size() == 2);
  CHECK(reading.file.pupils[0].group_key == "G3");
  CHECK(reading.file.groups.size() == 3);
}

TEST_CASE("an EDEXML file is read: school, groups, pupils and staff") {
  const Reading reading = read_xml(edex_of(
      "<leerling key=\"L1\"><achternaam>Berg</achternaam><voorvoegsel>van den</voorvoegsel>"
      "<voornamen>Noortje Anna</voornamen><roepnaam>Noor</roepnaam>"
      "<geboortedatum>2019-03-14</geboortedatum><groep key=\"G3\"/>"
      "<samengestelde_groepen><samengestelde_groep key=\"S1\"/></samengestelde_groepen></leerling>",
      "<leerkracht key=\"P1\"><achternaam>Meer</achternaam><voorvoegsel>ter</voorvoegsel>"
      "<roepnaam>Tess</roepnaam><emailadres>Tess@School.example</emailadres><rol>LRK</rol>"
      "<groepen><groep key=\"G3\"/><samengestelde_groep key=\"S1\"><rol>IB</rol>"
      "</samengestelde_groep></groepen></leerkracht>"));
  INFO(codes_of(reading.problems));
  CHECK(reading.file.format == "EDEXML");
  CHECK(reading.file.school.brin == "99ZZ");
  CHECK(reading.file.school_year == "2026-2027");
  REQUIRE(reading.file.groups.size() == 3);
  CHECK(reading.file.groups[0].name == "Groep 3");
  CHECK(reading.file.groups[0].year_group == "3");
  CHECK(reading.file.groups[2].combined);

  REQUIRE(reading.file.pupils.size() == 1);
  const Pupil& pupil = reading.file.pupils[0];
  CHECK(pupil.key == "L1");
  CHECK(pupil.name == PersonName{"Noor", "van den", "Berg"});
  CHECK(pupil.birth_day == events::parse_day("2019-03-14"));
  CHECK(pupil.group_key == "G3");
  CHECK(pupil.extra_group_keys == std::vector<std::string>{"S1"});
  CHECK(pupil.where.line == kFirstPupilLine);

  REQUIRE(reading.file.staff.size() == 1);
  const StaffMember& teacher = reading.file.staff[0];
  CHECK(teacher.email == "tess@school.example");
  CHECK(teacher.roles == std::vector{StaffRole::care, StaffRole::teacher});
  CHECK(teacher.taught_groups == std::vector<std::string>{"G3"});
  CHECK(teacher.linked_groups == std::vector<std::string>{"S1"});
}

TEST_CASE("the given name is roepnaam, else voornamen, else initials") {
  const auto given = [](std::string_view elements) {
    return read_xml(edex_of("<leerling key=\"1\"><achternaam>A</achternaam>" +
                            std::string(elements) + "</leerling>"))
        .file.pupils.at(0)
        .name.given;
  };
  CHECK(given("<voornamen>Noortje Anna</voornamen><roepnaam>Noor</roepnaam>") == "Noor");
  CHECK(given("<voornamen>Noortje Anna</voornamen><roepnaam/>") == "Noortje Anna");
  CHECK(given("<voorletters-1>N.A.</voorletters-1>") == "N.A.");
}

TEST_CASE("UWLR is read bare, in an answer, with and without namespace, with any prefix") {
  check_two_pupils(read_xml(uwlr_of("<leerlinggegevens>", "</leerlinggegevens>")), FileKind::uwlr);
  check_two_pupils(
      read_xml(uwlr_of("<leerlinggegevens xmlns=\"" + kUwlr + "\">", "</leerlinggegevens>")),
      FileKind::uwlr);
  check_two_pupils(
      read_xml(uwlr_of("<leerlinggegevens_antwoord xmlns=\"" + kUwlr + "\"><leerlinggegevens>",
                       "</leerlinggegevens></leerlinggegevens_antwoord>")),
      FileKind::uwlr);

  std::string prefixed = uwlr_of("<leerlinggegevens>", "</leerlinggegevens>");
  prefixed = replaced(replaced(prefixed, "</", "</ns4:"), "<", "<ns4:");
  prefixed = replaced(replaced(prefixed, "<ns4:/ns4:", "</ns4:"), "<ns4:?", "<?");
  check_two_pupils(read_xml(prefixed), FileKind::uwlr);
}

TEST_CASE("UWLR in a SOAP envelope is read, 1.1 and 1.2, with a header before it") {
  for (const std::string_view envelope :
       {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"}) {
    const std::string open = "<s:Envelope xmlns:s=\"" + std::string(envelope) +
                             "\"><s:Header><autorisatie><klantnaam>x</klantnaam></autorisatie>"
                             "</s:Header><s:Body><leerlinggegevens_antwoord xmlns=\"" +
                             kUwlr + "\"><leerlinggegevens>";
    check_two_pupils(read_xml(uwlr_of(open,
                                      "</leerlinggegevens></leerlinggegevens_antwoord></s:Body>"
                                      "</s:Envelope>")),
                     FileKind::uwlr);
  }
}

TEST_CASE("the version of the standard and the location are read") {
  std::string text = edex_of(clean_pupil("1"));
  text = replaced(text, "<brincode>99ZZ</brincode>",
                  "<peildatum>2026-10-01</peildatum><brincode>99ZZ</brincode>"
                  "<dependancecode>02</dependancecode><schoolkey>s-7</schoolkey>"
                  "<xsdversie>2.1</xsdversie>");
  text = replaced(text, "</school>",
                  "</school><vestigingen><vestiging key=\"v\"><naam>De Waterlelie</naam>"
                  "</vestiging></vestigingen>");
  const RosterFile file = read_xml(text).file;
  CHECK(file.format == "EDEXML 2.1");
  CHECK(file.school.brin == "99ZZ02");
  CHECK(file.school.key == "s-7");
  CHECK(file.school.name == "De Waterlelie");
  CHECK(file.as_of == events::parse_day("2026-10-01"));
  CHECK(read_xml(replaced(text, ">02<", ">00<")).file.school.brin == "99ZZ");
}

TEST_CASE("comments, CDATA, references and white space in a name do not matter") {
  const Reading reading = read_xml(
      edex_of("<leerling key=' 1 '><achternaam> Jan<!-- x -->sen\n &amp; Zn </achternaam>"
              "<roepnaam><![CDATA[No]]>&#235;lle</roepnaam>"
              "<geboortedatum>2019-03-14T00:00:00</geboortedatum><groep key=\"G3\"/></leerling>"));
  REQUIRE(reading.file.pupils.size() == 1);
  CHECK(reading.file.pupils[0].key == "1");
  CHECK(reading.file.pupils[0].name.family == "Jansen & Zn");
  CHECK(reading.file.pupils[0].name.given == "Noëlle");
  CHECK(reading.file.pupils[0].birth_day.has_value());
}

TEST_CASE("a lone ampersand is kept, as many systems forget to write it out") {
  const Reading reading = read_xml(replaced(edex_of(clean_pupil("1")), "Plusklas", "Plus & Meer"));
  CHECK(reading.problems.empty());
  CHECK(reading.file.groups[2].name == "Plus & Meer");
}

TEST_CASE("Windows-1252, UTF-16 and a byte order mark give the same names") {
  const std::string utf8 = replaced(edex_of(clean_pupil("1")), "Noor", "Zoë");
  const auto name_of_first = [](const std::string& bytes) {
    return read_xml(bytes).file.pupils.at(0).name.given;
  };
  CHECK(name_of_first(utf8) == "Zoë");
  CHECK(name_of_first("\xEF\xBB\xBF" + utf8) == "Zoë");
  const std::string single = replaced(utf8, "ë", "\xEB");
  CHECK(name_of_first(single) == "Zoë");
  CHECK(tells(read_xml(single), Code::encoding_not_as_declared));
  const std::string declared = replaced(single, "\"UTF-8\"", "\"windows-1252\"");
  CHECK(name_of_first(declared) == "Zoë");
  CHECK(read_xml(declared).problems.empty());
  std::string utf16 = "\xFF\xFE";
  for (const char c : replaced(single, "\"UTF-8\"", "\"UTF-16\"")) utf16 += {c, '\0'};
  CHECK(name_of_first(utf16) == "Zoë");
  CHECK(read_xml(utf16).problems.empty());
}

TEST_CASE("a document type is refused before anything is parsed") {
  const std::string bomb =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\">]>\n<EDEX>&lol;</EDEX>";
  const Reading reading = read_xml(bomb);
  CHECK(told(reading, Code::doctype_refused).where.line == 2);
  CHECK(reading.file.pupils.empty());
  const Reading external = read_xml("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><EDEX/>");
  CHECK(tells(external, Code::doctype_refused));
}

TEST_CASE("an entity other than XML's own is refused, in text and in attributes") {
  const std::string text = replaced(edex_of(clean_pupil("1")), "Noor", "Zo&euml;");
  CHECK(told(read_xml(text), Code::entity_refused).where.line == kFirstPupilLine);
  CHECK(tells(read_xml(edex_of(clean_pupil("&secret;"))), Code::entity_refused));
  CHECK_FALSE(tells(read_xml(edex_of(clean_pupil("a&amp;b&#x41;"))), Code::entity_refused));
}

TEST_CASE("elements nested too deep, and too many of them, are refused") {
  std::string deep;
  for (std::size_t i = 0; i < kXmlDepthMax + 1; ++i) deep += "<a>";
  CHECK(tells(read_xml(deep), Code::too_deep));
  std::string just;
  for (std::size_t i = 0; i < kXmlDepthMax; ++i) just += "<a>";
  CHECK(tells(read_xml(just), Code::xml_truncated));

  std::string many = "<EDEX>\n";
  many.reserve(kXmlPartsMax * 4);
  for (std::size_t i = 0; i < kXmlPartsMax; ++i) many += "<a/>";
  CHECK(tells(read_xml(many + "</EDEX>"), Code::too_many_elements));
}

TEST_CASE("many ampersands and quotes cost time in proportion to the file only") {
  const std::string ampersands = "<EDEX>" + std::string(1'000'000, '&') + "</EDEX>";
  CHECK(tells(read_xml(ampersands), Code::no_pupils));
  std::string tags = "<EDEX>";
  for (int i = 0; i < 100'000; ++i) tags += "<a b='&' />";
  CHECK(tells(read_xml(tags + "</EDEX>"), Code::no_pupils));
}

TEST_CASE("a truncated file names the line and the element that is not closed") {
  const std::string whole = edex_of(clean_pupil("1"));
  const std::string cut = whole.substr(0, whole.find("Noor") + 2);
  const Problem problem = told(read_xml(cut), Code::xml_truncated);
  CHECK(problem.where.line == kFirstPupilLine);
  CHECK(problem.place == "<roepnaam>");
  CHECK(message(problem, Language::english) ==
        "Line 9: The file ends here, but <roepnaam>, begun on line 9, is not closed.");

  const Problem in_tag =
      told(read_xml(whole.substr(0, whole.find("oepnaam>"))), Code::xml_truncated);
  CHECK(in_tag.place == "<leerling>");
  const Problem in_end_tag =
      told(read_xml(whole.substr(0, whole.find("</leerlingen>") + 4)), Code::xml_truncated);
  CHECK(in_end_tag.place == "<leerlingen>");
  CHECK(in_end_tag.other.line == 8);
}

TEST_CASE("an element closed by another one is told with both lines") {
  const std::string text = edex_of("<leerling key=\"1\">\n<achternaam>Jansen</leerling>");
  const Problem problem = told(read_xml(text), Code::xml_not_well_formed);
  CHECK(problem.place == "<achternaam>");
  CHECK(problem.where.line == kFirstPupilLine + 1);
  CHECK(problem.other.line == kFirstPupilLine + 1);
}

TEST_CASE("text that looks like an element is not repeated in the message") {
  const std::string text = edex_of("<leerling key=\"1\"><achternaam>Jan <Geheim></achternaam>");
  const Problem problem = told(read_xml(text), Code::xml_not_well_formed);
  CHECK_FALSE(message(problem, Language::english).contains("Geheim"));
}

TEST_CASE("what only the parser sees is told with its line as well") {
  const Problem problem =
      told(read_xml("<EDEX>\n<school\n a=b></school></EDEX>"), Code::xml_not_well_formed);
  CHECK(problem.where.line == 3);
}

TEST_CASE("a request, an empty answer, a fault and a partial answer are each told apart") {
  const auto code_of = [](const std::string& text) {
    const Reading reading = read_xml(text);
    REQUIRE(reading.problems.size() == 1);
    CHECK(reading.file.pupils.empty());
    return reading.problems[0].code;
  };
  CHECK(code_of("<leerlinggegevens_verzoek/>") == Code::request_instead_of_roster);
  CHECK(code_of("<leerlinggegevens_antwoord><geenwijzigingen/></leerlinggegevens_antwoord>") ==
        Code::answer_without_roster);
  CHECK(code_of("<leerlinggegevens_antwoord/>") == Code::answer_without_roster);
  CHECK(code_of("<S:Envelope xmlns:S='x'><S:Body><S:Fault/></S:Body></S:Envelope>") ==
        Code::answer_without_roster);
  CHECK(code_of("<S:Envelope xmlns:S='x'/>") == Code::answer_without_roster);
  CHECK(code_of("<leerlingen_antwoord/>") == Code::partial_roster);
  CHECK(code_of("<structuur_antwoord><leerlinggegevens-structuur/></structuur_antwoord>") ==
        Code::partial_roster);
  CHECK(code_of("<html><body>404</body></html>") == Code::unrecognised_format);
  CHECK(code_of("<?xml version='1.0'?>") == Code::unrecognised_format);
}

TEST_CASE("a roster without a pupil is refused, as it would empty the school") {
  const Reading reading = read_xml(edex_of(""));
  CHECK(tells(reading, Code::no_pupils));
  CHECK(refuses_file(reading.problems));
  CHECK(reading.file.groups.empty());
}

TEST_CASE("a hostile file can't fill memory with complaints") {
  std::string pupils;
  for (int i = 0; i < 3000; ++i) pupils += "<leerling/>";
  const Reading reading = read_xml(edex_of(pupils + clean_pupil("1")));
  CHECK(count_of(reading, Code::pupil_without_key) == 1000);
  const Problem rest = told(reading, Code::more_of_the_same);
  CHECK(rest.count == 2000);
  CHECK(rest.place == "pupil_without_key");
  CHECK(reading.file.pupils_without_key == 3000);
}

TEST_CASE("5,000 pupils are read, each with its line") {
  std::string pupils;
  for (int i = 0; i < 5000; ++i) pupils += clean_pupil(std::to_string(i));
  const Reading reading = read_xml(edex_of(pupils));
  REQUIRE(reading.file.pupils.size() == 5000);
  CHECK(reading.file.pupils[4999].where.line == kFirstPupilLine + 4999);
  CHECK(reading.problems.empty());
}

}  // namespace
}  // namespace klasboek::tests
