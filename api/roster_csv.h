#pragma once
// CSV after RFC 4180, as spreadsheets and administrations really write it: separated by comma,
// semicolon or tab, lines ended by CR LF, LF or CR, values in double quotes where they need it.
// Pure functions; safe from any thread.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "api/roster_problem.h"

namespace klasboek::api::roster {

/// All cells of a file together; 5,000 pupils with three guardians each have 180,000.
inline constexpr std::size_t kCsvCellsMax = 2'000'000;

struct CsvRow {
  std::vector<std::string> cells;
  std::uint32_t line = 1;  // on which it begins
};

/// Rows in the order of the file; rows without any text are left out. A quote that stands within an
/// unquoted value is text. Errors: quote_not_closed, text_after_quote, too_many_rows.
std::expected<std::vector<CsvRow>, Problem> parse_csv(
    std::string_view text, char separator,
    std::size_t rows_max = std::numeric_limits<std::size_t>::max());

/// The separators that are understood.
inline constexpr std::string_view kCsvSeparators = ";,\t";

/// The separator that a spreadsheet names in a first line of its own ("sep=;"), or '\0'.
char declared_separator(std::string_view text);

}  // namespace klasboek::api::roster
