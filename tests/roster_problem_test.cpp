#include "api/roster_problem.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace klasboek::tests {
namespace {

using namespace api::roster;

bool is_snake_case(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// True if every brace in the text belongs to a placeholder that is filled in.
bool placeholders_are_known(std::string_view text) {
  const std::set<std::string_view> known = {"{key}", "{place}", "{count}", "{other}"};
  for (auto open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) return false;
    if (!known.contains(text.substr(open, close - open + 1))) return false;
  }
  return true;
}

TEST_CASE(
    "every problem has a stable name, and says what is wrong and what to do in two languages") {
  std::set<std::string_view> names;
  for (const ProblemKind& kind : problem_kinds()) {
    INFO(kind.name);
    CHECK(is_snake_case(kind.name));
    CHECK(names.insert(kind.name).second);
    for (const std::string_view text :
         {kind.message[0], kind.message[1], kind.remedy[0], kind.remedy[1]}) {
      CHECK(text.size() > 5);
      CHECK(text.ends_with('.'));
      CHECK(placeholders_are_known(text));
    }
    CHECK(kind.message[0] != kind.message[1]);
    if (kind.refuses_file) CHECK(kind.severity == Severity::error);
  }
}

TEST_CASE("a message names the line, the key and the other line") {
  const Problem problem{.code = ProblemCode::doubled_pupil_key,
                        .where = {.line = 12},
                        .key = "L1042",
                        .other = {.line = 7}};
  CHECK(message(problem, Language::english) ==
        "Line 12: Pupil L1042 is there already on line 7; this one is left out.");
  CHECK(message(problem, Language::dutch) ==
        "Regel 12: Leerling L1042 staat al op regel 7; deze is weggelaten.");
  CHECK(remedy(problem, Language::english).starts_with("Find out"));
}

TEST_CASE("a problem of the file as a whole names no line") {
  const Problem problem{.code = ProblemCode::file_empty};
  CHECK(message(problem, Language::english) == "The file is empty.");
}

TEST_CASE("a key that may be a person's address or name is not shown") {
  CHECK(shown_key("L-1042") == "L-1042");
  CHECK(shown_key("{6f9619ff-8b86-d011}") == "{6f9619ff-8b86-d011}");
  CHECK(shown_key("noor@example.org") == "–");
  CHECK(shown_key("Noor Voorbeeld") == "–");
  CHECK(shown_key(std::string(kShownKeyBytesMax + 1, '1')) == "–");
  CHECK(shown_key("") == "–");
  const Problem problem{.code = ProblemCode::pupil_without_group, .key = "noor@example.org"};
  CHECK_FALSE(message(problem, Language::english).contains("noor"));
}

TEST_CASE("a key with a placeholder in it does not pull in other text") {
  const Problem problem{
      .code = ProblemCode::doubled_pupil_key, .key = "{other}", .other = {.line = 3}};
  CHECK(message(problem, Language::english).contains("Pupil {other} is there already on line 3"));
}

TEST_CASE("only errors stop, and only some of them refuse the whole file") {
  const std::vector<Problem> notes = {{.code = ProblemCode::empty_prefix},
                                      {.code = ProblemCode::pupil_without_group}};
  CHECK_FALSE(has_errors(notes));
  const std::vector<Problem> record = {{.code = ProblemCode::pupil_without_name}};
  CHECK(has_errors(record));
  CHECK_FALSE(refuses_file(record));
  const std::vector<Problem> file = {{.code = ProblemCode::xml_truncated}};
  CHECK(refuses_file(file));
}

}  // namespace
}  // namespace klasboek::tests
