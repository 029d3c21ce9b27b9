#include "projections/absence_rows.h"

#include "events/log/rocks.h"

namespace klasboek::projections::absence_view::rows {

namespace {

using log::rocks::Key;

constexpr std::size_t kUuidBytes = 16;

void write(RowWriter& out, const ReportRow& report) {
  out.id(report.reported_by)
      .actor(report.recorded_by)
      .one_of(report.reason)
      .sealed(report.note)
      .i64(report.recorded_at_us);
}

ReportRow read_report(RowReader& in) {
  ReportRow report;
  report.reported_by = in.id<events::AccountId>();
  report.recorded_by = in.actor();
  report.reason = in.one_of<events::AbsenceReason>();
  report.note = in.sealed();
  report.recorded_at_us = in.i64();
  return report;
}

}  // namespace

std::string absence_key(events::AbsenceId id) { return 'r' + Key{}.uuid(id.value).str(); }
// Days before 1970 don't come up in a school; as unsigned numbers they would sort last.
std::string day_prefix(events::Day day) {
  return 'd' + Key{}.u32(static_cast<std::uint32_t>(day.days)).str();
}
std::string day_key(events::Day day, events::ChildId child, events::AbsenceId id) {
  return day_prefix(day) + Key{}.uuid(child.value).uuid(id.value).str();
}
std::string open_prefix() { return "o"; }
std::string open_key(events::ChildId child, events::AbsenceId id) {
  return open_prefix() + Key{}.uuid(child.value).uuid(id.value).str();
}
events::AbsenceId absence_of(std::string_view key) {
  if (key.size() < kUuidBytes) throw RowDamaged("a key of a day names no absence");
  return {log::rocks::read_uuid(key, key.size() - kUuidBytes)};
}
std::string child_prefix(events::ChildId child) { return 'c' + Key{}.uuid(child.value).str(); }
std::string child_key(events::ChildId child, std::uint64_t sequence) {
  return child_prefix(child) + Key{}.inverted_u64(sequence).str();
}

std::string encode(const AbsenceRow& row) {
  return RowWriter{}
      .id(row.id)
      .id(row.child)
      .one_of(row.reason)
      .day(row.first_day)
      .optional_day(row.last_day)
      .boolean(row.whole_days)
      .u16(row.from_minute)
      .u16(row.until_minute)
      .one_of(row.timing)
      .list(row.reports, [](auto& o, const ReportRow& report) { write(o, report); })
      .boolean(row.classification.has_value())
      .one_of(row.classification.value_or(events::AbsenceClass::authorised))
      .boolean(row.recovered)
      .boolean(row.withdrawn)
      .u64(row.sequence)
      .u64(row.version)
      .take();
}

AbsenceRow decode_absence(std::string_view bytes) {
  RowReader in(bytes);
  AbsenceRow row;
  row.id = in.id<events::AbsenceId>();
  row.child = in.id<events::ChildId>();
  row.reason = in.one_of<events::AbsenceReason>();
  row.first_day = in.day();
  row.last_day = in.optional_day();
  row.whole_days = in.boolean();
  row.from_minute = in.u16();
  row.until_minute = in.u16();
  row.timing = in.one_of<events::ReportTiming>();
  row.reports = in.list<ReportRow>(read_report);
  const bool is_classified = in.boolean();
  const auto classification = in.one_of<events::AbsenceClass>();
  if (is_classified) row.classification = classification;
  row.recovered = in.boolean();
  row.withdrawn = in.boolean();
  row.sequence = in.u64();
  row.version = in.u64();
  return row;
}

}  // namespace klasboek::projections::absence_view::rows
