#pragma once
// Consent: the answers of a child's guardians, each for himself, to the notices of the school's
// purposes.
#include <map>

#include "aggregates/child.h"
#include "aggregates/decision.h"
#include "aggregates/school.h"
#include "events/command.h"
#include "events/consent_rule.h"

namespace klasboek::aggregates::consent {

/// Somebody's last answer.
struct Answer {
  /// given, refused or withdrawn.
  events::ConsentVoice voice = events::ConsentVoice::silent;
  std::uint32_t notice_version = 0;
  /// When it was really given.
  std::int64_t given_at_us = 0;
  bool by_pupil = false;
};

struct State {
  using Event = events::ConsentEvent;
  std::map<events::PurposeId, std::map<events::AccountId, Answer>> answers;
};

void evolve(State& state, const events::ConsentEvent& event, const Happened& happened);

/// What the school may rely on, by events::consent_outcome: the answers of those who are linked
/// with authority now, or of the pupil.
events::ConsentOutcome status_of(const State& state, const school::State& school,
                                 const child::State& child, events::PurposeId purpose);

/// From this age the pupil decides, not the guardians.
inline constexpr int kPupilDecidesFromYears = 16;
/// Whether somebody born on that day has reached that age.
bool pupil_decides(events::Day birth_day, events::Day today);

/// A "yes" names the current notice and one of its languages; a "no" is never turned away for an
/// older one. Staff record a spoken or paper answer (Context::actor.on_behalf_of), and when it was
/// given.
Decision decide(const events::AnswerConsent& command, const State& state,
                const school::State& school, const child::State& child, const Context& context);

}  // namespace klasboek::aggregates::consent
