#pragma once
// Who belongs to which group on which day, as the feed needs it. The feed's fold alone writes these
// rows; its fold and its readers both ask them who has a post.
//
// Keys, within the school:
//   mz               time zone
//   mg group         GroupKind
//   mc child         Child
//   ma account       Staff
//   mk group child   (empty) was ever placed there
//   mw group account (empty) was ever assigned there
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "projections/directory.h"
#include "projections/feed.h"

namespace klasboek::projections::feed::members {

using directory::Term;

/// From enrolment to leaving, with the classes in it by first day. A child may leave and come back.
struct Stay {
  Term term;
  std::vector<directory::Placement> placements;
};

struct Guardian {
  events::AccountId account;
  events::Relation relation = events::Relation::unknown;
  events::Authority authority = events::Authority::unknown;
  bool shielded = false;
  /// Everybody who is linked but those from whom the child is shielded, and those who are there to
  /// be called only.
  [[nodiscard]] bool reads() const {
    if (shielded) return false;
    return relation != events::Relation::contact || authority == events::Authority::with;
  }
};

struct Child {
  std::vector<Stay> stays;
  std::vector<Guardian> guardians;

  [[nodiscard]] bool is_there(events::Day day) const;
  [[nodiscard]] std::optional<events::GroupId> class_on(events::Day day) const;
  Guardian* guardian(events::AccountId account);
};

struct GroupTerm {
  events::GroupId group;
  Term term;
};

struct Staff {
  /// Roles of staff only: teacher, care, office, director and deputy.
  std::vector<directory::RoleTerm> roles;
  std::vector<GroupTerm> assignments;

  [[nodiscard]] bool works_at_school(events::Day day) const;
  [[nodiscard]] bool works_with(events::GroupId group, events::Day day) const;
};

bool is_staff_role(events::Role role);

Child child(RowSource& rows, events::ChildId id);
void put_child(ViewRows& rows, events::ChildId id, const Child& child);
/// Also keeps which groups it was ever placed in.
void put_placement(ViewRows& rows, events::ChildId id, events::GroupId group);
Staff staff(RowSource& rows, events::AccountId id);
void put_staff(ViewRows& rows, events::AccountId id, const Staff& staff);
void put_assignment(ViewRows& rows, events::AccountId id, events::GroupId group);
events::GroupKind group_kind(RowSource& rows, events::GroupId id);
void put_group_kind(ViewRows& rows, events::GroupId id, events::GroupKind kind);
/// In the order of their ids.
std::vector<events::GroupId> whole_school_groups(RowSource& rows);
std::string time_zone(RowSource& rows);
void put_time_zone(ViewRows& rows, const std::string& zone);
/// The day of a moment in the school's zone.
events::Day local_day(RowSource& rows, std::int64_t at_us);

/// A group as far as membership goes.
struct GroupOfPost {
  events::GroupId id;
  events::GroupKind kind = events::GroupKind::class_group;
};
std::vector<GroupOfPost> groups_of_post(RowSource& rows,
                                        const std::vector<events::GroupId>& groups);
/// Whether the child was in one of the groups on that day.
bool belongs(const Child& child, const std::vector<GroupOfPost>& groups, events::Day day);
bool belongs(const Staff& staff, const std::vector<GroupOfPost>& groups, events::Day day);

/// Everybody who has a post of this author to these groups that appears on this day.
std::map<events::AccountId, Reasons> audience(RowSource& rows, events::AccountId author,
                                              const std::vector<events::GroupId>& groups,
                                              events::Day day);

}  // namespace klasboek::projections::feed::members
