#include "api/roster_xml.h"

#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/roster_problem_list.h"
#include "api/roster_values.h"
#include "api/roster_xml_records.h"
#include "api/roster_xml_scan.h"
#include "api/roster_xml_words.h"

namespace klasboek::api::roster {
namespace {

using Code = ProblemCode;

struct Found {
  pugi::xml_node roster;
  FileKind kind = FileKind::edexml;
  std::optional<Problem> problem;
};

pugi::xml_node first_element(pugi::xml_node parent) {
  return parent.find_child([](pugi::xml_node node) { return node.type() == pugi::node_element; });
}

Found refused(Code code, const XmlSource& source, pugi::xml_node node) {
  return {
      .roster = {},
      .kind = FileKind::edexml,
      .problem = Problem{
          .code = code, .where = source.where(node), .place = shown_key(local_name(node.name()))}};
}

// Walks from the outermost element through envelope, body and answer to the roster itself.
Found find_roster(const pugi::xml_document& document, const XmlSource& source) {
  constexpr int kWrappersMax = 8;
  pugi::xml_node node = document.document_element();
  for (int i = 0; i < kWrappersMax && node; ++i) {
    const std::string_view name = local_name(node.name());
    if (lower_ascii(name) == "edex")
      return {.roster = node, .kind = FileKind::edexml, .problem = {}};
    if (name == "leerlinggegevens") return {.roster = node, .kind = FileKind::uwlr, .problem = {}};
    if (name == "Fault" || name == "geenwijzigingen" || name == "geengegevens") {
      return refused(Code::answer_without_roster, source, node);
    }
    if (name.ends_with("_verzoek")) return refused(Code::request_instead_of_roster, source, node);
    if (name.starts_with("leerlinggegevens-") || name == "structuur_antwoord" ||
        name == "leerlingen_antwoord" || name == "leerkrachten_antwoord") {
      return refused(Code::partial_roster, source, node);
    }
    const bool wraps = name == "Envelope" || name == "Body" || name == "leerlinggegevens_antwoord";
    if (!wraps) break;
    pugi::xml_node inner = name == "Envelope" ? child_called(node, "Body") : first_element(node);
    if (!inner) return refused(Code::answer_without_roster, source, node);
    node = inner;
  }
  return {.roster = {},
          .kind = FileKind::edexml,
          .problem = Problem{.code = Code::unrecognised_format, .where = source.where(node)}};
}

void read_school(pugi::xml_node school, XmlSource& source, RosterFile& file) {
  source.check_children(school, "school", kSchoolWords);
  const pugi::xml_node year = child_called(school, "schooljaar");
  if (const auto known = school_year(text_of(year))) {
    file.school_year = *known;
  } else {
    source.problems.add({.code = Code::school_year_unclear,
                         .where = source.where(year ? year : school),
                         .place = "schooljaar"});
  }
  file.as_of = roster_day(text_of(child_called(school, "peildatum")));
  file.school.brin = text_of(child_called(school, "brincode"));
  const std::string branch = text_of(child_called(school, "dependancecode"));
  if (branch != "00") file.school.brin += branch;  // 00 says the same as nothing
  if (file.school.brin.empty()) {
    file.school.brin = text_of(child_called(school, "instellingsnummer"));
  }
  file.school.key = text_of(child_called(school, "schoolkey"));
  const std::string version = text_of(child_called(school, "xsdversie"));
  const bool plain = version.size() <= 8 && std::ranges::all_of(version, [](char c) {
                       return c == '.' || (c >= '0' && c <= '9');
                     });
  if (plain && !version.empty()) file.format += " " + version;
}

void read_school_name(pugi::xml_node roster, RosterFile& file) {
  std::string name;
  for (const pugi::xml_node locations : children_called(roster, "vestigingen")) {
    for (const pugi::xml_node location : children_called(locations, "vestiging")) {
      if (!name.empty()) return;  // several locations: none is the school's name
      name = text_of(child_called(location, "naam"));
    }
  }
  file.school.name = name;
}

void read_records(pugi::xml_node roster, XmlSource& source, Day today, RosterFile& file) {
  read_school_name(roster, file);
  XmlRecords records(source, today, file);
  for (const pugi::xml_node groups : children_called(roster, "groepen")) {
    source.check_children(groups, "groepen", kGroupsWords);
    for (const pugi::xml_node group : children_called(groups, "groep")) {
      records.read_group(group, false);
    }
    for (const pugi::xml_node group : children_called(groups, "samengestelde_groep")) {
      records.read_group(group, true);
    }
  }
  for (const pugi::xml_node pupils : children_called(roster, "leerlingen")) {
    source.check_children(pupils, "leerlingen", kPupilsWords);
    for (const pugi::xml_node pupil : children_called(pupils, "leerling")) {
      records.read_pupil(pupil);
    }
  }
  for (const pugi::xml_node staff : children_called(roster, "leerkrachten")) {
    source.check_children(staff, "leerkrachten", kStaffListWords);
    for (const pugi::xml_node member : children_called(staff, "leerkracht")) {
      records.read_staff(member);
    }
  }
  records.take_away_shared_emails();
}

Reading only(Problem problem, ProblemList& problems) {
  problems.add(std::move(problem));
  return {.file = {}, .problems = problems.take()};
}

}  // namespace

Reading read_roster_xml(Decoded decoded, Day today) {
  ProblemList problems;
  for (Problem& problem : decoded.problems) problems.add(std::move(problem));
  const LineIndex lines(decoded.text);
  if (auto problem = scan_xml(decoded.text, lines, is_known_element)) {
    return only(std::move(*problem), problems);
  }
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer_inplace(
      decoded.text.data(), decoded.text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    const auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
    return only({.code = Code::xml_not_well_formed,
                 .where = {.file = 0, .line = lines.line_of(at)},
                 .place = "<…>",
                 .other = {.file = 0, .line = lines.line_of(at)}},
                problems);
  }
  XmlSource source(lines, problems);
  Found found = find_roster(document, source);
  if (found.problem) return only(std::move(*found.problem), problems);

  Reading reading;
  reading.file.kind = found.kind;
  reading.file.format = found.kind == FileKind::edexml ? "EDEXML" : "UWLR";
  reading.file.covers_pupils = true;
  source.check_children(found.roster, local_name(found.roster.name()), kRosterWords);
  read_school(child_called(found.roster, "school"), source, reading.file);
  read_records(found.roster, source, today, reading.file);
  if (reading.file.pupils.empty()) {
    return only({.code = Code::no_pupils, .where = source.where(found.roster)}, problems);
  }
  reading.problems = problems.take();
  return reading;
}

}  // namespace klasboek::api::roster
