#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klasboek::tests {

// The project's own C++ as text, for the tests that judge the tree itself.

struct SourceFile {
  std::string path;  // from the root, with '/'
  std::string text;
};

// One word or sign of C++, where it stands.
struct Token {
  std::string_view text;
  int line = 1;
};

// The rooms in which the product lives, in reading order; a file below `events/log` is of that room
// and not of `events`.
inline constexpr std::string_view kRooms[] = {
    "events/log", "events", "aggregates", "projections", "vault", "reactions", "api", "tools"};

// The room that a path lies in, or "" when it is of none.
std::string_view room_of(std::string_view path);

// All .h and .cpp files of the rooms and of tests/, sorted by path. Throws when there are none,
// since a check of nothing would pass.
std::vector<SourceFile> read_source_tree();

// The text with comments and the contents of string and character literals blanked out by spaces;
// lines stay where they are, and so do the names in #include "…".
std::string without_comments_and_strings(std::string_view text);

// Names, numbers and single signs ("::" and "->" are one sign each) of a text that
// without_comments_and_strings has been through; lines of the preprocessor are left out. The tokens
// point into `text`.
std::vector<Token> tokens_of(std::string_view text);

// The words of a name in lower case: `kLeaveDays_max` is leave, days, max (a leading k of a
// constant is no word).
std::vector<std::string> words_of(std::string_view name);

}  // namespace klasboek::tests
