#pragma once
// Reads the CSV of guardians: a row per guardian and child, with a header row that names the
// columns in English or Dutch, in any order and case.
//
//   child_key | leerling         the pupil's key in the roster file; required
//   given_name | voornaam, prefix | voorvoegsel, family_name | achternaam, or name | naam; required
//   email, relation | relatie, authority | gezag, household | huishouden
//   phone1 … phone3 | telefoon1 … telefoon3, in the order of calling
//
// Pure; safe from any thread. Never throws but for lack of memory.

#include "api/roster_file.h"
#include "api/roster_text.h"

namespace klasboek::api::roster {

/// Reads a decoded file. A problem that refuses the file leaves the roster empty. Whether the
/// children exist is judged when the plan is made.
Reading read_guardian_csv(const Decoded& decoded);

/// How many columns of the first row are known, by the separator that makes most of them known.
/// 0 for what is not a guardian CSV at all.
std::size_t known_columns_in(std::string_view text);

}  // namespace klasboek::api::roster
