#pragma once
// The keys and bytes of the absence view's rows. Only the absence view includes this.
#include <string>
#include <string_view>

#include "projections/absence_view.h"

namespace klasboek::projections::absence_view::rows {

std::string absence_key(events::AbsenceId id);
std::string day_prefix(events::Day day);
std::string day_key(events::Day day, events::ChildId child, events::AbsenceId id);
std::string open_prefix();
std::string open_key(events::ChildId child, events::AbsenceId id);
/// The absence that a key of a day or of the open-ended ones names, at its end.
events::AbsenceId absence_of(std::string_view key);
std::string child_prefix(events::ChildId child);
std::string child_key(events::ChildId child, std::uint64_t sequence);

std::string encode(const AbsenceRow& row);
AbsenceRow decode_absence(std::string_view bytes);

}  // namespace klasboek::projections::absence_view::rows
