#pragma once
// Between moments (µs UTC) and the clock on a wall in a time zone of the IANA database. Pure but
// for that database, which is read once.
#include <cstdint>
#include <string_view>

#include "events/day.h"

namespace klasboek::events {

/// A moment as a clock on the school's wall shows it.
struct LocalTime {
  Day day;
  /// Minutes since midnight.
  unsigned minute = 0;
};

/// True for the name of a zone of the IANA database.
bool zone_exists(std::string_view zone);
/// REQUIRES, here and below: zone_exists(zone), or no name at all, as of a school that isn't
/// founded: that is UTC.
LocalTime local_time(std::string_view zone, std::int64_t at_us);
/// The moment of a local day and minute, µs UTC. In the hour that a night in spring skips: the
/// moment after the gap; in the doubled hour of autumn: the first.
std::int64_t moment_of(std::string_view zone, Day day, unsigned minute);

}  // namespace klasboek::events
