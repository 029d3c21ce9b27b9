#include "projections/leave_view.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "projections/leave_rows.h"

namespace klasboek::projections::leave_view {

namespace {

using events::RecordedEvent;

/// The newest count of a balance as a fold sees it.
std::uint16_t granted(ViewRows& view, const std::string& prefix) {
  std::uint16_t days = 0;
  view.scan(prefix, [&](std::string_view, std::string_view value) {
    days = RowReader(value).u16();
    return false;
  });
  return days;
}

/// Adds what a decision granted to the balance of the child.
void add_granted(ViewRows& view, events::ChildId child, const events::LeaveCount& count,
                 std::uint64_t sequence) {
  const auto prefix = rows::balance_prefix(child, count.school_year, count.ground);
  const auto days = static_cast<std::uint16_t>(granted(view, prefix) + count.new_days);
  view.put(rows::at_key(prefix, sequence), RowWriter{}.u16(days).take());
}

template <class Event>
LeaveRow asked(const Event& e, const RecordedEvent& event) {
  LeaveRow row;
  row.id = e.leave;
  row.child = {event.stream.subject};
  row.status = events::status_after(e);
  row.first_day = e.first_day;
  row.last_day = e.last_day;
  row.school_days = e.school_days;
  row.school_year = e.school_year;
  row.compulsory = e.compulsory;
  row.compulsory_from = e.compulsory_from;
  row.motivation = sealed_text(e.motivation, event);
  row.recorded_by = event.actor;
  row.recorded_at_us = event.recorded_at_us;
  row.asked_at_us = event.effective_at_us;
  row.rule_set = e.rule_set;
  row.sequence = event.sequence;
  row.version = event.stream_version;
  return row;
}

void put_new(ViewRows& view, const LeaveRow& row) {
  const auto id = RowWriter{}.id(row.id).take();
  view.put(rows::leave_key(row.id), rows::encode(row));
  view.put(rows::at_key(rows::all_prefix(), row.sequence), id);
  view.put(rows::at_key(rows::status_prefix(row.status), row.sequence), id);
  view.put(rows::at_key(rows::child_prefix(row.child), row.sequence), id);
}

/// Lets the row of a leave be changed; it moves to the list of where it stands after the event.
template <class Event, class Change>
void change(const Event& e, const RecordedEvent& event, ViewRows& view, const Change& apply) {
  const auto bytes = view.get(rows::leave_key(e.leave));
  if (!bytes) return;
  auto row = rows::decode_leave(*bytes);
  view.erase(rows::at_key(rows::status_prefix(row.status), row.sequence));
  row.status = events::status_after(e);
  row.version = event.stream_version;
  apply(row);
  view.put(rows::at_key(rows::status_prefix(row.status), row.sequence),
           RowWriter{}.id(row.id).take());
  view.put(rows::leave_key(row.id), rows::encode(row));
}

/// What every decision says; reasons or the head's opinion.
template <class Event>
DecisionRow decided(const Event& e, const std::unique_ptr<events::Sealed>& reasons,
                    const RecordedEvent& event) {
  DecisionRow row;
  row.decided_by = event.actor;
  row.decided_at_us = event.recorded_at_us;
  if (e.count) row.count = *e.count;
  row.advice = e.advice;
  if constexpr (requires { e.against_advice; }) row.against_advice = e.against_advice;
  row.reasons = sealed_text(reasons, event);
  row.rule_set = e.rule_set;
  row.sequence = event.sequence;
  row.event = event.event;
  return row;
}

template <class Event>
void decide_without_days(const Event& e, const std::unique_ptr<events::Sealed>& reasons,
                         const RecordedEvent& event, ViewRows& view) {
  change(e, event, view, [&](LeaveRow& row) { row.decision = decided(e, reasons, event); });
}

/// days: those that were granted of the row, asked or part of them.
template <class Event, class Days>
void grant(const Event& e, const RecordedEvent& event, ViewRows& view, const Days& days) {
  change(e, event, view, [&](LeaveRow& row) {
    row.decision = decided(e, e.reasons, event);
    const auto [first_day, last_day] = days(row);
    row.decision->first_day = first_day;
    row.decision->last_day = last_day;
    add_granted(view, row.child, row.decision->count, event.sequence);
  });
}

std::pair<events::Day, events::Day> days_asked(const LeaveRow& row) {
  return {row.first_day, row.last_day};
}

struct Fold {
  static constexpr std::string_view kName = leave_view::kName;
  static constexpr std::uint32_t kVersion = 1;

  static void on(const events::LeaveRequested& e, const RecordedEvent& event, ViewRows& view) {
    auto row = asked(e, event);
    row.ground = e.ground;
    row.requested_by = e.requested_by;
    put_new(view, row);
  }
  static void on(const events::BeliefLeaveNoticed& e, const RecordedEvent& event, ViewRows& view) {
    auto row = asked(e, event);
    row.ground = events::LeaveGround::belief;
    row.requested_by = e.noticed_by;
    row.timeliness = e.timeliness;
    put_new(view, row);
  }
  static void on(const events::LeaveGranted& e, const RecordedEvent& event, ViewRows& view) {
    grant(e, event, view, days_asked);
  }
  static void on(const events::LeavePartlyGranted& e, const RecordedEvent& event, ViewRows& view) {
    grant(e, event, view, [&](const LeaveRow&) { return std::pair(e.first_day, e.last_day); });
  }
  static void on(const events::BeliefLeaveAccepted& e, const RecordedEvent& event, ViewRows& view) {
    grant(e, event, view, days_asked);
  }
  static void on(const events::LeaveRefused& e, const RecordedEvent& event, ViewRows& view) {
    decide_without_days(e, e.reasons, event, view);
  }
  static void on(const events::LeaveForwarded& e, const RecordedEvent& event, ViewRows& view) {
    decide_without_days(e, e.opinion, event, view);
  }
  static void on(const events::BeliefLeaveContested& e, const RecordedEvent& event,
                 ViewRows& view) {
    decide_without_days(e, e.reasons, event, view);
  }
  static void on(const events::LeaveWithdrawn& e, const RecordedEvent& event, ViewRows& view) {
    change(e, event, view, [&](LeaveRow& row) { row.withdrawn_at_us = event.recorded_at_us; });
  }
};

}  // namespace

std::optional<LeaveRow> leave(const ViewSnapshot& views, events::SchoolId school,
                              events::LeaveId id) {
  const auto bytes = views.get(kName, school, rows::leave_key(id));
  if (!bytes) return std::nullopt;
  return rows::decode_leave(*bytes);
}

namespace {

LeavePage list(const ViewSnapshot& views, events::SchoolId school, const std::string& prefix,
               const std::optional<std::uint64_t>& after, std::size_t limit) {
  LeavePage page;
  if (after && *after == 0) return page;
  const auto from = after ? rows::at_key(prefix, *after - 1) : prefix;
  views.scan(kName, school, prefix, from, [&](std::string_view, std::string_view value) {
    if (page.leaves.size() == limit) {
      page.next = page.leaves.back().sequence;
      return false;
    }
    auto row = leave(views, school, RowReader(value).id<events::LeaveId>());
    if (row) page.leaves.push_back(*std::move(row));
    return true;
  });
  return page;
}

}  // namespace

std::vector<LeaveRow> leaves_of(const ViewSnapshot& views, events::SchoolId school,
                                events::ChildId child) {
  return list(views, school, rows::child_prefix(child), std::nullopt,
              std::numeric_limits<std::size_t>::max())
      .leaves;
}

LeavePage leaves(const ViewSnapshot& views, events::SchoolId school,
                 std::optional<events::LeaveStatus> status,
                 const std::optional<std::uint64_t>& after, std::size_t limit) {
  return list(views, school, status ? rows::status_prefix(*status) : rows::all_prefix(), after,
              limit);
}

std::uint16_t BalanceRow::granted() const {
  std::uint16_t days = 0;
  for (const auto on_ground : granted_on) days = static_cast<std::uint16_t>(days + on_ground);
  return days;
}

std::uint16_t BalanceRow::left_with_head() const {
  const auto days = on(events::LeaveGround::other_circumstances);
  return static_cast<std::uint16_t>(events::kHeadDecidesSchoolDaysMax -
                                    std::min(days, events::kHeadDecidesSchoolDaysMax));
}

BalanceRow balance(const ViewSnapshot& views, events::SchoolId school, events::ChildId child,
                   std::uint16_t school_year, std::optional<std::uint64_t> at) {
  BalanceRow balance;
  const auto sequence = at.value_or(std::numeric_limits<std::uint64_t>::max());
  for (std::size_t ground = 0; ground < balance.granted_on.size(); ++ground) {
    const auto prefix =
        rows::balance_prefix(child, school_year, static_cast<events::LeaveGround>(ground));
    views.scan(kName, school, prefix, rows::at_key(prefix, sequence),
               [&](std::string_view, std::string_view value) {
                 balance.granted_on.at(ground) = RowReader(value).u16();
                 return false;
               });
  }
  return balance;
}

std::unique_ptr<View> make_view() { return std::make_unique<ViewOf<Fold>>(); }

}  // namespace klasboek::projections::leave_view
