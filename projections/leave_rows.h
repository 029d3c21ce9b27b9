#pragma once
// The keys and bytes of the leave view's rows. Only the leave view includes this.
#include <string>
#include <string_view>

#include "projections/leave_view.h"

namespace klasboek::projections::leave_view::rows {

std::string leave_key(events::LeaveId id);
// Prefixes of lists of leaves; a leave stands in each by when it was asked, newest first.
std::string all_prefix();
std::string status_prefix(events::LeaveStatus status);
std::string child_prefix(events::ChildId child);
std::string balance_prefix(events::ChildId child, std::uint16_t school_year,
                           events::LeaveGround ground);
/// In a list or history: the row of that sequence.
std::string at_key(const std::string& prefix, std::uint64_t sequence);

std::string encode(const LeaveRow& row);
LeaveRow decode_leave(std::string_view bytes);

}  // namespace klasboek::projections::leave_view::rows
