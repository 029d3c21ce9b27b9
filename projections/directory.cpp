#include "projections/directory.h"

#include <algorithm>

#include "events/log/rocks.h"
#include "projections/directory_rows.h"

namespace klasboek::projections::directory {

namespace {

using events::RecordedEvent;

/// Reads the row of the event's own stream (or an empty one), lets it be changed, and writes it
/// back with the stream's version.
template <class Row, class Change>
void change(ViewRows& rows, const std::string& key, const RecordedEvent* versioned_by,
            const Change& apply) {
  const auto bytes = rows.get(key);
  Row row = bytes ? rows::decoded<Row>(*bytes) : Row{};
  apply(row);
  if constexpr (requires { row.version; }) {
    if (versioned_by != nullptr) row.version = versioned_by->stream_version;
  }
  rows.put(key, rows::encode(row));
}

std::string account_key(events::AccountId id) { return rows::key(rows::kAccountTable, id.value); }

template <class Change>
void change_school(ViewRows& rows, const RecordedEvent& event, const Change& apply) {
  change<SchoolRow>(rows, rows::key(rows::kSchoolTable), &event, apply);
}
template <class Change>
void change_group(ViewRows& rows, const RecordedEvent& event, const Change& apply) {
  change<GroupRow>(rows, rows::key(rows::kGroupTable, event.stream.subject), &event, apply);
}
template <class Change>
void change_child(ViewRows& rows, const RecordedEvent& event, const Change& apply) {
  change<ChildRow>(rows, rows::key(rows::kChildTable, event.stream.subject), &event, apply);
}
template <class Change>
void change_account(ViewRows& rows, const RecordedEvent& event, const Change& apply) {
  change<AccountRow>(rows, rows::key(rows::kAccountTable, event.stream.subject), &event, apply);
}

Term term_of(events::Day first_day, events::Day last_day, bool open_ended) {
  return {first_day, open_ended ? std::nullopt : std::optional(last_day)};
}

/// What would begin later doesn't begin, and what goes on ends on that day.
template <class Terms, class Is>
void end_terms(Terms& terms, events::Day last_day, const Is& is) {
  std::erase_if(terms, [&](const auto& one) { return is(one) && one.term.first_day > last_day; });
  for (auto& one : terms) {
    if (is(one) && (!one.term.last_day || *one.term.last_day > last_day)) {
      one.term.last_day = last_day;
    }
  }
}

/// A placement on a day replaces one that was to begin on that same day.
void place(ChildRow& child, const Placement& placement) {
  auto& known = child.placements;
  const auto at = std::ranges::lower_bound(known, placement.first_day, {}, &Placement::first_day);
  if (at != known.end() && at->first_day == placement.first_day) {
    *at = placement;
  } else {
    known.insert(at, placement);
  }
}

template <class Element>
void add_once(std::vector<Element>& list, const Element& element) {
  if (std::ranges::find(list, element) == list.end()) list.push_back(element);
}

void end_audit_grant(AccountRow& row, events::ChildId child) {
  std::erase_if(row.audit_grants, [&](const AuditGrant& grant) { return grant.child == child; });
}

void shield(ViewRows& rows, const RecordedEvent& event, events::AccountId against, bool is_up) {
  const events::ChildId child{event.stream.subject};
  bool is_linked = false;
  change_child(rows, event, [&](ChildRow& row) {
    for (auto& link : row.guardians) {
      if (link.guardian != against) continue;
      link.shielded = is_up;
      is_linked = true;
    }
  });
  // A shield outlives the link.
  if (!is_linked) return;
  change<AccountRow>(rows, account_key(against), nullptr, [&](AccountRow& row) {
    std::erase(is_up ? row.children : row.shielded_children, child);
    add_once(is_up ? row.shielded_children : row.children, child);
  });
}

struct Fold {
  static constexpr std::string_view kName = directory::kName;
  static constexpr std::uint32_t kVersion = 6;

  static void on(const events::SchoolFounded& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) {
      row.name = e.name;
      row.time_zone = e.time_zone;
    });
  }
  static void on(const events::SchoolRenamed& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) { row.name = e.name; });
  }
  static void on(const events::SchoolDaysSet& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) { row.days = e.days; });
  }
  static void on(const events::SchoolYearSet& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) {
      // A year is named by the calendar year in which it begins.
      std::erase_if(row.years, [&](const auto& year) {
        return year.first.date().year() == e.first_day.date().year();
      });
      row.years.insert_or_assign(e.first_day, e);
    });
  }
  static void on(const events::PostingWindowSet& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) {
      row.posting_opens_minute = e.opens_minute;
      row.posting_closes_minute = e.closes_minute;
    });
  }
  static void on(const events::ConsentPolicySet& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) {
      row.one_household = e.one_household;
      row.two_households = e.two_households;
    });
  }
  static void on(const events::PurposeAdded& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [](SchoolRow&) {});
    change<PurposeRow>(rows, rows::key(rows::kPurposeTable, e.purpose.value), nullptr,
                       [&](PurposeRow& row) {
                         row.id = e.purpose;
                         row.code = e.code;
                       });
  }
  static void on(const events::NoticePublished& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [](SchoolRow&) {});
    change<PurposeRow>(rows, rows::key(rows::kPurposeTable, e.purpose.value), nullptr,
                       [&](PurposeRow& row) {
                         row.notice_version = e.version;
                         row.texts = e.texts;
                       });
  }
  static void on(const events::StaffCodesSet& e, const RecordedEvent& event, ViewRows& rows) {
    change_school(rows, event, [&](SchoolRow& row) { row.staff_codes = e.required; });
  }

  static void on(const events::GroupFounded& e, const RecordedEvent& event, ViewRows& rows) {
    change_group(rows, event, [&](GroupRow& row) {
      row.id = e.group;
      row.kind = e.kind;
      row.name = sealed_text(e.name, event);
    });
  }
  static void on(const events::GroupRenamed& e, const RecordedEvent& event, ViewRows& rows) {
    change_group(rows, event, [&](GroupRow& row) { row.name = sealed_text(e.name, event); });
  }
  static void on(const events::GroupClosed& e, const RecordedEvent& event, ViewRows& rows) {
    change_group(rows, event, [&](GroupRow& row) { row.closed_after = e.last_day; });
  }
  static void on(const events::StaffAssigned& e, const RecordedEvent& event, ViewRows& rows) {
    const events::GroupId group{event.stream.subject};
    change_group(rows, event, [&](GroupRow& row) {
      row.staff.push_back({e.account, term_of(e.first_day, e.last_day, e.open_ended)});
    });
    change<AccountRow>(rows, account_key(e.account), nullptr,
                       [&](AccountRow& row) { add_once(row.groups, group); });
  }
  static void on(const events::StaffAssignmentEnded& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_group(rows, event, [&](GroupRow& row) {
      end_terms(row.staff, e.last_day,
                [&](const Assignment& assignment) { return assignment.account == e.account; });
    });
  }

  static void on(const events::ChildEnrolled& e, const RecordedEvent& event, ViewRows& rows) {
    change_child(rows, event, [&](ChildRow& row) {
      row.id = e.child;
      row.name = sealed_text(e.name, event);
      row.birth_day = sealed_text(e.birth_day, event);
      row.enrolment = {e.first_day, std::nullopt};
      row.placements.clear();
    });
  }
  static void on(const events::ChildNameCorrected& e, const RecordedEvent& event, ViewRows& rows) {
    change_child(rows, event, [&](ChildRow& row) { row.name = sealed_text(e.name, event); });
  }
  static void on(const events::ChildBirthDayCorrected& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_child(rows, event,
                 [&](ChildRow& row) { row.birth_day = sealed_text(e.birth_day, event); });
  }
  static void on(const events::ChildPlaced& e, const RecordedEvent& event, ViewRows& rows) {
    change_child(rows, event, [&](ChildRow& row) { place(row, {e.group, e.first_day}); });
    rows.put(rows::key(rows::kMemberTable, e.group.value, event.stream.subject), "");
  }
  static void on(const events::ChildLeft& e, const RecordedEvent& event, ViewRows& rows) {
    change_child(rows, event, [&](ChildRow& row) {
      row.enrolment.last_day = e.last_day;
      std::erase_if(row.placements,
                    [&](const Placement& known) { return known.first_day > e.last_day; });
    });
  }
  static void on(const events::GuardianLinked& e, const RecordedEvent& event, ViewRows& rows) {
    const events::ChildId child{event.stream.subject};
    change_child(rows, event, [&](ChildRow& row) {
      row.guardians.push_back({e.guardian, e.relation, e.authority, e.household, e.contact_order});
    });
    change<AccountRow>(rows, account_key(e.guardian), nullptr,
                       [&](AccountRow& row) { add_once(row.children, child); });
  }
  static void on(const events::GuardianRelationChanged& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_child(rows, event, [&](ChildRow& row) {
      for (auto& link : row.guardians) {
        if (link.guardian != e.guardian) continue;
        link.relation = e.relation;
        link.household = e.household;
        link.contact_order = e.contact_order;
      }
    });
  }
  static void on(const events::GuardianAuthorityRecorded& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_child(rows, event, [&](ChildRow& row) {
      for (auto& link : row.guardians) {
        if (link.guardian == e.guardian) link.authority = e.authority;
      }
    });
  }
  static void on(const events::GuardianUnlinked& e, const RecordedEvent& event, ViewRows& rows) {
    const events::ChildId child{event.stream.subject};
    change_child(rows, event, [&](ChildRow& row) {
      std::erase_if(row.guardians,
                    [&](const GuardianLink& link) { return link.guardian == e.guardian; });
    });
    change<AccountRow>(rows, account_key(e.guardian), nullptr, [&](AccountRow& row) {
      std::erase(row.children, child);
      std::erase(row.shielded_children, child);
    });
  }
  static void on(const events::ShieldRaised& e, const RecordedEvent& event, ViewRows& rows) {
    shield(rows, event, e.against, true);
  }
  static void on(const events::ShieldLifted& e, const RecordedEvent& event, ViewRows& rows) {
    shield(rows, event, e.against, false);
  }

  static void on(const events::AccountOpened& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      row.id = e.account;
      row.name = sealed_text(e.name, event);
      row.contact = sealed_text(e.contact, event);
    });
  }
  static void on(const events::AccountNameCorrected& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) { row.name = sealed_text(e.name, event); });
  }
  static void on(const events::AccountContactChanged& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_account(rows, event,
                   [&](AccountRow& row) { row.contact = sealed_text(e.contact, event); });
  }
  static void on(const events::AccountInvited& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [](AccountRow& row) { row.invited = true; });
    rows.put(rows::key(rows::kInvitationTable, e.invitation.value),
             RowWriter{}.uuid(event.stream.subject).take());
  }
  static void on(const events::InvitationAccepted&, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [](AccountRow& row) { row.admitted = true; });
  }
  static void on(const events::RoleGiven& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      row.roles.push_back({e.role, term_of(e.first_day, e.last_day, e.open_ended)});
    });
  }
  static void on(const events::PasswordResetAsked& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [](AccountRow&) {});
    rows.put(rows::key(rows::kInvitationTable, e.reset.value),
             RowWriter{}.uuid(event.stream.subject).take());
  }
  static void on(const events::PasswordReset& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      row.sessions_not_before_us = std::max(row.sessions_not_before_us, e.not_before_us);
    });
  }
  static void on(const events::MandateGiven& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      row.roles.push_back(
          {events::Role::deputy, term_of(e.first_day, e.last_day, e.open_ended), e.powers});
    });
  }
  static void on(const events::AuditGranted& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      end_audit_grant(row, e.child);
      row.audit_grants.push_back(
          {e.child, {e.first_day, e.last_day}, e.readable_text, sealed_text(e.purpose, event)});
    });
  }
  static void on(const events::AuditGrantEnded& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) { end_audit_grant(row, e.child); });
  }
  static void on(const events::RoleEnded& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      end_terms(row.roles, e.last_day, [&](const RoleTerm& given) { return given.role == e.role; });
    });
  }
  static void on(const events::AccountBlocked& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) {
      row.blocked = true;
      row.blocked_until_us = e.until_us;
    });
  }
  static void on(const events::AccountUnblocked&, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [](AccountRow& row) {
      row.blocked = false;
      row.blocked_until_us = 0;
    });
  }
  static void on(const events::AccountClosed& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event, [&](AccountRow& row) { row.closed_after = e.last_day; });
  }
  static void on(const events::SessionsEnded& e, const RecordedEvent& event, ViewRows& rows) {
    change_account(rows, event,
                   [&](AccountRow& row) { row.sessions_not_before_us = e.not_before_us; });
  }
};

template <class Row>
std::optional<Row> row_at(const ViewSnapshot& views, events::SchoolId school,
                          const std::string& key) {
  const auto bytes = views.get(kName, school, key);
  if (!bytes) return std::nullopt;
  return rows::decoded<Row>(*bytes);
}

template <class Row>
std::vector<Row> rows_of(const ViewSnapshot& views, events::SchoolId school, char table) {
  std::vector<Row> all;
  views.scan(kName, school, rows::key(table), [&](std::string_view, std::string_view value) {
    all.push_back(rows::decoded<Row>(value));
    return true;
  });
  return all;
}

}  // namespace

std::optional<events::GroupId> ChildRow::class_on(events::Day day) const {
  if (!enrolment.holds_on(day)) return std::nullopt;
  std::optional<events::GroupId> group;
  for (const auto& placement : placements) {
    if (placement.first_day <= day) group = placement.group;
  }
  return group;
}

const GuardianLink* ChildRow::guardian(events::AccountId account) const {
  const auto* link = link_of(account);
  return link == nullptr || link->shielded ? nullptr : link;
}

const GuardianLink* ChildRow::link_of(events::AccountId account) const {
  const auto found = std::ranges::find(guardians, account, &GuardianLink::guardian);
  return found == guardians.end() ? nullptr : &*found;
}

bool AccountRow::holds_role(events::Role role, events::Day day) const {
  if (role == events::Role::auditor &&
      std::ranges::any_of(audit_grants,
                          [&](const AuditGrant& grant) { return grant.term.holds_on(day); })) {
    return true;
  }
  return std::ranges::any_of(
      roles, [&](const RoleTerm& given) { return given.role == role && given.term.holds_on(day); });
}

const AuditGrant* AccountRow::audit_grant(events::ChildId child, events::Day day) const {
  const AuditGrant* found = nullptr;
  for (const auto& grant : audit_grants) {
    const bool covers = grant.child.is_zero() || grant.child == child;
    if (!covers || !grant.term.holds_on(day)) continue;
    // Where two cover it, the one that reads more.
    if (found == nullptr || grant.readable_text) found = &grant;
  }
  return found;
}

bool AccountRow::is_active(events::Day day, std::int64_t now_us) const {
  const bool closed = closed_after && day > *closed_after;
  const bool is_blocked = blocked && (blocked_until_us == 0 || now_us < blocked_until_us);
  return !closed && !is_blocked;
}

std::optional<SchoolRow> school(const ViewSnapshot& views, events::SchoolId school) {
  return row_at<SchoolRow>(views, school, rows::key(rows::kSchoolTable));
}
std::optional<PurposeRow> purpose(const ViewSnapshot& views, events::SchoolId school,
                                  events::PurposeId id) {
  return row_at<PurposeRow>(views, school, rows::key(rows::kPurposeTable, id.value));
}
std::vector<PurposeRow> purposes(const ViewSnapshot& views, events::SchoolId school) {
  return rows_of<PurposeRow>(views, school, rows::kPurposeTable);
}
std::optional<GroupRow> group(const ViewSnapshot& views, events::SchoolId school,
                              events::GroupId id) {
  return row_at<GroupRow>(views, school, rows::key(rows::kGroupTable, id.value));
}
std::vector<GroupRow> groups(const ViewSnapshot& views, events::SchoolId school) {
  return rows_of<GroupRow>(views, school, rows::kGroupTable);
}
std::optional<ChildRow> child(const ViewSnapshot& views, events::SchoolId school,
                              events::ChildId id) {
  return row_at<ChildRow>(views, school, rows::key(rows::kChildTable, id.value));
}
std::vector<ChildRow> children(const ViewSnapshot& views, events::SchoolId school) {
  return rows_of<ChildRow>(views, school, rows::kChildTable);
}
std::vector<ChildRow> children_of(const ViewSnapshot& views, events::SchoolId school,
                                  events::GroupId id, events::Day day) {
  std::vector<ChildRow> members;
  const auto row = group(views, school, id);
  if (!row) return members;
  if (row->kind == events::GroupKind::whole_school) {
    members = children(views, school);
    std::erase_if(members, [&](const ChildRow& child) { return !child.enrolment.holds_on(day); });
    return members;
  }
  const auto prefix = rows::key(rows::kMemberTable, id.value);
  views.scan(kName, school, prefix, [&](std::string_view key, std::string_view) {
    auto member = child(views, school, {log::rocks::read_uuid(key, prefix.size())});
    if (member && member->class_on(day) == id) members.push_back(*std::move(member));
    return true;
  });
  return members;
}
std::optional<AccountRow> account(const ViewSnapshot& views, events::SchoolId school,
                                  events::AccountId id) {
  return row_at<AccountRow>(views, school, account_key(id));
}
std::vector<AccountRow> accounts(const ViewSnapshot& views, events::SchoolId school) {
  return rows_of<AccountRow>(views, school, rows::kAccountTable);
}
std::optional<events::AccountId> invited_account(const ViewSnapshot& views, events::SchoolId school,
                                                 events::InvitationId invitation) {
  const auto bytes = views.get(kName, school, rows::key(rows::kInvitationTable, invitation.value));
  if (!bytes) return std::nullopt;
  return RowReader(*bytes).id<events::AccountId>();
}

std::unique_ptr<View> make_view() { return std::make_unique<ViewOf<Fold>>(); }

}  // namespace klasboek::projections::directory
