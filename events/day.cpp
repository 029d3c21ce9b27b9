#include "events/day.h"

namespace klasboek::events {

namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2199;

std::optional<unsigned> digits(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

void append_digits(std::string& text, unsigned value, int width) {
  std::string reversed;
  for (int i = 0; i < width; ++i, value /= 10) {
    reversed.push_back(static_cast<char>('0' + value % 10));
  }
  text.append(reversed.rbegin(), reversed.rend());
}

}  // namespace

std::string to_text(Day day) {
  const auto date = day.date();
  std::string text;
  append_digits(text, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  text.push_back('-');
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  text.push_back('-');
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  return text;
}

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  if (static_cast<int>(*year) < kFirstYear || static_cast<int>(*year) > kLastYear) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return Day::of(date);
}

}  // namespace klasboek::events
