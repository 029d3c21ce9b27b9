#include "aggregates/speaker.h"

namespace klasboek::aggregates {

bool speaks_for_itself(const Context& context) {
  return context.actor.role == events::Role::guardian || context.actor.role == events::Role::pupil;
}

events::AccountId speaker_of(const Context& context) {
  const bool for_another = !speaks_for_itself(context) && !context.actor.on_behalf_of.is_zero();
  return for_another ? context.actor.on_behalf_of : context.actor.account;
}

std::optional<Rejection> refuse_speaker(const child::State& child, const Context& context) {
  const bool records = !speaks_for_itself(context);
  if (records && child::guardian_of(child, context.actor.account) != nullptr) {
    return Rejection::own_child_is_decided_by_another;
  }
  if (child::guardian_of(child, speaker_of(context)) == nullptr) {
    return Rejection::guardian_not_linked;
  }
  if (!child::has_authority(child, speaker_of(context))) {
    return Rejection::guardian_has_no_authority;
  }
  return std::nullopt;
}

}  // namespace klasboek::aggregates
