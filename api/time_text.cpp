#include "api/time_text.h"

#include <array>
#include <charconv>
#include <chrono>

#include "api/http_text.h"
#include "events/day.h"

namespace klasboek::api {
namespace {

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::size_t kFractionDigitsMax = 9;

// Takes `count` digits off the front; nullopt when they aren't there or exceed `max`.
std::optional<std::int64_t> take_number(std::string_view& rest, std::size_t count,
                                        std::uint64_t max) {
  if (rest.size() < count) return std::nullopt;
  const auto number = decimal(rest.substr(0, count));
  if (!number || *number > max) return std::nullopt;
  rest.remove_prefix(count);
  return static_cast<std::int64_t>(*number);
}

bool take(std::string_view& rest, char expected) {
  if (rest.empty() || rest.front() != expected) return false;
  rest.remove_prefix(1);
  return true;
}

// "HH:MM", in minutes.
std::optional<std::int64_t> take_hours_and_minutes(std::string_view& rest) {
  const auto hours = take_number(rest, 2, 23);
  if (!hours || !take(rest, ':')) return std::nullopt;
  const auto minutes = take_number(rest, 2, 59);
  if (!minutes) return std::nullopt;
  return *hours * 60 + *minutes;
}

// ".25" in µs; 0 when there is none.
std::optional<std::int64_t> take_fraction_us(std::string_view& rest) {
  if (!take(rest, '.')) return 0;
  std::int64_t fraction_us = 0;
  std::int64_t worth_us = kMicrosecondsPerSecond;
  std::size_t digits = 0;
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    worth_us /= 10;
    fraction_us += (rest.front() - '0') * worth_us;
    rest.remove_prefix(1);
    if (++digits > kFractionDigitsMax) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  return fraction_us;
}

// "Z" or "+01:00", in minutes east of UTC.
std::optional<std::int64_t> take_offset(std::string_view& rest) {
  if (take(rest, 'Z') || take(rest, 'z')) return 0;
  const bool west = rest.starts_with('-');
  if (!take(rest, west ? '-' : '+')) return std::nullopt;
  const auto minutes = take_hours_and_minutes(rest);
  if (!minutes) return std::nullopt;
  return west ? -*minutes : *minutes;
}

void append_digits(std::string& out, std::int64_t value, int width) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  for (auto length = end - digits.begin(); length < width; ++length) out += '0';
  out.append(digits.begin(), end);
}

}  // namespace

std::optional<std::int64_t> parse_instant(std::string_view text) {
  constexpr std::size_t kDayLength = 10;
  if (text.size() <= kDayLength) return std::nullopt;
  const auto day = events::parse_day(text.substr(0, kDayLength));
  std::string_view rest = text.substr(kDayLength);
  if (!day || !(take(rest, 'T') || take(rest, 't'))) return std::nullopt;
  const auto minute_of_day = take_hours_and_minutes(rest);
  if (!minute_of_day || !take(rest, ':')) return std::nullopt;
  const auto second = take_number(rest, 2, 59);
  if (!second) return std::nullopt;
  const auto fraction_us = take_fraction_us(rest);
  if (!fraction_us) return std::nullopt;
  const auto offset_minutes = take_offset(rest);
  if (!offset_minutes || !rest.empty()) return std::nullopt;
  const std::int64_t second_of_utc =
      day->days * kSecondsPerDay + (*minute_of_day - *offset_minutes) * 60 + *second;
  return second_of_utc * kMicrosecondsPerSecond + *fraction_us;
}

void append_instant(std::string& out, std::int64_t instant_us) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> moment{
      std::chrono::microseconds(instant_us)};
  const auto midnight = floor<std::chrono::days>(moment);
  out +=
      events::to_text(events::Day{static_cast<std::int32_t>(midnight.time_since_epoch().count())});
  const std::int64_t since_midnight_us = (moment - midnight).count();
  const std::int64_t second_of_day = since_midnight_us / kMicrosecondsPerSecond;
  out += 'T';
  append_digits(out, second_of_day / 3600, 2);
  out += ':';
  append_digits(out, second_of_day / 60 % 60, 2);
  out += ':';
  append_digits(out, second_of_day % 60, 2);
  if (const std::int64_t fraction_us = since_midnight_us % kMicrosecondsPerSecond;
      fraction_us != 0) {
    out += '.';
    append_digits(out, fraction_us, 6);
  }
  out += 'Z';
}

}  // namespace klasboek::api
