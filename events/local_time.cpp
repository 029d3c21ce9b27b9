#include "events/local_time.h"

#include <date/tz.h>

#include <exception>

namespace klasboek::events {

namespace {

constexpr std::string_view kZoneOfNoSchool = "UTC";

/// nullptr where there is no such zone. The database is read by the date library, once.
const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return nullptr;
  }
}

const date::time_zone& zone_named(std::string_view name) {
  const auto* zone = find_zone(name.empty() ? kZoneOfNoSchool : name);
  if (zone == nullptr) std::terminate();  // REQUIRES: zone_exists
  return *zone;
}

date::local_seconds local_seconds(Day day, unsigned minute) {
  return date::local_days(date::days(day.days)) + std::chrono::minutes(minute);
}

}  // namespace

bool zone_exists(std::string_view zone) { return find_zone(zone) != nullptr; }

LocalTime local_time(std::string_view zone, std::int64_t at_us) {
  const date::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(at_us)};
  const auto local = zone_named(zone).to_local(at);
  const auto midnight = date::floor<date::days>(local);
  return {Day{static_cast<std::int32_t>(midnight.time_since_epoch().count())},
          static_cast<unsigned>(date::floor<std::chrono::minutes>(local - midnight).count())};
}

std::int64_t moment_of(std::string_view zone, Day day, unsigned minute) {
  const auto local = local_seconds(day, minute);
  const auto offsets = zone_named(zone).get_info(local);
  const auto at = offsets.result == date::local_info::nonexistent
                      ? offsets.first.end
                      : date::sys_seconds(local.time_since_epoch() - offsets.first.offset);
  return std::chrono::microseconds(at.time_since_epoch()).count();
}

}  // namespace klasboek::events
