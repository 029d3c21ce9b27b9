#include "api/roster_read.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/roster_guardian_csv.h"
#include "api/roster_text.h"
#include "api/roster_xml.h"

namespace klasboek::api::roster {
namespace {

Reading only(Problem problem) { return {.file = {}, .problems = {std::move(problem)}}; }

// A CSV without a header row is still to be told from a letter to the office.
bool looks_like_rows(std::string_view text, std::string_view file_name_hint) {
  const std::string_view first = text.substr(0, text.find_first_of("\r\n"));
  return lower_ascii(file_name_hint).ends_with(".csv") &&
         first.find_first_of(";,\t") != std::string_view::npos;
}

template <class Record>
void take_over(std::vector<Record>& into, const std::vector<Record>& from, std::uint32_t file) {
  for (Record record : from) {
    record.where.file = file;
    into.push_back(std::move(record));
  }
}

void take_pupils(RosterFile& into, const RosterFile& from, std::uint32_t file) {
  into.kind = from.kind;
  into.format = from.format;
  into.school = from.school;
  into.school_year = from.school_year;
  into.as_of = from.as_of;
  into.covers_pupils = true;
  into.left_out_pupil_keys = from.left_out_pupil_keys;
  into.left_out_staff_keys = from.left_out_staff_keys;
  into.pupils_without_key = from.pupils_without_key;
  into.staff_without_key = from.staff_without_key;
  take_over(into.groups, from.groups, file);
  take_over(into.pupils, from.pupils, file);
  take_over(into.staff, from.staff, file);
}

void take_guardians(RosterFile& into, const RosterFile& from, std::uint32_t file) {
  if (!into.covers_pupils) {
    into.kind = from.kind;
    into.format = from.format;
  }
  into.covers_guardians = true;
  take_over(into.guardians, from.guardians, file);
}

}  // namespace

Reading read_roster(std::string_view bytes, std::string_view file_name_hint, Day today) {
  if (bytes.size() > kFileBytesMax) {
    return only({.code = ProblemCode::file_too_large, .count = bytes.size()});
  }
  // Zip (also the formats of spreadsheets) and PDF: said plainly instead of as a wrong encoding.
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("%PDF")) {
    return only({.code = ProblemCode::unrecognised_format});
  }
  auto decoded = decode(bytes);
  if (!decoded) return only(std::move(decoded.error()));
  const auto start = decoded->text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return only({.code = ProblemCode::file_empty});
  if (decoded->text[start] == '<') return read_roster_xml(std::move(*decoded), today);
  if (known_columns_in(decoded->text) > 0 || looks_like_rows(decoded->text, file_name_hint)) {
    return read_guardian_csv(*decoded);
  }
  return only({.code = ProblemCode::unrecognised_format});
}

Reading combine(std::span<const Reading> readings) {
  Reading all;
  bool refused = false;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto file = static_cast<std::uint32_t>(i);
    for (Problem problem : readings[i].problems) {
      problem.where.file = file;
      problem.other.file = file;
      all.problems.push_back(std::move(problem));
    }
    refused = refused || refuses_file(readings[i].problems);
    const RosterFile& from = readings[i].file;
    const bool alike = (from.covers_pupils && all.file.covers_pupils) ||
                       (from.covers_guardians && all.file.covers_guardians);
    if (alike) {
      all.problems.push_back(
          {.code = ProblemCode::files_alike, .where = {.file = file, .line = 0}});
      refused = true;
    } else if (from.covers_pupils) {
      take_pupils(all.file, from, file);
    } else if (from.covers_guardians) {
      take_guardians(all.file, from, file);
    }
  }
  if (refused) all.file = {};
  return all;
}

}  // namespace klasboek::api::roster
