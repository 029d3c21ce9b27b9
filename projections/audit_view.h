#pragma once
// The audit trail: for each subject every event that concerns it, in order. Ids and numbers only;
// the event itself is in the log at its sequence.
//   child     its own events, and all of its consents, absences and leave
//   account   its own events, and those that name it: linked, assigned, answered, reported, asked,
//             acted on its behalf
//   group     its own events, children placed in it, posts to it
//   post      its own events
//   school    every event of the school
// Whatever is erased is in the trail of its subject.
//
// Keys, within the school (~ is ones' complement, so that the newest comes first):
//   subject_kind subject ~sequence   AuditRow
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "projections/row.h"
#include "projections/view.h"
#include "projections/view_store.h"

namespace klasboek::projections::audit_view {

inline constexpr std::string_view kName = "audit";

/// The numbers stand in keys.
enum class AuditKind : std::uint8_t { school = 0, child = 1, account = 2, group = 3, post = 4 };

struct Subject {
  AuditKind kind = AuditKind::school;
  events::Uuid id;
  auto operator<=>(const Subject&) const = default;
};
inline Subject subject_of(events::SchoolId id) { return {AuditKind::school, id.value}; }
inline Subject subject_of(events::ChildId id) { return {AuditKind::child, id.value}; }
inline Subject subject_of(events::AccountId id) { return {AuditKind::account, id.value}; }
inline Subject subject_of(events::GroupId id) { return {AuditKind::group, id.value}; }
inline Subject subject_of(events::PostId id) { return {AuditKind::post, id.value}; }

struct AuditRow {
  std::uint64_t sequence = 0;
  events::EventId event;
  /// Number of the event's type (events::number_of).
  std::uint8_t type = 0;
  events::Stream stream;
  std::uint64_t stream_version = 0;
  events::Actor actor;
  std::int64_t recorded_at_us = 0;
  std::int64_t effective_at_us = 0;
  /// The event that this one follows from; zero where a person did it.
  events::EventId causation;
};

/// What is asked for. As-of a sequence is to_sequence.
struct AuditQuery {
  std::uint64_t from_sequence = 0;
  /// Included.
  std::uint64_t to_sequence = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint8_t> type;
  std::optional<events::AccountId> actor;
};

struct AuditPage {
  /// Newest first.
  std::vector<AuditRow> rows;
  /// Ask again with to_sequence just below this one; nullopt: that was all. A page of a narrow
  /// question may be short, even empty, and yet have a next one.
  std::optional<std::uint64_t> next;
};

/// Rows looked at for one page at most.
inline constexpr std::size_t kRowsPerPageMax = 20'000;

/// REQUIRES: limit > 0.
AuditPage trail(const ViewSnapshot& views, events::SchoolId school, const Subject& subject,
                const AuditQuery& query, std::size_t limit);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::audit_view
