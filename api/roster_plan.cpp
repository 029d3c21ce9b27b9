#include "api/roster_plan.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "api/roster_plan_parts.h"
#include "api/roster_text.h"
#include "events/event.h"

namespace klasboek::api::roster {
namespace {

using Code = ProblemCode;

std::string folded_name(const PersonName& name) {
  return folded(name.given) + "|" + folded(name.family);
}

class GroupsAndChildren {
 public:
  GroupsAndChildren(const RosterFile& wanted, const CurrentRoster& current, Plan& plan,
                    ProblemList& problems)
      : wanted_(wanted), current_(current), plan_(plan), problems_(problems) {
    for (const CurrentGroup& group : current.groups) {
      named_.emplace(group.id, GroupRef{.id = group.id, .key = group.key, .name = group.name});
    }
  }

  void plan_groups() {
    std::set<std::string> classes;  // a samengestelde_groep may be somebody's class
    for (const Pupil& pupil : wanted_.pupils) classes.insert(pupil.group_key);
    for (const Group& group : wanted_.groups) {
      if (group.combined && !classes.contains(group.key)) {
        problems_.add_once(Code::combined_group_not_planned, "samengestelde_groep", group.where);
        continue;
      }
      plan_group(group);
    }
  }

  void plan_children() {
    for (const Pupil& pupil : wanted_.pupils) {
      const CurrentChild* child = child_for(pupil);
      if (child == nullptr) {
        add(pupil);
      } else {
        staying_.insert(child->id);
        matches_.children.emplace(
            pupil.key, Matches::Child{.ref = ref_of(*child, pupil.key), .current = child});
        const bool corrected = correct(pupil, *child);
        const bool moved = move(pupil, *child);
        if (!corrected && !moved) ++plan_.children_unchanged;
      }
    }
    keep_left_out();
    for (const CurrentChild& child : current_.children) {
      if (staying_.contains(child.id) || child.entered_by_hand) continue;
      plan_.children_left.push_back({.child = ref_of(child, child.key), .from = class_of(child)});
    }
  }

  // A file without any group says nothing about groups.
  void close_groups() {
    if (matches_.groups.empty()) return;
    std::set<events::GroupId> used;
    for (const auto& [key, group] : matches_.groups) {
      if (group.id) used.insert(*group.id);
    }
    for (const CurrentGroup& group : current_.groups) {
      if (group.kind != GroupKind::class_group || used.contains(group.id)) continue;
      const std::size_t left = children_who_stay_in(group.id);
      if (left == 0) {
        plan_.groups_closed.push_back(named_.at(group.id));
      } else {
        problems_.add({.code = Code::group_still_used, .key = group.key, .count = left});
      }
    }
  }

  void ask_for_confirmation(const PlanOptions& options) {
    Confirmation ask{.leavers = plan_.children_left.size(),
                     .children = current_.children.size(),
                     .groups_left_whole = {},
                     .keys_missing = wanted_.pupils_without_key > 0};
    if (ask.leavers == 0) return;
    std::map<events::GroupId, std::size_t> now;
    std::map<events::GroupId, std::size_t> leaving;
    for (const CurrentChild& child : current_.children) {
      if (child.class_group) ++now[*child.class_group];
    }
    for (const ChildLeft& child : plan_.children_left) {
      if (child.from && child.from->id) ++leaving[*child.from->id];
    }
    for (const CurrentGroup& group : current_.groups) {
      const auto gone = leaving.find(group.id);
      if (gone == leaving.end() || gone->second != now[group.id]) continue;
      ask.groups_left_whole.push_back(named_.at(group.id));
    }
    const bool many = ask.leavers * 100 > ask.children * options.leavers_percent_max;
    if (many || ask.keys_missing || !ask.groups_left_whole.empty()) {
      plan_.requires_confirmation = std::move(ask);
    }
  }

  Matches take() { return std::move(matches_); }

 private:
  static ChildRef ref_of(const CurrentChild& child, const std::string& key) {
    return {.id = child.id, .key = key, .name = child.name};
  }

  std::optional<GroupRef> class_of(const CurrentChild& child) const {
    if (!child.class_group) return std::nullopt;
    const auto found = named_.find(*child.class_group);
    if (found != named_.end()) return found->second;
    return GroupRef{.id = child.class_group, .key = {}, .name = {}};
  }

  // By key, else a class of the same name that no key leads to.
  const CurrentGroup* group_for(const Group& group) const {
    const auto by_key = std::ranges::find(current_.groups, group.key, &CurrentGroup::key);
    if (by_key != current_.groups.end()) return &*by_key;
    const auto by_name = std::ranges::find_if(current_.groups, [&](const CurrentGroup& now) {
      return now.key.empty() && now.kind == GroupKind::class_group && !taken_.contains(now.id) &&
             folded(now.name) == folded(group.name);
    });
    return by_name == current_.groups.end() ? nullptr : &*by_name;
  }

  void plan_group(const Group& group) {
    GroupRef ref{.id = {}, .key = group.key, .name = group.name};
    const CurrentGroup* now = group_for(group);
    if (now == nullptr) {
      plan_.groups_added.push_back({group.key, group.name, group.where});
    } else {
      ref.id = now->id;
      taken_.insert(now->id);
      if (now->key.empty()) plan_.recognised.push_back({group.key, now->id, group.where});
      if (now->name != group.name) {
        plan_.groups_renamed.push_back(
            {.group = {now->id, group.key, now->name}, .name = group.name, .where = group.where});
      }
    }
    matches_.groups.emplace(group.key, std::move(ref));
  }

  // By key, else the one child of this name and birth day that no key leads to: schools change
  // their administration, and then every key is new.
  const CurrentChild* child_for(const Pupil& pupil) {
    if (keyed_.empty() && unkeyed_.empty()) index_children();
    if (const auto by_key = keyed_.find(pupil.key); by_key != keyed_.end()) return by_key->second;
    if (!pupil.birth_day) return nullptr;
    const auto alike = unkeyed_.find({folded_name(pupil.name), *pupil.birth_day});
    if (alike == unkeyed_.end() || alike->second.size() != 1) return nullptr;
    const CurrentChild* child = alike->second.front();
    if (staying_.contains(child->id)) return nullptr;
    plan_.recognised.push_back({pupil.key, child->id, pupil.where});
    return child;
  }

  void index_children() {
    for (const CurrentChild& child : current_.children) {
      if (!child.key.empty()) {
        keyed_.emplace(child.key, &child);
      } else if (child.birth_day) {
        unkeyed_[{folded_name(child.name), *child.birth_day}].push_back(&child);
      }
    }
  }

  void add(const Pupil& pupil) {
    plan_.children_added.push_back({.key = pupil.key,
                                    .name = pupil.name,
                                    .birth_day = pupil.birth_day,
                                    .class_group = wanted_class(pupil),
                                    .where = pupil.where});
    matches_.children.emplace(
        pupil.key, Matches::Child{.ref = {.id = {}, .key = pupil.key, .name = pupil.name},
                                  .current = nullptr});
  }

  std::optional<GroupRef> wanted_class(const Pupil& pupil) const {
    const auto found = matches_.groups.find(pupil.group_key);
    if (found == matches_.groups.end()) return std::nullopt;
    return found->second;
  }

  bool correct(const Pupil& pupil, const CurrentChild& child) {
    ChildCorrected item{
        .child = ref_of(child, pupil.key), .name = {}, .birth_day = {}, .where = pupil.where};
    if (pupil.name != child.name) item.name = pupil.name;
    if (pupil.birth_day && pupil.birth_day != child.birth_day) item.birth_day = pupil.birth_day;
    if (!item.name && !item.birth_day) return false;
    plan_.children_corrected.push_back(std::move(item));
    return true;
  }

  // A pupil for whom the file has no class stays where they are.
  bool move(const Pupil& pupil, const CurrentChild& child) {
    const auto to = wanted_class(pupil);
    if (!to || (to->id && to->id == child.class_group)) return false;
    plan_.children_moved.push_back({.child = ref_of(child, pupil.key),
                                    .from = class_of(child),
                                    .to = *to,
                                    .where = pupil.where});
    if (child.class_group) moved_.insert(child.id);
    return true;
  }

  // Who is in the file but had to be left out of the reading has not left the school.
  void keep_left_out() {
    for (const std::string& key : wanted_.left_out_pupil_keys) {
      const auto child = std::ranges::find(current_.children, key, &CurrentChild::key);
      if (child == current_.children.end()) continue;
      staying_.insert(child->id);
      matches_.children.emplace(key,
                                Matches::Child{.ref = ref_of(*child, key), .current = &*child});
    }
  }

  std::size_t children_who_stay_in(events::GroupId group) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(current_.children, [&](const CurrentChild& child) {
          const bool leaves = !staying_.contains(child.id) && !child.entered_by_hand;
          return child.class_group == group && !leaves && !moved_.contains(child.id);
        }));
  }

  const RosterFile& wanted_;
  const CurrentRoster& current_;
  Plan& plan_;
  ProblemList& problems_;
  Matches matches_;
  std::map<events::GroupId, GroupRef> named_;
  std::set<events::GroupId> taken_;
  std::map<std::string, const CurrentChild*> keyed_;
  std::map<std::pair<std::string, Day>, std::vector<const CurrentChild*>> unkeyed_;
  std::set<events::ChildId> staying_;
  std::set<events::ChildId> moved_;
};

}  // namespace

Matches plan_groups_and_children(const RosterFile& wanted, const CurrentRoster& current,
                                 const PlanOptions& options, Plan& plan, ProblemList& problems) {
  if (!wanted.covers_pupils) {
    Matches matches;
    for (const CurrentChild& child : current.children) {
      if (child.key.empty()) continue;
      matches.children.emplace(
          child.key, Matches::Child{.ref = {.id = child.id, .key = child.key, .name = child.name},
                                    .current = &child});
    }
    return matches;
  }
  GroupsAndChildren part(wanted, current, plan, problems);
  part.plan_groups();
  part.plan_children();
  part.close_groups();
  part.ask_for_confirmation(options);
  return part.take();
}

Plan make_plan(const RosterFile& wanted, const CurrentRoster& current, const PlanOptions& options) {
  Plan plan;
  ProblemList problems;
  const Matches matches = plan_groups_and_children(wanted, current, options, plan, problems);
  plan_people(wanted, current, matches, plan, problems);
  plan.problems = problems.take();
  return plan;
}

bool changes_nothing(const Plan& plan) {
  return plan.recognised.empty() && plan.groups_added.empty() && plan.groups_renamed.empty() &&
         plan.children_added.empty() && plan.children_corrected.empty() &&
         plan.children_moved.empty() && plan.children_left.empty() && plan.groups_closed.empty() &&
         plan.accounts_opened.empty() && plan.accounts_corrected.empty() && plan.staff.empty() &&
         plan.guardians_linked.empty() && plan.guardians_changed.empty();
}

bool is_confirmed(const Plan& plan, std::optional<std::size_t> leavers) {
  return !plan.requires_confirmation || plan.requires_confirmation->leavers == leavers;
}

}  // namespace klasboek::api::roster
