#pragma once
// One pass over an XML file before it is parsed: refuses what a roster file never has and what
// attacks are made of (document types, entities, depth, mass), and says of a broken or cut-off file
// on which line which element is open. What passes is safe to give to the parser.
// Pure functions; safe from any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/roster_problem.h"
#include "api/roster_text.h"

namespace klasboek::api::roster {

inline constexpr std::size_t kXmlDepthMax = 64;
/// Elements and attributes together; a school of 5,000 pupils has about 150,000.
inline constexpr std::size_t kXmlPartsMax = 2'000'000;

/// Returns the first problem, nullopt if the file can be parsed. REQUIRES: `lines` is of `text`.
/// Linear in the size of the text; uses memory for kXmlDepthMax names at most. Names of elements
/// are told only if they are among `known`: in a broken file, text can look like an element.
std::optional<Problem> scan_xml(std::string_view text, const LineIndex& lines,
                                bool (*known)(std::string_view local_name));

/// "leerling" of "uwlr:leerling".
std::string_view local_name(std::string_view qualified_name);

}  // namespace klasboek::api::roster
