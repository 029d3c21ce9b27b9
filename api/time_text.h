// Instants as the API writes them: RFC 3339, microseconds since 1970 in UTC inside.
// Days are events::Day's. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klasboek::api {

// "2026-03-01T08:15:00Z" → µs since 1970. Takes any offset ("+01:00"), a fraction of up to nine
// digits (cut to µs) and days from 1900 to 2199. nullopt for anything else: no offset, a day that
// doesn't exist, second 60.
std::optional<std::int64_t> parse_instant(std::string_view text);

// Appends "2026-03-01T08:15:00Z" or, with a fraction, "2026-03-01T08:15:00.250000Z".
void append_instant(std::string& out, std::int64_t instant_us);

}  // namespace klasboek::api
