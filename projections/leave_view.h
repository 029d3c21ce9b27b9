#pragma once
// Leave: every request and notice with where it stands and what was decided, lists by status, and
// the school days granted to each child, now and as of any sequence. Counts are those that the
// decisions themselves made.
//
// Keys, within the school (~ is ones' complement, so that the newest comes first):
//   r leave                                  LeaveRow
//   a ~sequence                              leave, by when it was asked
//   s status ~sequence                       leave, by where it stands now and when it was asked
//   c child ~sequence                        leave
//   b child school_year ground ~sequence     school days granted on this ground up to here
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "events/leave_rule.h"
#include "projections/row.h"
#include "projections/view.h"
#include "projections/view_store.h"

namespace klasboek::projections::leave_view {

inline constexpr std::string_view kName = "leave";

/// What was decided last (or with what it was forwarded).
struct DecisionRow {
  events::Actor decided_by;
  std::int64_t decided_at_us = 0;
  events::LeaveCount count;
  std::vector<events::LeaveAdvice> advice;
  bool against_advice = false;
  /// Reasons, or the head's opinion where it was forwarded.
  std::optional<SealedText> reasons;
  /// The days that were granted; nullopt where none were.
  std::optional<events::Day> first_day;
  std::optional<events::Day> last_day;
  std::uint16_t rule_set = 0;
  std::uint64_t sequence = 0;
  events::EventId event;
};

struct LeaveRow {
  events::LeaveId id;
  events::ChildId child;
  events::LeaveGround ground = events::LeaveGround::other_circumstances;
  events::LeaveStatus status = events::LeaveStatus::requested;
  events::Day first_day;
  events::Day last_day;
  std::uint16_t school_days = 0;
  std::uint16_t school_year = 0;
  bool compulsory = false;
  events::Day compulsory_from;
  /// Of a notice of belief.
  std::optional<events::NoticeTimeliness> timeliness;
  std::optional<SealedText> motivation;
  events::AccountId requested_by;
  /// Who recorded it: himself, or staff on his behalf.
  events::Actor recorded_by;
  std::int64_t recorded_at_us = 0;
  /// When it was really asked.
  std::int64_t asked_at_us = 0;
  std::optional<DecisionRow> decision;
  /// 0 where it wasn't.
  std::int64_t withdrawn_at_us = 0;
  std::uint16_t rule_set = 0;
  /// Of the request.
  std::uint64_t sequence = 0;
  /// Of the child's leave stream at the last event of this leave.
  std::uint64_t version = 0;
};

std::optional<LeaveRow> leave(const ViewSnapshot& views, events::SchoolId school,
                              events::LeaveId id);
/// Newest first.
std::vector<LeaveRow> leaves_of(const ViewSnapshot& views, events::SchoolId school,
                                events::ChildId child);

struct LeavePage {
  std::vector<LeaveRow> leaves;
  /// Sequence of the last one; nullopt: that was all.
  std::optional<std::uint64_t> next;
};
/// The school's leaves (with this status, where one is named), newest first, at most `limit` after
/// (older than) a sequence. REQUIRES: limit > 0.
LeavePage leaves(const ViewSnapshot& views, events::SchoolId school,
                 std::optional<events::LeaveStatus> status,
                 const std::optional<std::uint64_t>& after, std::size_t limit);

/// School days granted to a child in one school year.
struct BalanceRow {
  /// By the number of the ground.
  std::array<std::uint16_t, 3> granted_on{};
  [[nodiscard]] std::uint16_t on(events::LeaveGround ground) const {
    return granted_on.at(static_cast<std::size_t>(ground));
  }
  [[nodiscard]] std::uint16_t granted() const;
  /// What the head may still grant under other circumstances.
  [[nodiscard]] std::uint16_t left_with_head() const;
};
/// at: after the event with this sequence; nullopt is now. school_year: by the calendar year in
/// which it begins.
BalanceRow balance(const ViewSnapshot& views, events::SchoolId school, events::ChildId child,
                   std::uint16_t school_year, std::optional<std::uint64_t> at = std::nullopt);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::leave_view
