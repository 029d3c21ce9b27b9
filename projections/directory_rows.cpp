#include "projections/directory_rows.h"

#include "events/log/rocks.h"

namespace klasboek::projections::directory::rows {

namespace {

void write(RowWriter& out, const Term& term) {
  out.day(term.first_day).optional_day(term.last_day);
}
Term read_term(RowReader& in) {
  const auto first_day = in.day();
  return {first_day, in.optional_day()};
}

void write(RowWriter& out, const events::NoticeText& text) {
  out.text(text.language).text(text.title).text(text.text);
}
events::NoticeText read_notice(RowReader& in) {
  events::NoticeText text;
  text.language = in.text();
  text.title = in.text();
  text.text = in.text();
  return text;
}

void write(RowWriter& out, const events::Period& period) {
  out.text(period.name).day(period.first_day).day(period.last_day).one_of(period.kind);
}
events::Period read_period(RowReader& in) {
  events::Period period;
  period.name = in.text();
  period.first_day = in.day();
  period.last_day = in.day();
  period.kind = in.one_of<events::PeriodKind>();
  return period;
}

void write(RowWriter& out, const events::SchoolYearSet& year) {
  out.day(year.first_day).day(year.last_day).list(year.periods, [](auto& o, const auto& period) {
    write(o, period);
  });
}
events::SchoolYearSet read_year(RowReader& in) {
  events::SchoolYearSet year;
  year.first_day = in.day();
  year.last_day = in.day();
  year.periods = in.list<events::Period>(read_period);
  return year;
}

}  // namespace

std::string key(char table) { return {table}; }
std::string key(char table, const events::Uuid& id) {
  return table + log::rocks::Key{}.uuid(id).str();
}
std::string key(char table, const events::Uuid& id, const events::Uuid& member) {
  return table + log::rocks::Key{}.uuid(id).uuid(member).str();
}

std::string encode(const SchoolRow& row) {
  RowWriter out;
  out.text(row.name).text(row.time_zone);
  out.list(row.days, [](auto& o, const events::SchoolDay& day) {
    o.u8(day.weekday()).u16(day.starts_minute()).u16(day.ends_minute());
  });
  out.list(row.years, [](auto& o, const auto& year) { write(o, year.second); });
  return out.u16(row.posting_opens_minute)
      .u16(row.posting_closes_minute)
      .one_of(row.one_household)
      .one_of(row.two_households)
      .boolean(row.staff_codes)
      .u64(row.version)
      .take();
}

void decode(std::string_view bytes, SchoolRow& row) {
  RowReader in(bytes);
  row.name = in.text();
  row.time_zone = in.text();
  row.days = in.list<events::SchoolDay>([](RowReader& i) {
    const auto weekday = i.u8();
    const auto starts = i.u16();
    return events::SchoolDay(weekday, starts, i.u16());
  });
  for (auto& year : in.list<events::SchoolYearSet>(read_year)) {
    const auto first_day = year.first_day;
    row.years.emplace(first_day, std::move(year));
  }
  row.posting_opens_minute = in.u16();
  row.posting_closes_minute = in.u16();
  row.one_household = in.one_of<events::SilencePolicy>();
  row.two_households = in.one_of<events::SilencePolicy>();
  row.staff_codes = in.boolean();
  row.version = in.u64();
}

std::string encode(const PurposeRow& row) {
  return RowWriter{}
      .id(row.id)
      .text(row.code)
      .u32(row.notice_version)
      .list(row.texts, [](auto& o, const auto& text) { write(o, text); })
      .take();
}

void decode(std::string_view bytes, PurposeRow& row) {
  RowReader in(bytes);
  row.id = in.id<events::PurposeId>();
  row.code = in.text();
  row.notice_version = in.u32();
  row.texts = in.list<events::NoticeText>(read_notice);
}

std::string encode(const GroupRow& row) {
  RowWriter out;
  out.id(row.id).sealed(row.name).one_of(row.kind).optional_day(row.closed_after);
  out.list(row.staff, [](auto& o, const Assignment& assignment) {
    o.id(assignment.account);
    write(o, assignment.term);
  });
  return out.u64(row.version).take();
}

void decode(std::string_view bytes, GroupRow& row) {
  RowReader in(bytes);
  row.id = in.id<events::GroupId>();
  row.name = in.sealed();
  row.kind = in.one_of<events::GroupKind>();
  row.closed_after = in.optional_day();
  row.staff = in.list<Assignment>([](RowReader& i) {
    const auto account = i.id<events::AccountId>();
    return Assignment{account, read_term(i)};
  });
  row.version = in.u64();
}

std::string encode(const ChildRow& row) {
  RowWriter out;
  out.id(row.id).sealed(row.name).sealed(row.birth_day);
  write(out, row.enrolment);
  out.list(row.placements, [](auto& o, const Placement& placement) {
    o.id(placement.group).day(placement.first_day);
  });
  out.list(row.guardians, [](auto& o, const GuardianLink& link) {
    o.id(link.guardian)
        .one_of(link.relation)
        .one_of(link.authority)
        .u8(link.household)
        .u8(link.contact_order)
        .boolean(link.shielded);
  });
  return out.u64(row.version).take();
}

void decode(std::string_view bytes, ChildRow& row) {
  RowReader in(bytes);
  row.id = in.id<events::ChildId>();
  row.name = in.sealed();
  row.birth_day = in.sealed();
  row.enrolment = read_term(in);
  row.placements = in.list<Placement>([](RowReader& i) {
    const auto group = i.id<events::GroupId>();
    return Placement{group, i.day()};
  });
  row.guardians = in.list<GuardianLink>([](RowReader& i) {
    GuardianLink link;
    link.guardian = i.id<events::AccountId>();
    link.relation = i.one_of<events::Relation>();
    link.authority = i.one_of<events::Authority>();
    link.household = i.u8();
    link.contact_order = i.u8();
    link.shielded = i.boolean();
    return link;
  });
  row.version = in.u64();
}

std::string encode(const AccountRow& row) {
  RowWriter out;
  out.id(row.id).sealed(row.name).sealed(row.contact);
  out.list(row.roles, [](auto& o, const RoleTerm& role) {
    o.one_of(role.role);
    write(o, role.term);
    o.boolean(role.powers.has_value());
    o.list(role.powers.value_or(std::vector<events::MandatePower>()),
           [](auto& p, events::MandatePower power) { p.one_of(power); });
  });
  out.list(row.audit_grants, [](auto& o, const AuditGrant& grant) {
    o.id(grant.child);
    write(o, grant.term);
    o.boolean(grant.readable_text).sealed(grant.purpose);
  });
  out.list(row.children, [](auto& o, const auto& child) { o.id(child); });
  out.list(row.shielded_children, [](auto& o, const auto& child) { o.id(child); });
  out.list(row.groups, [](auto& o, const auto& group) { o.id(group); });
  return out.boolean(row.invited)
      .boolean(row.admitted)
      .boolean(row.blocked)
      .i64(row.blocked_until_us)
      .optional_day(row.closed_after)
      .i64(row.sessions_not_before_us)
      .u64(row.version)
      .take();
}

void decode(std::string_view bytes, AccountRow& row) {
  RowReader in(bytes);
  row.id = in.id<events::AccountId>();
  row.name = in.sealed();
  row.contact = in.sealed();
  row.roles = in.list<RoleTerm>([](RowReader& i) {
    RoleTerm role;
    role.role = i.one_of<events::Role>();
    role.term = read_term(i);
    const bool is_narrow = i.boolean();
    auto powers =
        i.list<events::MandatePower>([](RowReader& j) { return j.one_of<events::MandatePower>(); });
    if (is_narrow) role.powers = std::move(powers);
    return role;
  });
  row.audit_grants = in.list<AuditGrant>([](RowReader& i) {
    AuditGrant grant;
    grant.child = i.id<events::ChildId>();
    grant.term = read_term(i);
    grant.readable_text = i.boolean();
    grant.purpose = i.sealed();
    return grant;
  });
  row.children = in.list<events::ChildId>([](RowReader& i) { return i.id<events::ChildId>(); });
  row.shielded_children =
      in.list<events::ChildId>([](RowReader& i) { return i.id<events::ChildId>(); });
  row.groups = in.list<events::GroupId>([](RowReader& i) { return i.id<events::GroupId>(); });
  row.invited = in.boolean();
  row.admitted = in.boolean();
  row.blocked = in.boolean();
  row.blocked_until_us = in.i64();
  row.closed_after = in.optional_day();
  row.sessions_not_before_us = in.i64();
  row.version = in.u64();
}

}  // namespace klasboek::projections::directory::rows
