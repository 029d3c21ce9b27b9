#pragma once
// Absence: every report with what became of it, the list of a day for a class or the whole school,
// and the list of a child. Which of the days are school days is the calendar's to say.
//
// Keys, within the school (~ is ones' complement, so that the newest comes first):
//   r absence               AbsenceRow
//   d day child absence     (empty) each day of an absence that has an end and wasn't withdrawn
//   o child absence         (empty) one that is open-ended, or very long, and wasn't withdrawn
//   c child ~sequence       absence
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "projections/row.h"
#include "projections/view.h"
#include "projections/view_store.h"

namespace klasboek::projections::absence_view {

inline constexpr std::string_view kName = "absence";

/// What one person said; a second guardian's report adds one to the same absence.
struct ReportRow {
  events::AccountId reported_by;
  /// Who recorded it: himself, or staff on his behalf.
  events::Actor recorded_by;
  events::AbsenceReason reason = events::AbsenceReason::ill;
  std::optional<SealedText> note;
  std::int64_t recorded_at_us = 0;
};

struct AbsenceRow {
  events::AbsenceId id;
  events::ChildId child;
  /// Of the first report; those of others are beside it.
  events::AbsenceReason reason = events::AbsenceReason::ill;
  events::Day first_day;
  /// nullopt: until further notice.
  std::optional<events::Day> last_day;
  bool whole_days = true;
  /// Minutes since midnight, where it is a part of one day.
  std::uint16_t from_minute = 0;
  std::uint16_t until_minute = 0;
  events::ReportTiming timing = events::ReportTiming::on_time;
  /// Oldest first; never empty.
  std::vector<ReportRow> reports;
  /// nullopt: staff haven't said yet.
  std::optional<events::AbsenceClass> classification;
  /// "Better" was reported; last_day is the last one of absence.
  bool recovered = false;
  bool withdrawn = false;
  /// Of the first report.
  std::uint64_t sequence = 0;
  /// Of the child's absence stream at the last event of this absence.
  std::uint64_t version = 0;

  [[nodiscard]] bool holds_on(events::Day day) const {
    return !withdrawn && first_day <= day && (!last_day || day <= *last_day);
  }
};

std::optional<AbsenceRow> absence(const ViewSnapshot& views, events::SchoolId school,
                                  events::AbsenceId id);
/// Who is absent on that day, of this group (of a whole-school group, or where none is named:
/// everybody enrolled), in the order of the children's ids.
std::vector<AbsenceRow> absences_on(const ViewSnapshot& views, events::SchoolId school,
                                    events::Day day,
                                    std::optional<events::GroupId> group = std::nullopt);

struct AbsencePage {
  std::vector<AbsenceRow> absences;
  /// Sequence of the last one; nullopt: that was all.
  std::optional<std::uint64_t> next;
};
/// All of a child, withdrawn ones too, last reported first, at most `limit` after (older than) a
/// sequence. REQUIRES: limit > 0.
AbsencePage absences_of(const ViewSnapshot& views, events::SchoolId school, events::ChildId child,
                        const std::optional<std::uint64_t>& after, std::size_t limit);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::absence_view
