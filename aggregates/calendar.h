#pragma once
// The school's own time: its zone, school days and years, and the posting window.
#include <cstdint>
#include <optional>

#include "aggregates/school.h"
#include "events/day.h"
#include "events/local_time.h"

namespace klasboek::aggregates {

using events::local_time;
using events::LocalTime;
using events::moment_of;
using events::zone_exists;

events::Day today(const school::State& school, std::int64_t now_us);

/// The year in which the day falls, by the calendar year in which that school year begins.
std::optional<int> school_year_of(const school::State& school, events::Day day);
/// A weekday of this school, in a set school year, in no holiday and no study day.
bool is_school_day(const school::State& school, events::Day day);
/// School days from first to last, both in it.
std::uint16_t count_school_days(const school::State& school, events::Day first, events::Day last);
/// Minute at which school begins on that weekday; the default 08:30 where none is set.
unsigned starts_minute(const school::State& school, events::Day day);

/// Whether a post may appear now: a school day, within the posting window.
bool posting_window_open(const school::State& school, std::int64_t at_us);
/// The first moment at or after at_us when it may; nullopt where the calendar has none in 120 days.
std::optional<std::int64_t> next_posting_moment(const school::State& school, std::int64_t at_us);

}  // namespace klasboek::aggregates
