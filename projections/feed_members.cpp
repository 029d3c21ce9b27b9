#include "projections/feed_members.h"

#include <algorithm>
#include <set>

#include "events/local_time.h"
#include "events/log/rocks.h"

namespace klasboek::projections::feed::members {

namespace {

using log::rocks::Key;
using log::rocks::read_uuid;

std::string key(std::string_view table, const events::Uuid& id) {
  return std::string(table) + Key{}.uuid(id).str();
}
std::string key(std::string_view table, const events::Uuid& id, const events::Uuid& member) {
  return std::string(table) + Key{}.uuid(id).uuid(member).str();
}

void write(RowWriter& out, const Term& term) {
  out.day(term.first_day).optional_day(term.last_day);
}
Term read_term(RowReader& in) {
  const auto first_day = in.day();
  return {first_day, in.optional_day()};
}

Child decoded_child(std::string_view bytes) {
  RowReader in(bytes);
  Child child;
  child.stays = in.list<Stay>([](RowReader& i) {
    Stay stay;
    stay.term = read_term(i);
    stay.placements = i.list<directory::Placement>([](RowReader& j) {
      const auto group = j.id<events::GroupId>();
      return directory::Placement{group, j.day()};
    });
    return stay;
  });
  child.guardians = in.list<Guardian>([](RowReader& i) {
    Guardian guardian;
    guardian.account = i.id<events::AccountId>();
    guardian.relation = i.one_of<events::Relation>();
    guardian.authority = i.one_of<events::Authority>();
    guardian.shielded = i.boolean();
    return guardian;
  });
  return child;
}

Staff decoded_staff(std::string_view bytes) {
  RowReader in(bytes);
  Staff staff;
  staff.roles = in.list<directory::RoleTerm>([](RowReader& i) {
    const auto role = i.one_of<events::Role>();
    return directory::RoleTerm{role, read_term(i)};
  });
  staff.assignments = in.list<GroupTerm>([](RowReader& i) {
    const auto group = i.id<events::GroupId>();
    return GroupTerm{group, read_term(i)};
  });
  return staff;
}

void add_child(std::map<events::AccountId, Reasons>& readers, events::ChildId id,
               const Child& child) {
  for (const auto& guardian : child.guardians) {
    if (guardian.reads()) readers[guardian.account].children.push_back(id);
  }
}

/// The members of a `group member` table.
std::vector<events::Uuid> members_of(RowSource& rows, const std::string& prefix) {
  std::vector<events::Uuid> members;
  rows.scan(prefix, [&](std::string_view key, std::string_view) {
    members.push_back(read_uuid(key, prefix.size()));
    return true;
  });
  return members;
}

}  // namespace

bool Child::is_there(events::Day day) const {
  return std::ranges::any_of(stays, [&](const Stay& stay) { return stay.term.holds_on(day); });
}

std::optional<events::GroupId> Child::class_on(events::Day day) const {
  std::optional<events::GroupId> group;
  for (const auto& stay : stays) {
    if (!stay.term.holds_on(day)) continue;
    group.reset();
    for (const auto& placement : stay.placements) {
      if (placement.first_day <= day) group = placement.group;
    }
  }
  return group;
}

Guardian* Child::guardian(events::AccountId account) {
  const auto found = std::ranges::find(guardians, account, &Guardian::account);
  return found == guardians.end() ? nullptr : &*found;
}

bool Staff::works_at_school(events::Day day) const {
  return std::ranges::any_of(roles, [&](const auto& role) { return role.term.holds_on(day); }) ||
         std::ranges::any_of(assignments,
                             [&](const auto& work) { return work.term.holds_on(day); });
}

bool Staff::works_with(events::GroupId group, events::Day day) const {
  return std::ranges::any_of(assignments, [&](const GroupTerm& work) {
    return work.group == group && work.term.holds_on(day);
  });
}

bool is_staff_role(events::Role role) {
  switch (role) {
    case events::Role::teacher:
    case events::Role::care:
    case events::Role::office:
    case events::Role::director:
    case events::Role::deputy:
      return true;
    case events::Role::none:
    case events::Role::guardian:
    case events::Role::pupil:
    case events::Role::class_parent:
    case events::Role::board:
    case events::Role::reporter:
    case events::Role::operator_:
    case events::Role::auditor:
    case events::Role::system:
      return false;
  }
  return false;
}

Child child(RowSource& rows, events::ChildId id) {
  const auto bytes = rows.get(key("mc", id.value));
  return bytes ? decoded_child(*bytes) : Child{};
}

void put_child(ViewRows& rows, events::ChildId id, const Child& child) {
  RowWriter out;
  out.list(child.stays, [](auto& o, const Stay& stay) {
    write(o, stay.term);
    o.list(stay.placements,
           [](auto& p, const auto& placement) { p.id(placement.group).day(placement.first_day); });
  });
  out.list(child.guardians, [](auto& o, const Guardian& guardian) {
    o.id(guardian.account)
        .one_of(guardian.relation)
        .one_of(guardian.authority)
        .boolean(guardian.shielded);
  });
  rows.put(key("mc", id.value), out.take());
}

void put_placement(ViewRows& rows, events::ChildId id, events::GroupId group) {
  rows.put(key("mk", group.value, id.value), "");
}

Staff staff(RowSource& rows, events::AccountId id) {
  const auto bytes = rows.get(key("ma", id.value));
  return bytes ? decoded_staff(*bytes) : Staff{};
}

void put_staff(ViewRows& rows, events::AccountId id, const Staff& staff) {
  RowWriter out;
  out.list(staff.roles, [](auto& o, const auto& role) {
    o.one_of(role.role);
    write(o, role.term);
  });
  out.list(staff.assignments, [](auto& o, const GroupTerm& work) {
    o.id(work.group);
    write(o, work.term);
  });
  rows.put(key("ma", id.value), out.take());
}

void put_assignment(ViewRows& rows, events::AccountId id, events::GroupId group) {
  rows.put(key("mw", group.value, id.value), "");
}

events::GroupKind group_kind(RowSource& rows, events::GroupId id) {
  const auto bytes = rows.get(key("mg", id.value));
  return bytes ? RowReader(*bytes).one_of<events::GroupKind>() : events::GroupKind::class_group;
}

void put_group_kind(ViewRows& rows, events::GroupId id, events::GroupKind kind) {
  rows.put(key("mg", id.value), RowWriter{}.one_of(kind).take());
}

std::vector<events::GroupId> whole_school_groups(RowSource& rows) {
  std::vector<events::GroupId> groups;
  rows.scan("mg", [&](std::string_view key, std::string_view value) {
    if (RowReader(value).one_of<events::GroupKind>() == events::GroupKind::whole_school) {
      groups.push_back({read_uuid(key, 2)});
    }
    return true;
  });
  return groups;
}

std::string time_zone(RowSource& rows) { return rows.get("mz").value_or(std::string()); }
void put_time_zone(ViewRows& rows, const std::string& zone) { rows.put("mz", zone); }

events::Day local_day(RowSource& rows, std::int64_t at_us) {
  return events::local_time(time_zone(rows), at_us).day;
}

std::vector<GroupOfPost> groups_of_post(RowSource& rows,
                                        const std::vector<events::GroupId>& groups) {
  std::vector<GroupOfPost> known;
  known.reserve(groups.size());
  for (const auto& group : groups) known.push_back({group, group_kind(rows, group)});
  return known;
}

bool belongs(const Child& child, const std::vector<GroupOfPost>& groups, events::Day day) {
  return std::ranges::any_of(groups, [&](const GroupOfPost& group) {
    return group.kind == events::GroupKind::whole_school ? child.is_there(day)
                                                         : child.class_on(day) == group.id;
  });
}

bool belongs(const Staff& staff, const std::vector<GroupOfPost>& groups, events::Day day) {
  return std::ranges::any_of(groups, [&](const GroupOfPost& group) {
    return group.kind == events::GroupKind::whole_school ? staff.works_at_school(day)
                                                         : staff.works_with(group.id, day);
  });
}

std::map<events::AccountId, Reasons> audience(RowSource& rows, events::AccountId author,
                                              const std::vector<events::GroupId>& groups,
                                              events::Day day) {
  const auto known = groups_of_post(rows, groups);
  std::map<events::AccountId, Reasons> readers;
  // Sorted, so that an account's children are in the order of their ids.
  std::map<events::ChildId, Child> children;
  std::set<events::AccountId> workers;
  for (const auto& group : known) {
    if (group.kind == events::GroupKind::whole_school) {
      rows.scan("mc", [&](std::string_view key, std::string_view value) {
        children.emplace(events::ChildId{read_uuid(key, 2)}, decoded_child(value));
        return true;
      });
      rows.scan("ma", [&](std::string_view key, std::string_view) {
        workers.insert({read_uuid(key, 2)});
        return true;
      });
      continue;
    }
    for (const auto& id : members_of(rows, key("mk", group.id.value))) {
      children.emplace(events::ChildId{id}, child(rows, {id}));
    }
    for (const auto& id : members_of(rows, key("mw", group.id.value))) workers.insert({id});
  }
  for (const auto& [id, row] : children) {
    if (belongs(row, known, day)) add_child(readers, id, row);
  }
  for (const auto& id : workers) {
    if (belongs(staff(rows, id), known, day)) readers[id].is_staff = true;
  }
  if (!author.is_zero()) readers[author].is_author = true;
  return readers;
}

}  // namespace klasboek::projections::feed::members
