#include "api/roster_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace klasboek::tests {
namespace {

using namespace api::roster;
using namespace std::string_view_literals;

bool has(const Decoded& decoded, ProblemCode code) {
  for (const Problem& problem : decoded.problems) {
    if (problem.code == code) return true;
  }
  return false;
}

TEST_CASE("UTF-8 is read as it is, with and without byte order mark") {
  CHECK(decode("Zoë")->text == "Zoë");
  CHECK(decode("\xEF\xBB\xBFZoë")->text == "Zoë");
  CHECK(decode("Zoë")->problems.empty());
}

TEST_CASE("undeclared Windows-1252 is recognised and told") {
  const auto decoded = decode("Zo\xEB kost \x80 5");
  REQUIRE(decoded);
  CHECK(decoded->text == "Zoë kost € 5");
  CHECK(decoded->encoding == Encoding::windows_1252);
  CHECK(has(*decoded, ProblemCode::encoding_not_as_declared));
}

TEST_CASE("declared Windows-1252 and ISO-8859-1 are read without a word") {
  for (const std::string name : {"Windows-1252", "iso-8859-1", "ISO8859-1", "latin1"}) {
    const auto decoded = decode("<?xml version='1.0' encoding='" + name + "'?><a>Zo\xEB</a>");
    INFO(name);
    REQUIRE(decoded);
    CHECK(decoded->text.contains("Zoë"));
    CHECK(decoded->problems.empty());
  }
}

TEST_CASE("ISO-8859-15 has its own euro sign") {
  const auto decoded = decode("<?xml version='1.0' encoding='ISO-8859-15'?><a>\xA4 \xBD</a>");
  REQUIRE(decoded);
  CHECK(decoded->text.contains("€ œ"));
}

TEST_CASE("UTF-8 that calls itself ISO-8859-1 is read as UTF-8 and told") {
  const auto decoded = decode("<?xml version='1.0' encoding='ISO-8859-1'?><a>Zoë</a>");
  REQUIRE(decoded);
  CHECK(decoded->text.contains("Zoë"));
  CHECK(has(*decoded, ProblemCode::encoding_not_as_declared));
}

TEST_CASE("UTF-16 is read in both byte orders, with surrogate pairs") {
  const auto little = decode("\xFF\xFE<\0\xEB\0\x3D\xD8\x00\xDE"sv);
  REQUIRE(little);
  CHECK(little->text == "<ë😀");
  const auto big = decode("\xFE\xFF\0<\0\xEB\xD8\x3D\xDE\x00"sv);
  REQUIRE(big);
  CHECK(big->text == "<ë😀");
  CHECK(decode("<\0a\0/\0>\0"sv)->text == "<a/>");
}

TEST_CASE("UTF-16 cut off within a character is told") {
  const auto decoded = decode("\xFF\xFE<\0a"sv);
  REQUIRE(decoded);
  CHECK(has(*decoded, ProblemCode::unreadable_characters));
  CHECK(has(*decode("\xFF\xFE<\0\x3D\xD8"sv), ProblemCode::unreadable_characters));
}

TEST_CASE("bytes that stand for no character are replaced, counted and located") {
  const auto decoded = decode("a\nb\x81\x8D\xEB");
  REQUIRE(decoded);
  REQUIRE(decoded->problems.size() == 2);
  CHECK(decoded->problems[1].code == ProblemCode::unreadable_characters);
  CHECK(decoded->problems[1].count == 2);
  CHECK(decoded->problems[1].where.line == 2);
  CHECK(is_utf8(decoded->text));
}

TEST_CASE("an empty file, zero characters and unknown encodings are refused") {
  CHECK(decode("").error().code == ProblemCode::file_empty);
  CHECK(decode("\xEF\xBB\xBF").error().code == ProblemCode::file_empty);
  CHECK(decode("a\0b"sv).error().code == ProblemCode::encoding_not_supported);
  CHECK(decode("<?xml version='1.0' encoding='EBCDIC-CP-NL'?><a/>").error().code ==
        ProblemCode::encoding_not_supported);
}

TEST_CASE("overlong forms, surrogates and too large values are not UTF-8") {
  CHECK(is_utf8("aë€😀"));
  CHECK_FALSE(is_utf8("\xC0\xAF"));
  CHECK_FALSE(is_utf8("\xE0\x80\xAF"));
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("\xE2\x82"));
  CHECK_FALSE(is_utf8("\x80"));
}

TEST_CASE("white space at the ends goes, within it becomes one space") {
  CHECK(tidied("  van \t\n der\u00A0 ") == "van der");
  CHECK(tidied("\u00A0\r\n").empty());
}

TEST_CASE("names are compared without case, accents, hyphens and apostrophes") {
  CHECK(folded("Zoë") == folded("ZOE"));
  CHECK(folded("Ünal-Şahin") == "unalsahin");
  CHECK(folded("Łukasz Żak") == "lukasz zak");
  CHECK(folded("'t Hooft") == "t hooft");
  CHECK(folded("René") == folded("Rene\u0301"));
  CHECK(folded("Jansen") != folded("Janssen"));
}

TEST_CASE("lines are counted over LF, CR LF and CR alike") {
  const LineIndex lines("a\nb\r\nc\rd");
  CHECK(lines.last_line() == 4);
  CHECK(lines.line_of(0) == 1);
  CHECK(lines.line_of(1) == 1);
  CHECK(lines.line_of(2) == 2);
  CHECK(lines.line_of(5) == 3);
  CHECK(lines.line_of(7) == 4);
}

}  // namespace
}  // namespace klasboek::tests
