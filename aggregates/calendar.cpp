#include "aggregates/calendar.h"

#include <algorithm>
#include <utility>

namespace klasboek::aggregates {

namespace {

constexpr unsigned kDefaultStartsMinute = 8 * 60 + 30;
/// Longer than any summer holiday: who waits for a school day beyond it has no calendar set.
constexpr std::int32_t kNextPostingDaysMax = 120;

const school::SchoolYear* year_at(const school::State& school, events::Day day) {
  const auto year = school_year_of(school, day);
  return year ? &school.school_years.at(*year) : nullptr;
}

}  // namespace

events::Day today(const school::State& school, std::int64_t now_us) {
  return local_time(school.time_zone, now_us).day;
}

std::optional<int> school_year_of(const school::State& school, events::Day day) {
  const auto found = std::ranges::find_if(school.school_years, [day](const auto& year) {
    return year.second.first_day <= day && day <= year.second.last_day;
  });
  if (found == school.school_years.end()) return std::nullopt;
  return found->first;
}

bool is_school_day(const school::State& school, events::Day day) {
  const auto* year = year_at(school, day);
  if (year == nullptr || !school.school_days.contains(day.weekday())) return false;
  return std::ranges::none_of(year->periods, [day](const events::Period& period) {
    return period.first_day <= day && day <= period.last_day;
  });
}

std::uint16_t count_school_days(const school::State& school, events::Day first, events::Day last) {
  std::uint16_t count = 0;
  for (auto day = first; day <= last; day = day.plus(1)) {
    if (is_school_day(school, day)) ++count;
  }
  return count;
}

unsigned starts_minute(const school::State& school, events::Day day) {
  const auto found = school.school_days.find(day.weekday());
  return found == school.school_days.end() ? kDefaultStartsMinute : found->second.starts_minute();
}

bool posting_window_open(const school::State& school, std::int64_t at_us) {
  return next_posting_moment(school, at_us) == at_us;
}

std::optional<std::int64_t> next_posting_moment(const school::State& school, std::int64_t at_us) {
  const auto first = today(school, at_us);
  for (auto day = first; day <= first.plus(kNextPostingDaysMax); day = day.plus(1)) {
    if (!is_school_day(school, day)) continue;
    const auto opens_us = moment_of(school.time_zone, day, school.posting_opens_minute);
    const auto closes_us = moment_of(school.time_zone, day, school.posting_closes_minute);
    if (at_us < closes_us) return std::max(at_us, opens_us);
  }
  return std::nullopt;
}

}  // namespace klasboek::aggregates
