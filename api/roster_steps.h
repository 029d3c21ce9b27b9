#pragma once
// A plan as the commands that carry it out, in an order in which each finds what it needs. Only for
// roster_apply.cpp and its tests.
#include <expected>
#include <functional>
#include <vector>

#include "api/roster_ids.h"
#include "api/roster_plan.h"
#include "events/command.h"
#include "projections/directory.h"
#include "vault/sealer.h"

namespace klasboek::api::roster {

struct Step {
  /// Seals the texts of one command and gives it.
  std::function<std::expected<events::CommandBody, vault::VaultFault>(vault::Sealer&)> build;
  /// About what it takes in a commit, conditions included.
  std::size_t bytes = 0;
  /// Belongs in one commit with the step before it.
  bool joins = false;
};

struct StepDays {
  Day today;
  /// Since when new pupils are known to be in the school.
  Day enrolled_from;
};

/// What of the school the steps look at: accounts as the plan saw them, rows as they are now.
struct StepSources {
  const CurrentRoster& current;
  const projections::ViewSnapshot& views;
  events::SchoolId school;
};

/// No step carries out a proposal. The plan must outlive the steps.
std::vector<Step> steps_of(const Plan& plan, const NewIds& ids, const StepSources& sources,
                           const StepDays& days);

}  // namespace klasboek::api::roster
