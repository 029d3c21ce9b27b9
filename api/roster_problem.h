#pragma once
// What can be wrong with a roster file or with the plan made from it: one enum, one table.
// Texts name lines, keys, elements and columns, never a name or an address of a person, because
// they may reach logs. Pure values; safe from any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace klasboek::api::roster {

enum class Language : std::uint8_t { english, dutch };

enum class Severity : std::uint8_t {
  error,    // the file, or the record concerned, is not taken in
  warning,  // taken in, with the change that the message names
  note,     // taken in; worth knowing
};
/// As programs read it: error, warning or note.
std::string_view name_of(Severity severity);

/// In the order of the table in roster_problem_kinds.cpp, which holds the stable public names.
enum class ProblemCode : std::uint8_t {
  /// The file as a whole is refused.
  file_empty,
  file_too_large,
  unrecognised_format,
  encoding_not_supported,
  doctype_refused,
  entity_refused,
  too_deep,
  too_many_elements,
  xml_truncated,
  xml_not_well_formed,
  request_instead_of_roster,
  answer_without_roster,
  partial_roster,
  no_pupils,
  header_missing,
  column_missing,
  column_doubled,
  quote_not_closed,
  text_after_quote,
  too_many_rows,
  no_rows,
  files_alike,
  /// A record is left out.
  group_without_key,
  pupil_without_key,
  staff_without_key,
  doubled_group_key,
  doubled_pupil_key,
  doubled_staff_key,
  key_too_long,
  pupil_without_name,
  staff_without_name,
  guardian_without_name,
  guardian_without_child,
  name_too_long,
  row_too_long,
  pupil_left_already,
  /// Taken in, changed or incomplete.
  encoding_not_as_declared,
  unreadable_characters,
  unknown_element,
  school_year_unclear,
  group_without_name,
  pupil_without_group,
  pupil_in_unknown_group,
  pupil_in_unknown_extra_group,
  pupil_name_incomplete,
  birth_day_missing,
  birth_day_impossible,
  birth_day_in_future,
  birth_day_unlikely,
  staff_in_unknown_group,
  role_unknown,
  role_assumed_teacher,
  email_not_an_address,
  email_shared,
  email_of_two_people,
  phone_not_a_number,
  relation_unknown,
  authority_unclear,
  duplicate_row,
  row_too_short,
  column_unknown,
  eck_id_as_key,
  /// Worth knowing.
  empty_prefix,
  combined_group_beside_group,
  elements_out_of_order,
  field_not_taken_in,
  more_of_the_same,
  // Seen only when a file meets the school as it is.
  child_unknown,
  too_many_guardians,
  account_of_somebody_else,
  group_still_used,
  combined_group_not_planned,
};

/// A place in the files read together: which file (from 0) and which line (from 1; 0: all of it).
struct Where {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  friend bool operator==(const Where&, const Where&) = default;
};

struct Problem {
  ProblemCode code = ProblemCode::file_empty;
  Where where = {};         // of the first, where `count` says that there are several
  std::string place = {};   // element or column that is concerned; empty where none
  std::string key = {};     // roster key of the record, as in the file; empty where none
  std::uint64_t count = 1;  // how often, for what is told once; or the number that was exceeded
  Where other = {};         // the record that this one collides with; line 0 where none
  friend bool operator==(const Problem&, const Problem&) = default;
};

/// A row of the table. `message` and `remedy` are indexed by Language; placeholders in braces:
/// key, place, count, other.
struct ProblemKind {
  ProblemCode code;
  std::string_view name;
  Severity severity;
  bool refuses_file;
  std::string_view message[2];
  std::string_view remedy[2];
};

std::span<const ProblemKind> problem_kinds();
const ProblemKind& kind_of(ProblemCode code);

/// One sentence that says what is wrong and where ("Line 12: …").
std::string message(const Problem& problem, Language language);
/// One sentence that says what to do about it.
std::string remedy(const Problem& problem, Language language);

bool has_errors(std::span<const Problem> problems);
/// True if nothing of the file can be used.
bool refuses_file(std::span<const Problem> problems);

/// A key as it may be shown: itself, or a dash where it looks like text that could name somebody
/// (an address, words) or is longer than kShownKeyBytesMax.
inline constexpr std::size_t kShownKeyBytesMax = 64;
std::string shown_key(std::string_view key);

}  // namespace klasboek::api::roster
