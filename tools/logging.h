#pragma once
// The program's own record: lines of JSON on standard error. It speaks of the program, never of
// people: ids and counts, no names and no text.
#include <spdlog/formatter.h>

#include <memory>
#include <string>

namespace klasboek::tools {

/// One JSON object a line, with `at` (RFC 3339, UTC) and `level`. A message that begins with a
/// quotation mark is members already; any other becomes the member `message`.
std::unique_ptr<spdlog::formatter> json_lines();

/// Makes them the record of the whole program. level: as spdlog calls it.
void start_logging(const std::string& level);

}  // namespace klasboek::tools
