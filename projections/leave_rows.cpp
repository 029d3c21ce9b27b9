#include "projections/leave_rows.h"

#include "events/log/rocks.h"

namespace klasboek::projections::leave_view::rows {

namespace {

using log::rocks::Key;

void write(RowWriter& out, const events::LeaveCount& count) {
  out.u16(count.school_year)
      .one_of(count.ground)
      .u16(count.school_days)
      .u16(count.new_days)
      .u16(count.granted_before)
      .u16(count.granted_before_on_ground);
}

events::LeaveCount read_count(RowReader& in) {
  events::LeaveCount count;
  count.school_year = in.u16();
  count.ground = in.one_of<events::LeaveGround>();
  count.school_days = in.u16();
  count.new_days = in.u16();
  count.granted_before = in.u16();
  count.granted_before_on_ground = in.u16();
  return count;
}

void write(RowWriter& out, const DecisionRow& row) {
  out.actor(row.decided_by).i64(row.decided_at_us);
  write(out, row.count);
  out.list(row.advice, [](auto& o, events::LeaveAdvice advice) { o.one_of(advice); })
      .boolean(row.against_advice)
      .sealed(row.reasons)
      .optional_day(row.first_day)
      .optional_day(row.last_day)
      .u16(row.rule_set)
      .u64(row.sequence)
      .id(row.event);
}

DecisionRow read_decision(RowReader& in) {
  DecisionRow row;
  row.decided_by = in.actor();
  row.decided_at_us = in.i64();
  row.count = read_count(in);
  row.advice =
      in.list<events::LeaveAdvice>([](RowReader& i) { return i.one_of<events::LeaveAdvice>(); });
  row.against_advice = in.boolean();
  row.reasons = in.sealed();
  row.first_day = in.optional_day();
  row.last_day = in.optional_day();
  row.rule_set = in.u16();
  row.sequence = in.u64();
  row.event = in.id<events::EventId>();
  return row;
}

}  // namespace

std::string leave_key(events::LeaveId id) { return 'r' + Key{}.uuid(id.value).str(); }
std::string all_prefix() { return "a"; }
std::string status_prefix(events::LeaveStatus status) {
  return 's' + Key{}.u8(static_cast<std::uint8_t>(status)).str();
}
std::string child_prefix(events::ChildId child) { return 'c' + Key{}.uuid(child.value).str(); }
std::string balance_prefix(events::ChildId child, std::uint16_t school_year,
                           events::LeaveGround ground) {
  return 'b' + Key{}.uuid(child.value).u32(school_year).u8(static_cast<std::uint8_t>(ground)).str();
}
std::string at_key(const std::string& prefix, std::uint64_t sequence) {
  return prefix + Key{}.inverted_u64(sequence).str();
}

std::string encode(const LeaveRow& row) {
  RowWriter out;
  out.id(row.id)
      .id(row.child)
      .one_of(row.ground)
      .one_of(row.status)
      .day(row.first_day)
      .day(row.last_day)
      .u16(row.school_days)
      .u16(row.school_year)
      .boolean(row.compulsory)
      .day(row.compulsory_from)
      .boolean(row.timeliness.has_value())
      .one_of(row.timeliness.value_or(events::NoticeTimeliness::in_time))
      .sealed(row.motivation)
      .id(row.requested_by)
      .actor(row.recorded_by)
      .i64(row.recorded_at_us)
      .i64(row.asked_at_us)
      .boolean(row.decision.has_value());
  if (row.decision) write(out, *row.decision);
  return out.i64(row.withdrawn_at_us).u16(row.rule_set).u64(row.sequence).u64(row.version).take();
}

LeaveRow decode_leave(std::string_view bytes) {
  RowReader in(bytes);
  LeaveRow row;
  row.id = in.id<events::LeaveId>();
  row.child = in.id<events::ChildId>();
  row.ground = in.one_of<events::LeaveGround>();
  row.status = in.one_of<events::LeaveStatus>();
  row.first_day = in.day();
  row.last_day = in.day();
  row.school_days = in.u16();
  row.school_year = in.u16();
  row.compulsory = in.boolean();
  row.compulsory_from = in.day();
  const bool is_notice = in.boolean();
  const auto timeliness = in.one_of<events::NoticeTimeliness>();
  if (is_notice) row.timeliness = timeliness;
  row.motivation = in.sealed();
  row.requested_by = in.id<events::AccountId>();
  row.recorded_by = in.actor();
  row.recorded_at_us = in.i64();
  row.asked_at_us = in.i64();
  if (in.boolean()) row.decision = read_decision(in);
  row.withdrawn_at_us = in.i64();
  row.rule_set = in.u16();
  row.sequence = in.u64();
  row.version = in.u64();
  return row;
}

}  // namespace klasboek::projections::leave_view::rows
