#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_tree.h"

namespace klasboek::tests {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr int kLinesMax = 500;

// Words that say nothing about what a thing is. "process" is one as a verb only.
const Names kEmptyWords = {"manager", "managers", "helper", "helpers", "util", "utils"};
const Names kEmptyNouns = {"data", "info"};
const Names kTypeKeywords = {"class", "struct", "union", "enum", "namespace"};
// After these a name is used, not declared.
const Names kStatementKeywords = {"return", "co_return", "co_yield", "throw", "delete", "else",
                                  "case",   "goto",      "new",      "in",    "not"};
const Names kSleeps = {"sleep_for", "sleep_until", "sleep", "usleep", "nanosleep"};

bool holds(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool has_word(Names words, const std::vector<std::string>& name) {
  return std::ranges::any_of(name, [&](const auto& word) { return holds(words, word); });
}

// What is wrong with the name of a file, or "".
std::string judge_file_name(std::string_view path) {
  const std::vector<std::string> words = words_of(path.substr(path.rfind('/') + 1));
  if (has_word(kEmptyWords, words) || has_word(kEmptyNouns, words) ||
      has_word({"process"}, words)) {
    return "a file's name says what its subject is";
  }
  return "";
}

// What is wrong with the name at `i`, or "".
std::string judge_name(const std::vector<Token>& tokens, std::size_t i) {
  const std::string_view before = i > 0 ? tokens[i - 1].text : "";
  const std::string_view after = i + 1 < tokens.size() ? tokens[i + 1].text : "";
  const std::vector<std::string> words = words_of(tokens[i].text);
  if (words.empty()) {
    return "";
  }
  if (has_word(kEmptyWords, words)) {
    return "says nothing; what does it do?";
  }
  if (holds(kTypeKeywords, before) && has_word(kEmptyNouns, words)) {
    return "says nothing; what does it hold?";
  }
  const bool is_declared = !before.empty() && !holds(kStatementKeywords, before) &&
                           (words_of(before).size() > 0 || holds({">", "&", "*"}, before)) &&
                           holds({"=", ";", "{", ",", ")"}, after);
  if (is_declared && holds(kEmptyNouns, words.back())) {
    return "says nothing; what does it hold?";
  }
  if (words.front() == "process" && after == "(") {
    return "says nothing; what is done?";
  }
  return "";
}

std::vector<std::string> violations(const SourceFile& file) {
  std::vector<std::string> found;
  const auto report = [&](int line, const std::string& what) {
    found.push_back(file.path + ":" + std::to_string(line) + ": " + what);
  };
  const bool in_room = !room_of(file.path).empty();
  const auto lines = std::ranges::count(file.text, '\n');
  if (in_room && lines > kLinesMax) {
    report(kLinesMax, "a file has at most " + std::to_string(kLinesMax) + " lines, this one " +
                          std::to_string(lines) + "; part it by subject");
  }
  if (const std::string wrong = judge_file_name(file.path); !wrong.empty()) {
    report(1, wrong);
  }
  const std::string code = without_comments_and_strings(file.text);
  const std::vector<Token> tokens = tokens_of(code);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (const std::string wrong = judge_name(tokens, i); !wrong.empty()) {
      report(tokens[i].line, std::string(tokens[i].text) + " " + wrong);
    }
    if (!in_room && holds(kSleeps, tokens[i].text)) {
      report(tokens[i].line, "a test waits for an announced moment, it doesn't sleep");
    }
  }
  return found;
}

std::vector<std::string> violations(std::string path, std::string text) {
  return violations(SourceFile{std::move(path), std::move(text)});
}

}  // namespace

TEST_CASE("no file is too long, no name is empty of meaning and no test sleeps") {
  std::string report;
  for (const SourceFile& file : read_source_tree()) {
    for (const std::string& one : violations(file)) {
      report += one + "\n";
    }
  }
  INFO(report);
  CHECK(report.empty());
}

TEST_CASE("a planted file that is too long is found") {
  std::string text;
  for (int i = 0; i < kLinesMax; ++i) {
    text += "// line\n";
  }
  CHECK(violations("api/leave.cpp", text).empty());
  CHECK(violations("api/leave.cpp", text + "\n").size() == 1);
}

TEST_CASE("a planted name that says nothing is found, with its file and line") {
  CHECK(violations("vault/key_store.h", "\nclass KeyManager {};") ==
        std::vector<std::string>{"vault/key_store.h:2: KeyManager says nothing; what does it do?"});
  for (const char* bad :
       {"struct LeaveInfo {};", "int leave_data = 1;", "void process_leave(int day);",
        "auto read_helper() -> int;", "std::string& data;", "f(const Bytes& info)",
        "namespace klasboek::utils {}", "namespace utils {}"}) {
    CAPTURE(bad);
    CHECK(violations("api/leave.cpp", bad).size() == 1);
  }
  for (const char* good :
       {"return text.data();", "spdlog::info(\"ready\");", "options.info_log = log;",
        "return data;", "std::string data_dir = \"/var\";", "// the data\n", "auto a = \"helper\";",
        "pid_t process = 1;", "Date date;"}) {
    CAPTURE(good);
    CHECK(violations("api/leave.cpp", good).empty());
  }
  CHECK(violations("api/string_utils.h", "").size() == 1);
  CHECK(violations("api/date.h", "").empty());
}

TEST_CASE("a planted sleep in a test is found") {
  CHECK(violations("tests/leave_test.cpp", "std::this_thread::sleep_for(1s);").size() == 1);
  CHECK(violations("tests/leave_test.cpp", "// sleep_for\n").empty());
}

TEST_CASE("comments and strings are not read as code") {
  const std::string text =
      "int a = 1'000; // \"b\nauto c = \"d // e\"; /* f\n g */ auto h = R\"(i \" j)\"; char k = "
      "'\"'; int l;\n#define m n \\\n o\nint p;";
  const std::string code = without_comments_and_strings(text);
  std::string names;
  for (const Token& token : tokens_of(code)) {
    names += std::string(token.text) + " ";
  }
  CHECK(names == "int a = 1 ' 000 ; auto c = ; auto h = R ; char k = ; int l ; int p ; ");
  CHECK(tokens_of(code).back().line == 6);
}

TEST_CASE("a name falls into its words") {
  using Words = std::vector<std::string>;
  CHECK(words_of("LeaveDays_max") == Words{"leave", "days", "max"});
  CHECK(words_of("kLeaveMax") == Words{"leave", "max"});
  CHECK(words_of("HTTPServer") == Words{"httpserver"});
  CHECK(words_of("rules_") == Words{"rules"});
}

}  // namespace klasboek::tests
