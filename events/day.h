#pragma once
// A calendar day without a time zone. Which day it is now depends on the school's zone and is asked
// outside of this room.
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klasboek::events {

/// Days since 1970-01-01.
struct Day {
  std::int32_t days = 0;
  auto operator<=>(const Day&) const = default;

  static Day of(std::chrono::year_month_day date) {
    return Day{static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count())};
  }
  [[nodiscard]] std::chrono::year_month_day date() const {
    return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days)));
  }
  /// ISO: 1 is Monday, 7 is Sunday.
  [[nodiscard]] unsigned weekday() const {
    return std::chrono::weekday(std::chrono::sys_days(std::chrono::days(days))).iso_encoding();
  }
  [[nodiscard]] Day plus(std::int32_t n) const { return Day{days + n}; }
};

/// `YYYY-MM-DD`.
std::string to_text(Day day);
/// nullopt where the text has another form or there is no such day (1900–2199).
std::optional<Day> parse_day(std::string_view text);

}  // namespace klasboek::events
