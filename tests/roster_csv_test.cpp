#include "api/roster_csv.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace klasboek::tests {
namespace {

using namespace api::roster;
using Cells = std::vector<std::string>;

std::vector<Cells> cells_of(std::string_view text, char separator = ',') {
  const std::vector<CsvRow> rows = parse_csv(text, separator).value();
  std::vector<Cells> cells(rows.size());
  std::ranges::transform(rows, cells.begin(), &CsvRow::cells);
  return cells;
}

std::vector<std::uint32_t> lines_of(std::string_view text) {
  const std::vector<CsvRow> rows = parse_csv(text, ',').value();
  std::vector<std::uint32_t> lines(rows.size());
  std::ranges::transform(rows, lines.begin(), &CsvRow::line);
  return lines;
}

Problem problem_of(std::string_view text) {
  const auto rows = parse_csv(text, ',');
  REQUIRE_FALSE(rows.has_value());
  return rows.error();
}

TEST_CASE("rows end with CR LF, LF, CR or the file") {
  const std::vector<Cells> expected = {{"a", "b"}, {"c", "d"}};
  CHECK(cells_of("a,b\r\nc,d\r\n") == expected);
  CHECK(cells_of("a,b\nc,d") == expected);
  CHECK(cells_of("a,b\rc,d\r") == expected);
}

TEST_CASE("values are separated by comma, semicolon or tab") {
  CHECK(cells_of("a;b,c", ';') == std::vector<Cells>{{"a", "b,c"}});
  CHECK(cells_of("a\tb;c", '\t') == std::vector<Cells>{{"a", "b;c"}});
}

TEST_CASE("a quoted value may hold separators, line ends and doubled quotes") {
  CHECK(cells_of("\"a,b\",\"say \"\"ja\"\"\"") == std::vector<Cells>{{"a,b", "say \"ja\""}});
  CHECK(cells_of("\"a\nb\",c") == std::vector<Cells>{{"a b", "c"}});
  CHECK(cells_of("\"\",x") == std::vector<Cells>{{"", "x"}});
  CHECK(cells_of("\"a\" ,b") == std::vector<Cells>{{"a", "b"}});
}

TEST_CASE("a quote within a value that is not quoted is text") {
  CHECK(cells_of("Jan \"Jip\" B,c") == std::vector<Cells>{{"Jan \"Jip\" B", "c"}});
}

TEST_CASE("empty values count, empty rows do not") {
  CHECK(cells_of("a,,c,\n\n,,,\nd") == std::vector<Cells>{{"a", "", "c", ""}, {"d"}});
  CHECK(cells_of("").empty());
}

TEST_CASE("a row has the line on which it begins, also after quoted line ends") {
  CHECK(lines_of("a\n\"b\nb\r\nb\"\nc\n\nd") == std::vector<std::uint32_t>{1, 2, 5, 7});
}

TEST_CASE("a quote that is never closed is told with the line on which it begins") {
  const Problem problem = problem_of("a,b\nc,\"d\ne\nf");
  CHECK(problem.code == ProblemCode::quote_not_closed);
  CHECK(problem.where.line == 2);
}

TEST_CASE("text after a closing quote is told, as columns would shift") {
  const Problem problem = problem_of("a\n\"b\"c,d");
  CHECK(problem.code == ProblemCode::text_after_quote);
  CHECK(problem.where.line == 2);
}

TEST_CASE("a file of more cells than any school has is refused") {
  CHECK(problem_of(std::string(kCsvCellsMax, ',')).code == ProblemCode::too_many_rows);
  CHECK(parse_csv(std::string(kCsvCellsMax - 1, ','), ',').has_value());
}

TEST_CASE("the separator that a spreadsheet declares is understood") {
  CHECK(declared_separator("sep=;\r\na;b") == ';');
  CHECK(declared_separator("SEP=,\na,b") == ',');
  CHECK(declared_separator("sep=|\na|b") == '\0');
  CHECK(declared_separator("a;b") == '\0');
}

}  // namespace
}  // namespace klasboek::tests
