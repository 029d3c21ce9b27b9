#pragma once
// What deciders need to know of a birth day, derived while it is open and told no further.
#include <optional>

#include "api/call.h"
#include "events/day.h"

namespace klasboek::api {

/// nullopt where it can't be read or isn't known.
std::optional<events::Day> birth_day_of(const Call& call,
                                        const projections::directory::ChildRow& child);

/// 16 or older on that day; from then on the pupil decides about consent.
bool is_sixteen_on(events::Day birth_day, events::Day day);

/// As aggregates::leave::compulsory_from; an unknown birth day counts as compulsory.
events::Day compulsory_from(std::optional<events::Day> birth_day, events::Day first_day,
                            events::Day last_day);

}  // namespace klasboek::api
