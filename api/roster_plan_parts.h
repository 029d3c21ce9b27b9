#pragma once
// The parts of make_plan, in the order in which they are done. Only for roster_plan*.cpp.

#include <map>
#include <string>

#include "api/roster_plan.h"
#include "api/roster_problem_list.h"

namespace klasboek::api::roster {

/// What the groups and children of the file are in the school.
struct Matches {
  struct Child {
    ChildRef ref;
    const CurrentChild* current = nullptr;  // nullptr for a new child
  };
  std::map<std::string, GroupRef> groups;  // classes of the file, by key
  std::map<std::string, Child> children;   // of the file; where it has no pupils, of the school
};

Matches plan_groups_and_children(const RosterFile& wanted, const CurrentRoster& current,
                                 const PlanOptions& options, Plan& plan, ProblemList& problems);

/// REQUIRES: the groups and children of the plan are there already.
void plan_people(const RosterFile& wanted, const CurrentRoster& current, const Matches& matches,
                 Plan& plan, ProblemList& problems);

}  // namespace klasboek::api::roster
