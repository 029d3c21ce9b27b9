#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace klasboek::tests {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }

bool is_include_line(std::string_view text, std::size_t at) {
  const std::size_t line = text.rfind('\n', at) + 1;
  const std::size_t hash = text.find_first_not_of(" \t", line);
  return hash < at && text[hash] == '#' &&
         text.substr(hash, at - hash).find("include") != std::string_view::npos;
}

// Where the literal that opens at `at` ends: the place after its closing quote, or the end of its
// line when it has none.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    } else if (text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

// The same for R"tag(…)tag", where `at` is at the quote.
std::size_t end_of_raw(std::string_view text, std::size_t at) {
  const std::size_t open = text.find('(', at);
  if (open == std::string_view::npos) {
    return text.size();
  }
  const std::string close = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// Where the comment or literal that begins at `at` ends; `at` itself when none begins there.
std::size_t end_of_unread(std::string_view text, std::size_t at) {
  const std::string_view two = text.substr(at, 2);
  if (two == "//") {
    return std::min(text.find('\n', at), text.size());
  }
  if (two == "/*") {
    const std::size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  const bool follows_word = at > 0 && is_word(text[at - 1]);
  if (text[at] == '"') {
    return at > 0 && text[at - 1] == 'R' ? end_of_raw(text, at) : end_of_quoted(text, at);
  }
  // A quote within a number (1'000) opens nothing.
  if (text[at] == '\'' && !follows_word) {
    return end_of_quoted(text, at);
  }
  return at;
}

}  // namespace

std::string_view room_of(std::string_view path) {
  for (const std::string_view room : kRooms) {
    if (path.starts_with(room) && path.substr(room.size()).starts_with('/')) {
      return room;
    }
  }
  return "";
}

std::vector<SourceFile> read_source_tree() {
  const std::filesystem::path root = KLASBOEK_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const char* top :
       {"events", "aggregates", "projections", "vault", "reactions", "api", "tools", "tests"}) {
    if (!std::filesystem::is_directory(root / top)) {
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const std::filesystem::path extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp")) {
        continue;
      }
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << in.rdbuf();
      files.push_back({entry.path().lexically_relative(root).generic_string(), text.str()});
    }
  }
  if (files.empty()) {
    throw std::runtime_error("no source files below " + root.string());
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::string without_comments_and_strings(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size();) {
    const std::size_t end = end_of_unread(text, i);
    if (end == i) {
      ++i;
      continue;
    }
    if (text[i] != '"' || !is_include_line(text, i)) {
      std::replace_if(
          out.begin() + static_cast<std::ptrdiff_t>(i),
          out.begin() + static_cast<std::ptrdiff_t>(end), [](char c) { return c != '\n'; }, ' ');
    }
    i = end;
  }
  return out;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  int line = 1;
  bool line_is_empty = true;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '\n') {
      ++line;
      line_is_empty = true;
    } else if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
    } else if (text[i] == '#' && line_is_empty) {
      // To the end of the line, and of the next after a backslash.
      end = std::min(text.find('\n', i), text.size());
      while (end < text.size() && text[end - 1] == '\\') {
        ++line;
        end = std::min(text.find('\n', end + 1), text.size());
      }
    } else {
      if (is_word(text[i])) {
        while (end < text.size() && is_word(text[end])) {
          ++end;
        }
      } else if (const std::string_view two = text.substr(i, 2); two == "::" || two == "->") {
        ++end;
      }
      tokens.push_back({text.substr(i, end - i), line});
      line_is_empty = false;
    }
    i = end;
  }
  return tokens;
}

std::vector<std::string> words_of(std::string_view name) {
  if (name.size() > 1 && name[0] == 'k' && is_upper(name[1])) {
    name.remove_prefix(1);
  }
  std::vector<std::string> words;
  bool at_start = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_word(name[i]) || name[i] == '_') {
      at_start = true;
      continue;
    }
    if (at_start || (is_upper(name[i]) && !is_upper(name[i - 1]))) {
      words.emplace_back();
    }
    at_start = false;
    words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return words;
}

}  // namespace klasboek::tests
