// Every reason to say no is complete in words, and some test makes it happen.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "aggregates/rejection.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using aggregates::Rejection;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Rejection> every_rejection() {
  std::vector<Rejection> all;
  for (std::uint16_t i = 0; i < std::to_underlying(Rejection::count_); ++i) {
    all.push_back(static_cast<Rejection>(i));
  }
  return all;
}

/// The enumerators as they stand in the header: there is no other list that can't be forgotten.
std::vector<std::string> enumerators() {
  const auto header = text_of(source_path("aggregates/rejection.h"));
  const auto begin = header.find("enum class Rejection : ");
  std::vector<std::string> names;
  std::size_t line = header.find('\n', begin) + 1;
  while (!header.substr(line).starts_with("};")) {
    const auto end = header.find('\n', line);
    const auto text = header.substr(line, end - line);
    const auto name = text.substr(text.find_first_not_of(' '));
    if (!name.starts_with("//") && !name.starts_with("count_")) {
      names.push_back(name.substr(0, name.find(',')));
    }
    line = end + 1;
  }
  return names;
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// `Rejection::name` stands in the text, and not only as the beginning of a longer name.
bool mentions(const std::string& text, const std::string& name) {
  const std::string wanted = "Rejection::" + name;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
    const auto after = at + wanted.size();
    if (after == text.size() || !is_word_character(text[after])) return true;
  }
  return false;
}

/// What is wrong, and what to do: two sentences at least, each ended.
bool is_advice(std::string_view text) {
  return text.ends_with('.') && std::ranges::count(text, '.') + std::ranges::count(text, ':') >= 2;
}

TEST_CASE("a rejection's public name is that of its enumerator") {
  std::vector<std::string> names;
  for (const auto rejection : every_rejection()) {
    names.emplace_back(aggregates::row_of(rejection).name);
  }
  CHECK(names == enumerators());
}

TEST_CASE("a rejection is found by its name, and nothing else is") {
  for (const auto rejection : every_rejection()) {
    CHECK(aggregates::rejection_by_name(aggregates::row_of(rejection).name) == rejection);
  }
  for (const std::string_view name : {"", "leave", "count_", "Leave_not_found"}) {
    CHECK_FALSE(aggregates::rejection_by_name(name).has_value());
  }
}

TEST_CASE("a rejection says in English and Dutch what is wrong and what to do") {
  for (const auto rejection : every_rejection()) {
    const auto& row = aggregates::row_of(rejection);
    INFO(row.name);
    CHECK(is_advice(row.english));
    CHECK(is_advice(row.dutch));
    CHECK(row.english != row.dutch);
  }
}

TEST_CASE("every rejection is triggered by some test") {
  std::string tests;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(source_path("tests")))) {
    const auto name = entry.path().filename().string();
    if (name.ends_with("_test.cpp") && name != "rejections_test.cpp") {
      tests += text_of(entry.path());
    }
  }
  for (const auto& name : enumerators()) {
    INFO("no test expects Rejection::" << name);
    CHECK(mentions(tests, name));
  }
}

}  // namespace
}  // namespace klasboek::tests
