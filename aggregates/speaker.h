#pragma once
// Whose word a command is: the guardian's or pupil's own, or that of one whose spoken or paper word
// staff record.
#include <optional>

#include "aggregates/child.h"
#include "aggregates/decision.h"

namespace klasboek::aggregates {

/// By a role that speaks for itself, as against staff.
bool speaks_for_itself(const Context& context);
/// The account whose word it is: Actor::on_behalf_of where staff record somebody's, else the actor.
events::AccountId speaker_of(const Context& context);
/// Why the speaker may not decide for this child, as a guardian who is linked with authority may.
/// Staff name whose word they record, and a colleague does it where the child is their own.
std::optional<Rejection> refuse_speaker(const child::State& child, const Context& context);

}  // namespace klasboek::aggregates
