#include "tests/support/roster_school.h"

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include "events/event.h"

namespace klasboek::tests {

using namespace api::roster;

namespace {

template <class List, class Value, class Member>
auto& found(List& list, const Value& value, Member member) {
  const auto at = std::ranges::find(list, value, member);
  if (at == list.end()) throw std::logic_error("the plan speaks of something that isn't there");
  return *at;
}

}  // namespace

events::Uuid RosterSchool::next_id() { return {.hi = 7, .lo = ++last_id_}; }

CurrentChild& RosterSchool::child(const std::string& key) {
  return found(current_.children, key, &CurrentChild::key);
}

CurrentAccount& RosterSchool::account(const std::string& email) {
  return found(current_.accounts, email, &CurrentAccount::email);
}

CurrentGroup& RosterSchool::group(const std::string& key) {
  return found(current_.groups, key, &CurrentGroup::key);
}

CurrentLink& RosterSchool::link(const std::string& child_key, const std::string& email) {
  return found(child(child_key).guardians, account(email).id, &CurrentLink::guardian);
}

events::GroupId RosterSchool::group_id(const GroupRef& group) const {
  return group.id ? *group.id : found(current_.groups, group.key, &CurrentGroup::key).id;
}

CurrentChild& RosterSchool::child(const ChildRef& ref) {
  if (ref.id) return found(current_.children, *ref.id, &CurrentChild::id);
  return child(ref.key);
}

events::AccountId RosterSchool::account_id(const PersonRef& person) const {
  return person.id ? *person.id : opened_.at(person.opened);
}

CurrentAccount& RosterSchool::account(events::AccountId id) {
  return found(current_.accounts, id, &CurrentAccount::id);
}

void RosterSchool::apply(const Plan& plan) {
  opened_.clear();
  for (const Recognised& item : plan.recognised) {
    if (const auto* id = std::get_if<events::GroupId>(&item.id)) {
      found(current_.groups, *id, &CurrentGroup::id).key = item.key;
    } else if (const auto* child_id = std::get_if<events::ChildId>(&item.id)) {
      found(current_.children, *child_id, &CurrentChild::id).key = item.key;
    } else {
      account(std::get<events::AccountId>(item.id)).staff_key = item.key;
    }
  }
  for (const GroupAdded& item : plan.groups_added) {
    current_.groups.push_back(
        {.id = {next_id()}, .key = item.key, .name = item.name, .kind = GroupKind::class_group});
  }
  for (const GroupRenamed& item : plan.groups_renamed) {
    found(current_.groups, group_id(item.group), &CurrentGroup::id).name = item.name;
  }
  for (const ChildAdded& item : plan.children_added) {
    CurrentChild now{.id = {next_id()}, .key = item.key, .name = item.name};
    now.birth_day = item.birth_day;
    if (item.class_group) now.class_group = group_id(*item.class_group);
    current_.children.push_back(now);
  }
  for (const ChildCorrected& item : plan.children_corrected) {
    CurrentChild& now = child(item.child);
    if (item.name) now.name = *item.name;
    if (item.birth_day) now.birth_day = item.birth_day;
  }
  for (const ChildMoved& item : plan.children_moved) {
    child(item.child).class_group = group_id(item.to);
  }
  for (const ChildLeft& item : plan.children_left) {
    std::erase_if(current_.children,
                  [&](const CurrentChild& now) { return now.id == item.child.id; });
  }
  for (const GroupRef& item : plan.groups_closed) {
    std::erase_if(current_.groups, [&](const CurrentGroup& now) { return now.id == item.id; });
    for (CurrentAccount& now : current_.accounts) std::erase(now.taught_groups, *item.id);
  }
  for (const AccountOpened& item : plan.accounts_opened) {
    opened_.emplace_back(next_id());
    current_.accounts.push_back(
        {.id = opened_.back(), .name = item.name, .email = item.email, .phones = item.phones});
  }
  for (const AccountCorrected& item : plan.accounts_corrected) {
    CurrentAccount& now = account(account_id(item.person));
    if (item.name) now.name = *item.name;
    if (item.email) now.email = *item.email;
    if (item.phones) now.phones = *item.phones;
  }
  for (const StaffPlanned& item : plan.staff) {
    CurrentAccount& now = account(account_id(item.person));
    now.staff_key = item.key;
    now.roles.insert(now.roles.end(), item.roles.begin(), item.roles.end());
    for (const GroupRef& ref : item.groups) now.taught_groups.push_back(group_id(ref));
  }
  for (const GuardianLinked& item : plan.guardians_linked) {
    child(item.child)
        .guardians.push_back({.guardian = account_id(item.guardian),
                              .relation = item.relation,
                              .authority = item.authority,
                              .household = item.household,
                              .contact_order = item.contact_order});
  }
  for (const GuardianChanged& item : plan.guardians_changed) {
    CurrentLink& now =
        found(child(item.child).guardians, account_id(item.guardian), &CurrentLink::guardian);
    now.relation = item.relation;
    now.household = item.household;
    now.contact_order = item.contact_order;
  }
}

void RosterSchool::accept(const Proposal& item) {
  CurrentAccount& now = account(account_id(item.person));
  switch (item.kind) {
    case ProposalKind::give_role:
      now.roles.push_back(item.role);
      return;
    case ProposalKind::record_authority:
      found(child(item.child.value()).guardians, now.id, &CurrentLink::guardian).authority =
          item.authority;
      return;
    case ProposalKind::unlink_guardian:
      std::erase_if(child(item.child.value()).guardians,
                    [&](const CurrentLink& link) { return link.guardian == now.id; });
      return;
    case ProposalKind::end_role:
      std::erase(now.roles, item.role);
      return;
    case ProposalKind::end_assignment:
      std::erase(now.taught_groups, group_id(item.group.value()));
      return;
    case ProposalKind::staff_left:
      now.roles.clear();
      now.taught_groups.clear();
      return;
  }
}

}  // namespace klasboek::tests
