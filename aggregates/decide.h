#pragma once
// One door to every decider: the importer, the page and the command line all pass here.
#include "aggregates/decision.h"
#include "aggregates/facts.h"
#include "events/command.h"

namespace klasboek::aggregates {

/// Decides a command: first whether the actor may (permissions.h), then by the command's own rules,
/// which are tried in a fixed order so that the first that fails is always the same. Pure: the same
/// folds and context give the same answer.
Decision decide(const events::CommandBody& command, Facts& facts, const Context& context);

/// Whether the actor may give this command at all: account active, role held today, own child, own
/// class. nullopt means yes. Reading it puts the streams that authorise into the conditions.
std::optional<Rejection> refuse_actor(const events::CommandBody& command, Facts& facts,
                                      const Context& context);

}  // namespace klasboek::aggregates
