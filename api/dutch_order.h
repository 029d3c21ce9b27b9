#pragma once
// How names are compared: sorted as a Dutch list is, and found by whoever types them on a plain
// keyboard.
//
// Case and accents don't count (é is e, Ö is o, ß is ss, ø is o), apostrophes and full stops fall
// away, hyphens and spaces are one space. The voorvoegsel is no part of the key: De Vries stands
// under V. IJ is sorted as I and J, between Ii and Ik, as Van Dale, the Woordenlijst and Unicode's
// Dutch collation do; only telephone books and encyclopedias put it with Y. A search finds Ij by
// "ij" and Y by "y".
#include <string>
#include <string_view>
#include <tuple>

#include "api/person_text.h"

namespace klasboek::api {

/// The text as it is compared. Letters outside of Latin stay as they are.
std::string folded(std::string_view text);

/// Family name without prefix, given name, prefix. A prefix that was typed as the beginning of the
/// family name ("van der Zwaluw") isn't part of the key either.
using NameOrder = std::tuple<std::string, std::string, std::string>;
NameOrder order_of(const PersonName& name);

/// Whether each word of the query (folded) is a part of the name.
bool is_part_of(std::string_view folded_query, const PersonName& name);

}  // namespace klasboek::api
