#include "api/roster_problem.h"

#include <algorithm>
#include <utility>

namespace klasboek::api::roster {
namespace {

void replace_all(std::string& text, std::string_view placeholder, std::string_view value) {
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + value.size())) {
    text.replace(at, placeholder.size(), value);
  }
}

std::string filled(std::string_view pattern, const Problem& problem) {
  std::string text(pattern);
  // `place` and `key` come last: what they bring in is not searched for placeholders again.
  replace_all(text, "{count}", std::to_string(problem.count));
  replace_all(text, "{other}", problem.other.line > 0 ? std::to_string(problem.other.line) : "?");
  replace_all(text, "{place}", problem.place.empty() ? "?" : problem.place);
  replace_all(text, "{key}", shown_key(problem.key));
  return text;
}

std::size_t index_of(Language language) { return std::to_underlying(language); }

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  std::unreachable();
}

std::string message(const Problem& problem, Language language) {
  std::string text = filled(kind_of(problem.code).message[index_of(language)], problem);
  if (problem.where.line == 0) return text;
  const std::string_view word = language == Language::dutch ? "Regel " : "Line ";
  return std::string(word) + std::to_string(problem.where.line) + ": " + text;
}

std::string remedy(const Problem& problem, Language language) {
  return filled(kind_of(problem.code).remedy[index_of(language)], problem);
}

bool has_errors(std::span<const Problem> problems) {
  return std::ranges::any_of(problems, [](const Problem& problem) {
    return kind_of(problem.code).severity == Severity::error;
  });
}

bool refuses_file(std::span<const Problem> problems) {
  return std::ranges::any_of(
      problems, [](const Problem& problem) { return kind_of(problem.code).refuses_file; });
}

std::string shown_key(std::string_view key) {
  const bool plain = std::ranges::all_of(key, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-_.:/{}#").contains(c);
  });
  if (key.empty() || key.size() > kShownKeyBytesMax || !plain) return "–";
  return std::string(key);
}

}  // namespace klasboek::api::roster
