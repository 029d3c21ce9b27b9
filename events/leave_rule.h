#pragma once
// What decisions on leave add up to: where a request stands, and how many school days a child has
// had. Deciders and views fold with the same words. Pure.
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "events/event.h"

namespace klasboek::events {

/// Under other circumstances the head decides up to and including this number of school days per
/// school year in total for a child (Leerplichtwet 1969, art. 14, third paragraph).
inline constexpr std::uint16_t kHeadDecidesSchoolDaysMax = 10;

enum class LeaveStatus : std::uint8_t {
  requested,
  /// Belief: a notice.
  noticed,
  /// The child is not yet of compulsory age: the school knows, and there is nothing to decide.
  noted,
  granted,
  partly_granted,
  refused,
  /// With the attendance officer.
  forwarded,
  accepted,
  contested,
  withdrawn,
};

/// Where the leave stands after this event.
LeaveStatus status_after(const LeaveEvent& event);
/// The status's public name, as `partly_granted`.
std::string_view name_of(LeaveStatus status);
/// Waits for a decision of the head.
bool is_pending(LeaveStatus status);

/// School days granted or accepted to one child, by school year and ground, as each decision
/// counted them.
class LeaveBalance {
 public:
  /// Adds what the event granted; events that grant nothing change nothing.
  void add(const LeaveEvent& event);
  [[nodiscard]] std::uint16_t granted(std::uint16_t school_year) const;
  [[nodiscard]] std::uint16_t granted_on(std::uint16_t school_year, LeaveGround ground) const;
  /// What the head may still grant under other circumstances.
  [[nodiscard]] std::uint16_t left_with_head(std::uint16_t school_year) const;
  bool operator==(const LeaveBalance&) const = default;

 private:
  std::map<std::pair<std::uint16_t, LeaveGround>, std::uint16_t> granted_;
};

}  // namespace klasboek::events
