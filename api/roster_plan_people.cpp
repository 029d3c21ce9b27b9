#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/roster_plan_parts.h"
#include "api/roster_plan_persons.h"
#include "api/roster_text.h"
#include "events/event.h"

namespace klasboek::api::roster {
namespace {

using Code = ProblemCode;

bool has_role(const std::vector<Role>& roles, Role role) {
  return std::ranges::find(roles, role) != roles.end();
}

// Other staff has an account without a role.
std::optional<Role> role_for(StaffRole role) {
  switch (role) {
    case StaffRole::director:
      return Role::director;
    case StaffRole::deputy:
      return Role::deputy;
    case StaffRole::office:
      return Role::office;
    case StaffRole::care:
      return Role::care;
    case StaffRole::teacher:
      return Role::teacher;
    case StaffRole::other:
      return std::nullopt;
  }
  std::unreachable();
}

bool is_granted_by_hand(Role role) { return role == Role::director || role == Role::deputy; }

constexpr std::array kRolesOfFiles = {Role::office, Role::care, Role::teacher};

bool works_here(const CurrentAccount& account) {
  return !account.taught_groups.empty() || std::ranges::any_of(account.roles, [](Role role) {
    return is_granted_by_hand(role) ||
           std::ranges::find(kRolesOfFiles, role) != kRolesOfFiles.end();
  });
}

class StaffPlan {
 public:
  StaffPlan(const RosterFile& wanted, const CurrentRoster& current, const Matches& matches,
            Plan& plan)
      : wanted_(wanted), current_(current), matches_(matches), plan_(plan) {}

  void plan_member(const Person& person) {
    const StaffMember& member = *person.member;
    const CurrentAccount* now = person.account;
    StaffPlanned item{.person = person.ref,
                      .key = member.key,
                      .is_new = now == nullptr || !works_here(*now),
                      .roles = {},
                      .groups = {},
                      .where = member.where};
    std::vector<Role> roles;
    for (const StaffRole word : member.roles) {
      if (const auto role = role_for(word)) roles.push_back(*role);
    }
    for (const Role role : roles) {
      if (now != nullptr && has_role(now->roles, role)) continue;
      if (is_granted_by_hand(role)) {
        propose({.kind = ProposalKind::give_role,
                 .person = person.ref,
                 .role = role,
                 .where = member.where});
      } else {
        item.roles.push_back(role);
      }
    }
    std::set<events::GroupId> taught;
    for (const std::string& key : member.taught_groups) {
      const auto group = matches_.groups.find(key);
      if (group == matches_.groups.end()) continue;  // a samengestelde_groep that is nobody's class
      const GroupRef& ref = group->second;
      if (ref.id) taught.insert(*ref.id);
      if (!teaches(now, ref)) item.groups.push_back(ref);
    }
    if (now == nullptr || !item.roles.empty() || !item.groups.empty()) {
      plan_.staff.push_back(std::move(item));
    }
    if (now != nullptr) propose_ends(person, roles, taught);
  }

  // Only a file that has staff at all, and all of them, can say that somebody left.
  void propose_departures(const std::set<events::AccountId>& here) {
    if (wanted_.staff.empty() || wanted_.staff_without_key > 0) return;
    for (const CurrentAccount& account : current_.accounts) {
      const bool left_out = !account.staff_key.empty() &&
                            std::ranges::find(wanted_.left_out_staff_keys, account.staff_key) !=
                                wanted_.left_out_staff_keys.end();
      if (!works_here(account) || here.contains(account.id) || left_out) continue;
      propose({.kind = ProposalKind::staff_left,
               .person = {.id = account.id, .opened = 0, .name = account.name}});
    }
  }

 private:
  static bool teaches(const CurrentAccount* now, const GroupRef& group) {
    return now != nullptr && group.id &&
           std::ranges::find(now->taught_groups, *group.id) != now->taught_groups.end();
  }

  void propose(Proposal proposal) { plan_.proposals.push_back(std::move(proposal)); }

  void propose_ends(const Person& person, const std::vector<Role>& roles,
                    const std::set<events::GroupId>& taught) {
    for (const Role role : kRolesOfFiles) {
      if (!has_role(person.account->roles, role) || has_role(roles, role)) continue;
      propose({.kind = ProposalKind::end_role,
               .person = person.ref,
               .role = role,
               .where = person.member->where});
    }
    for (const events::GroupId group : person.account->taught_groups) {
      if (taught.contains(group) || is_closed(group)) continue;
      propose({.kind = ProposalKind::end_assignment,
               .person = person.ref,
               .group = named(group),
               .where = person.member->where});
    }
  }

  bool is_closed(events::GroupId id) const {
    return std::ranges::any_of(plan_.groups_closed,
                               [id](const GroupRef& group) { return group.id == id; });
  }

  GroupRef named(events::GroupId id) const {
    const auto group = std::ranges::find(current_.groups, id, &CurrentGroup::id);
    if (group == current_.groups.end()) return {.id = id, .key = {}, .name = {}};
    return {.id = id, .key = group->key, .name = group->name};
  }

  const RosterFile& wanted_;
  const CurrentRoster& current_;
  const Matches& matches_;
  Plan& plan_;
};

// The guardians of one child as the file has them: whose rows, in the order of calling.
struct WantedLink {
  const Guardian* row = nullptr;
  const Person* person = nullptr;
  const CurrentLink* now = nullptr;
};

// Numbers of households for the rows of one child: those that stand are kept where they still tell
// the same homes apart, so that the same file changes nothing.
std::vector<std::uint8_t> household_numbers(const std::vector<WantedLink>& links,
                                            const CurrentChild* child) {
  std::map<std::string, std::uint8_t> numbers;
  std::set<std::uint8_t> used;
  for (const WantedLink& link : links) {
    if (link.now == nullptr || numbers.contains(link.row->household)) continue;
    if (used.insert(link.now->household).second) {
      numbers.emplace(link.row->household, link.now->household);
    }
  }
  if (child != nullptr) {
    for (const CurrentLink& link : child->guardians) used.insert(link.household);
  }
  std::vector<std::uint8_t> result;
  for (const WantedLink& link : links) {
    auto found = numbers.find(link.row->household);
    if (found == numbers.end()) {
      std::uint8_t next = 1;
      while (used.contains(next)) ++next;
      used.insert(next);
      found = numbers.emplace(link.row->household, next).first;
    }
    result.push_back(found->second);
  }
  return result;
}

class LinkPlan {
 public:
  LinkPlan(const Persons& persons, Plan& plan, ProblemList& problems)
      : persons_(persons), plan_(plan), problems_(problems) {}

  void plan_child(const Matches::Child& child, const std::vector<const Guardian*>& rows) {
    const std::vector<WantedLink> links = wanted_links(child, rows);
    if (links.empty()) return;
    const std::vector<std::uint8_t> households = household_numbers(links, child.current);
    const bool has_guardians = child.current != nullptr && !child.current->guardians.empty();
    for (std::size_t i = 0; i < links.size(); ++i) {
      const auto order = static_cast<std::uint8_t>(i + 1);
      if (links[i].now == nullptr) {
        link(child, links[i], households[i], order, has_guardians);
      } else {
        change(child, links[i], households[i], order);
      }
    }
    if (child.current != nullptr) propose_unlinks(child, links);
  }

 private:
  std::vector<WantedLink> wanted_links(const Matches::Child& child,
                                       const std::vector<const Guardian*>& rows) {
    std::vector<WantedLink> links;
    for (const Guardian* row : rows) {
      const Person* person = persons_.person_of(*row);
      if (person == nullptr) continue;
      const auto same = std::ranges::find(links, person, &WantedLink::person);
      if (same != links.end()) {
        problems_.add({.code = Code::duplicate_row,
                       .where = row->where,
                       .place = "leerling/child_key",
                       .key = row->child_key,
                       .other = same->row->where});
        continue;
      }
      links.push_back({.row = row, .person = person, .now = link_now(child, *person)});
    }
    return links;
  }

  static const CurrentLink* link_now(const Matches::Child& child, const Person& person) {
    if (child.current == nullptr || person.account == nullptr) return nullptr;
    const auto found =
        std::ranges::find(child.current->guardians, person.account->id, &CurrentLink::guardian);
    return found == child.current->guardians.end() ? nullptr : &*found;
  }

  // The first guardians of a child come with the authority that the file says. Where guardians
  // stand already, authority for one more is a proposal.
  void link(const Matches::Child& child, const WantedLink& wanted, std::uint8_t household,
            std::uint8_t order, bool has_guardians) {
    Authority authority = wanted.row->authority;
    if (has_guardians && authority == Authority::with) {
      authority = Authority::unknown;
      propose_authority(child, wanted);
    }
    plan_.guardians_linked.push_back({.child = child.ref,
                                      .guardian = wanted.person->ref,
                                      .relation = wanted.row->relation,
                                      .authority = authority,
                                      .household = household,
                                      .contact_order = order,
                                      .where = wanted.row->where});
  }

  void change(const Matches::Child& child, const WantedLink& wanted, std::uint8_t household,
              std::uint8_t order) {
    const CurrentLink& now = *wanted.now;
    const Relation relation =
        wanted.row->relation == Relation::unknown ? now.relation : wanted.row->relation;
    if (relation != now.relation || household != now.household || order != now.contact_order) {
      plan_.guardians_changed.push_back({.child = child.ref,
                                         .guardian = wanted.person->ref,
                                         .relation = relation,
                                         .household = household,
                                         .contact_order = order,
                                         .where = wanted.row->where});
    }
    const Authority authority = wanted.row->authority;
    if (authority != Authority::unknown && authority != now.authority) {
      propose_authority(child, wanted);
    }
  }

  void propose_authority(const Matches::Child& child, const WantedLink& wanted) {
    plan_.proposals.push_back({.kind = ProposalKind::record_authority,
                               .person = wanted.person->ref,
                               .child = child.ref,
                               .authority = wanted.row->authority,
                               .where = wanted.row->where});
  }

  void propose_unlinks(const Matches::Child& child, const std::vector<WantedLink>& links) {
    for (const CurrentLink& now : child.current->guardians) {
      const bool wanted =
          std::ranges::any_of(links, [&](const WantedLink& link) { return link.now == &now; });
      if (wanted) continue;
      const CurrentAccount* account = persons_.account(now.guardian);
      const PersonName name = account == nullptr ? PersonName{} : account->name;
      plan_.proposals.push_back({.kind = ProposalKind::unlink_guardian,
                                 .person = {.id = now.guardian, .opened = 0, .name = name},
                                 .child = child.ref});
    }
  }

  const Persons& persons_;
  Plan& plan_;
  ProblemList& problems_;
};

}  // namespace

void plan_people(const RosterFile& wanted, const CurrentRoster& current, const Matches& matches,
                 Plan& plan, ProblemList& problems) {
  Persons persons(wanted, current, matches, plan, problems);
  persons.plan_accounts();

  StaffPlan staff(wanted, current, matches, plan);
  std::set<events::AccountId> here;
  for (const Person& person : persons.all()) {
    if (person.member == nullptr) continue;
    staff.plan_member(person);
    if (person.account != nullptr) here.insert(person.account->id);
  }
  staff.propose_departures(here);

  std::map<std::string, std::vector<const Guardian*>> rows;
  std::vector<const std::string*> children;  // in the order of the file
  for (const Guardian& row : wanted.guardians) {
    if (!matches.children.contains(row.child_key)) continue;
    auto& of_child = rows[row.child_key];
    if (of_child.empty()) children.push_back(&row.child_key);
    of_child.push_back(&row);
  }
  LinkPlan links(persons, plan, problems);
  for (const std::string* key : children) links.plan_child(matches.children.at(*key), rows[*key]);
}

}  // namespace klasboek::api::roster
