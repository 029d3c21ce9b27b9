#pragma once
// Who speaks in a command: the guardian himself, or one whose spoken or paper word staff record.
#include <optional>

#include "aggregates/child.h"
#include "aggregates/decision.h"

namespace klasboek::aggregates {

/// The account whose word it is: Actor::on_behalf_of where staff record somebody's, else the actor.
events::AccountId speaker_of(const Context& context);
/// A guardian acts, as against staff.
bool acts_as_guardian(const Context& context);
/// Why the speaker may not decide for this child, as a guardian who is linked with authority may.
std::optional<Rejection> refuse_speaker(const child::State& child, const Context& context);

}  // namespace klasboek::aggregates
