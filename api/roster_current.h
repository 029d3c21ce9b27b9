#pragma once
// The school as it is, unsealed, as far as a roster file can speak of it.
#include <cstdint>
#include <expected>
#include <optional>

#include "api/roster_plan.h"
#include "reactions/node.h"

namespace klasboek::api::roster {

/// Why the school can't be read just now.
enum class CurrentFault : std::uint8_t {
  vault_unavailable,  // keys or look-ups can't be read just now
  text_unreadable     // a key is not here (yet) or damaged: never to be taken for another name
};

/// The school's own day; nullopt where there is no such school.
std::optional<Day> school_day(const reactions::Node& node, events::SchoolId school);

/// Enrolled children, open groups and accounts of the newest views, and of each the roster key by
/// which the file mentions it. What is agreed for a later day counts as there already, since an
/// import can't give it again. Thread safe.
std::expected<CurrentRoster, CurrentFault> read_current(const reactions::Node& node,
                                                        events::SchoolId school, Day today,
                                                        const RosterFile& file);

}  // namespace klasboek::api::roster
