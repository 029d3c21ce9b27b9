#pragma once
// The single values of roster files: addresses, numbers, days, the words for roles and relations.
// Each function says nullopt for what it can't read; telling that to somebody is the reader's task.
// Pure functions; safe from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "api/roster_file.h"

namespace klasboek::api::roster {

/// As log-ins compare addresses (vault/email.h). nullopt for what can't be one: the word "email",
/// no @, no domain, white space.
std::optional<std::string> email_address(std::string_view text);

/// Digits with an optional leading +; brackets, spaces, dots, hyphens and slashes are dropped.
std::optional<std::string> phone_number(std::string_view text);

/// xs:date, also with a time or a time zone behind it (only the day counts).
std::optional<Day> roster_day(std::string_view text);

/// "2026-2027" if the second year follows the first.
std::optional<std::string> school_year(std::string_view text);

/// The codes of EDEXLeerkrachtRolType; those without a meaning of their own here are `other`.
std::optional<StaffRole> staff_role(std::string_view code);

/// Dutch and English words, in any case. Empty text is unknown, which is a value.
std::optional<Relation> relation_of(std::string_view word);
std::optional<Authority> authority_of(std::string_view word);

/// "Jan van der Berg" or "van der Berg, Jan" in its parts; a single word is the family name.
PersonName split_name(std::string_view full_name);

/// False if the names can't be those of one person: another family name, or other given names
/// where neither is short for the other. Prefixes, case, accents and initials don't count.
bool may_be_one_person(const PersonName& a, const PersonName& b);

/// True for the names of fields that are never taken in (BSN, ethnicity, country, weight and the
/// like), as element of XML or as column, in lower case.
bool is_never_taken_in(std::string_view field);

}  // namespace klasboek::api::roster
