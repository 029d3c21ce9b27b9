#include "events/leave_rule.h"

#include <algorithm>

namespace klasboek::events {

namespace {

struct StatusAfter {
  LeaveStatus operator()(const LeaveRequested& event) const {
    return event.compulsory ? LeaveStatus::requested : LeaveStatus::noted;
  }
  LeaveStatus operator()(const BeliefLeaveNoticed& event) const {
    return event.compulsory ? LeaveStatus::noticed : LeaveStatus::noted;
  }
  LeaveStatus operator()(const LeaveGranted&) const { return LeaveStatus::granted; }
  LeaveStatus operator()(const LeavePartlyGranted&) const { return LeaveStatus::partly_granted; }
  LeaveStatus operator()(const LeaveRefused&) const { return LeaveStatus::refused; }
  LeaveStatus operator()(const LeaveForwarded&) const { return LeaveStatus::forwarded; }
  LeaveStatus operator()(const BeliefLeaveAccepted&) const { return LeaveStatus::accepted; }
  LeaveStatus operator()(const BeliefLeaveContested&) const { return LeaveStatus::contested; }
  LeaveStatus operator()(const LeaveWithdrawn&) const { return LeaveStatus::withdrawn; }
};

/// The count of an event that grants days; nullptr of every other.
struct CountGranted {
  const LeaveCount* operator()(const LeaveRequested&) const { return nullptr; }
  const LeaveCount* operator()(const BeliefLeaveNoticed&) const { return nullptr; }
  const LeaveCount* operator()(const LeaveGranted& event) const { return event.count.get(); }
  const LeaveCount* operator()(const LeavePartlyGranted& event) const { return event.count.get(); }
  const LeaveCount* operator()(const LeaveRefused&) const { return nullptr; }
  const LeaveCount* operator()(const LeaveForwarded&) const { return nullptr; }
  const LeaveCount* operator()(const BeliefLeaveAccepted& event) const { return event.count.get(); }
  const LeaveCount* operator()(const BeliefLeaveContested&) const { return nullptr; }
  const LeaveCount* operator()(const LeaveWithdrawn&) const { return nullptr; }
};

}  // namespace

LeaveStatus status_after(const LeaveEvent& event) { return std::visit(StatusAfter{}, event); }

bool is_pending(LeaveStatus status) {
  return status == LeaveStatus::requested || status == LeaveStatus::noticed;
}

std::string_view name_of(LeaveStatus status) {
  switch (status) {
    case LeaveStatus::requested:
      return "requested";
    case LeaveStatus::noticed:
      return "noticed";
    case LeaveStatus::noted:
      return "noted";
    case LeaveStatus::granted:
      return "granted";
    case LeaveStatus::partly_granted:
      return "partly_granted";
    case LeaveStatus::refused:
      return "refused";
    case LeaveStatus::forwarded:
      return "forwarded";
    case LeaveStatus::accepted:
      return "accepted";
    case LeaveStatus::contested:
      return "contested";
    case LeaveStatus::withdrawn:
      return "withdrawn";
  }
  std::unreachable();
}

void LeaveBalance::add(const LeaveEvent& event) {
  if (const LeaveCount* count = std::visit(CountGranted{}, event)) {
    granted_[{count->school_year, count->ground}] += count->new_days;
  }
}

std::uint16_t LeaveBalance::granted(std::uint16_t school_year) const {
  std::uint16_t days = 0;
  for (const auto& [key, on_ground] : granted_) {
    if (key.first == school_year) days = static_cast<std::uint16_t>(days + on_ground);
  }
  return days;
}

std::uint16_t LeaveBalance::granted_on(std::uint16_t school_year, LeaveGround ground) const {
  const auto found = granted_.find({school_year, ground});
  return found == granted_.end() ? std::uint16_t{0} : found->second;
}

std::uint16_t LeaveBalance::left_with_head(std::uint16_t school_year) const {
  const auto granted = granted_on(school_year, LeaveGround::other_circumstances);
  return static_cast<std::uint16_t>(kHeadDecidesSchoolDaysMax -
                                    std::min(granted, kHeadDecidesSchoolDaysMax));
}

}  // namespace klasboek::events
