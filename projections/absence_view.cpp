#include "projections/absence_view.h"

#include <algorithm>
#include <utility>

#include "projections/absence_rows.h"
#include "projections/directory.h"

namespace klasboek::projections::absence_view {

namespace {

using events::RecordedEvent;

/// A longer span stands with the open-ended ones rather than by each of its days. (Deciders take
/// none that long; a view doesn't trust that.)
constexpr std::int32_t kListedDaysMax = 120;

/// Where the absence stands in the lists of days.
template <class Touch>
void each_day_key(const AbsenceRow& row, const Touch& touch) {
  if (row.withdrawn) return;
  if (!row.last_day || *row.last_day > row.first_day.plus(kListedDaysMax)) {
    return touch(rows::open_key(row.child, row.id));
  }
  for (auto day = row.first_day; day <= *row.last_day; day = day.plus(1)) {
    touch(rows::day_key(day, row.child, row.id));
  }
}

void put(ViewRows& view, const AbsenceRow& row) {
  view.put(rows::absence_key(row.id), rows::encode(row));
  each_day_key(row, [&](const std::string& key) { view.put(key, ""); });
}

/// Lets the row be changed; it moves in the lists of days.
template <class Event, class Change>
void change(const Event& e, const RecordedEvent& event, ViewRows& view, const Change& apply) {
  const auto bytes = view.get(rows::absence_key(e.absence));
  if (!bytes) return;
  auto row = rows::decode_absence(*bytes);
  each_day_key(row, [&](const std::string& key) { view.erase(key); });
  apply(row);
  row.version = event.stream_version;
  put(view, row);
}

template <class Event>
void set_span(AbsenceRow& row, const Event& e) {
  row.first_day = e.first_day;
  row.last_day = e.open_ended ? std::nullopt : std::optional(e.last_day);
  row.whole_days = e.whole_days;
  row.from_minute = e.from_minute;
  row.until_minute = e.until_minute;
}

template <class Event>
void add_report(AbsenceRow& row, const Event& e, const RecordedEvent& event) {
  row.reports.push_back(
      {e.reported_by, event.actor, e.reason, sealed_text(e.note, event), event.recorded_at_us});
}

struct Fold {
  static constexpr std::string_view kName = absence_view::kName;
  static constexpr std::uint32_t kVersion = 1;

  static void on(const events::AbsenceReported& e, const RecordedEvent& event, ViewRows& view) {
    AbsenceRow row;
    row.id = e.absence;
    row.child = {event.stream.subject};
    row.reason = e.reason;
    row.timing = e.timing;
    set_span(row, e);
    add_report(row, e, event);
    row.sequence = event.sequence;
    row.version = event.stream_version;
    put(view, row);
    view.put(rows::child_key(row.child, row.sequence), RowWriter{}.id(row.id).take());
  }
  static void on(const events::AbsenceReportAdded& e, const RecordedEvent& event, ViewRows& view) {
    change(e, event, view, [&](AbsenceRow& row) {
      set_span(row, e);
      add_report(row, e, event);
    });
  }
  static void on(const events::AbsenceEndChanged& e, const RecordedEvent& event, ViewRows& view) {
    change(e, event, view, [&](AbsenceRow& row) {
      row.last_day = e.open_ended ? std::nullopt : std::optional(e.last_day);
    });
  }
  static void on(const events::AbsenceWithdrawn& e, const RecordedEvent& event, ViewRows& view) {
    change(e, event, view, [](AbsenceRow& row) { row.withdrawn = true; });
  }
  static void on(const events::RecoveryReported& e, const RecordedEvent& event, ViewRows& view) {
    change(e, event, view, [&](AbsenceRow& row) {
      row.last_day = e.last_day;
      row.recovered = true;
    });
  }
  static void on(const events::AbsenceClassified& e, const RecordedEvent& event, ViewRows& view) {
    change(e, event, view, [&](AbsenceRow& row) { row.classification = e.classification; });
  }
};

}  // namespace

std::optional<AbsenceRow> absence(const ViewSnapshot& views, events::SchoolId school,
                                  events::AbsenceId id) {
  const auto bytes = views.get(kName, school, rows::absence_key(id));
  if (!bytes) return std::nullopt;
  return rows::decode_absence(*bytes);
}

std::vector<AbsenceRow> absences_on(const ViewSnapshot& views, events::SchoolId school,
                                    events::Day day, std::optional<events::GroupId> group) {
  std::vector<AbsenceRow> found;
  const auto add = [&](std::string_view key, std::string_view) {
    auto row = absence(views, school, rows::absence_of(key));
    if (row && row->holds_on(day)) found.push_back(*std::move(row));
    return true;
  };
  views.scan(kName, school, rows::day_prefix(day), add);
  views.scan(kName, school, rows::open_prefix(), add);

  const auto named = group ? directory::group(views, school, *group) : std::nullopt;
  const bool is_class = named && named->kind != events::GroupKind::whole_school;
  std::erase_if(found, [&](const AbsenceRow& row) {
    const auto child = directory::child(views, school, row.child);
    if (!child || (group && !named)) return true;
    return is_class ? child->class_on(day) != group : !child->enrolment.holds_on(day);
  });
  std::ranges::sort(found, {},
                    [](const AbsenceRow& row) { return std::pair(row.child, row.sequence); });
  return found;
}

AbsencePage absences_of(const ViewSnapshot& views, events::SchoolId school, events::ChildId child,
                        const std::optional<std::uint64_t>& after, std::size_t limit) {
  AbsencePage page;
  if (after && *after == 0) return page;
  const auto prefix = rows::child_prefix(child);
  const auto from = after ? rows::child_key(child, *after - 1) : prefix;
  views.scan(kName, school, prefix, from, [&](std::string_view, std::string_view value) {
    if (page.absences.size() == limit) {
      page.next = page.absences.back().sequence;
      return false;
    }
    auto row = absence(views, school, RowReader(value).id<events::AbsenceId>());
    if (row) page.absences.push_back(*std::move(row));
    return true;
  });
  return page;
}

std::unique_ptr<View> make_view() { return std::make_unique<ViewOf<Fold>>(); }

}  // namespace klasboek::projections::absence_view
