#include "projections/inbox_rows.h"

#include "events/log/rocks.h"

namespace klasboek::projections::inbox::rows {

namespace {

using log::rocks::Key;

}  // namespace

std::string account_prefix(events::AccountId account) {
  return 'n' + Key{}.uuid(account.value).str();
}
std::string notification_key(events::AccountId account, std::int64_t at_us,
                             std::uint64_t sequence) {
  return account_prefix(account) +
         Key{}.inverted_u64(static_cast<std::uint64_t>(at_us)).inverted_u64(sequence).str();
}
std::string guardians_key(events::ChildId child) { return 'c' + Key{}.uuid(child.value).str(); }
std::string heads_prefix() { return "d"; }
std::string head_key(events::AccountId account) { return 'd' + Key{}.uuid(account.value).str(); }
events::AccountId head_of(std::string_view key) { return {log::rocks::read_uuid(key, 1)}; }
std::string zone_key() { return "z"; }

std::string encode(const Notification& row) {
  return RowWriter{}
      .one_of(row.kind)
      .i64(row.at_us)
      .u64(row.sequence)
      .id(row.cause)
      .list(row.children, [](auto& o, const auto& child) { o.id(child); })
      .id(row.leave)
      .id(row.absence)
      .id(row.invitation)
      .take();
}

Notification decode_notification(std::string_view bytes) {
  RowReader in(bytes);
  Notification row;
  row.kind = in.one_of<NotificationKind>();
  row.at_us = in.i64();
  row.sequence = in.u64();
  row.cause = in.id<events::EventId>();
  row.children = in.list<events::ChildId>([](RowReader& i) { return i.id<events::ChildId>(); });
  row.leave = in.id<events::LeaveId>();
  row.absence = in.id<events::AbsenceId>();
  row.invitation = in.id<events::InvitationId>();
  return row;
}

std::string encode(const std::vector<Guardian>& guardians) {
  return RowWriter{}
      .list(guardians,
            [](auto& o, const Guardian& guardian) {
              o.id(guardian.account).one_of(guardian.authority).boolean(guardian.shielded);
            })
      .take();
}

std::vector<Guardian> decode_guardians(std::string_view bytes) {
  return RowReader(bytes).list<Guardian>([](RowReader& in) {
    const auto account = in.id<events::AccountId>();
    const auto authority = in.one_of<events::Authority>();
    return Guardian{account, authority, in.boolean()};
  });
}

std::string encode(const std::vector<directory::RoleTerm>& roles) {
  return RowWriter{}
      .list(roles,
            [](auto& o, const directory::RoleTerm& role) {
              o.one_of(role.role).day(role.term.first_day).optional_day(role.term.last_day);
            })
      .take();
}

std::vector<directory::RoleTerm> decode_roles(std::string_view bytes) {
  return RowReader(bytes).list<directory::RoleTerm>([](RowReader& in) {
    directory::RoleTerm role;
    role.role = in.one_of<events::Role>();
    role.term.first_day = in.day();
    role.term.last_day = in.optional_day();
    return role;
  });
}

}  // namespace klasboek::projections::inbox::rows
