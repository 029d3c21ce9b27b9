#include "events/consent_rule.h"

#include <algorithm>
#include <utility>

namespace klasboek::events {

namespace {

bool any(std::span<const ConsentDecider> deciders, ConsentVoice voice) {
  return std::ranges::any_of(deciders,
                             [voice](const auto& decider) { return decider.voice == voice; });
}

bool is_silent(const ConsentDecider& decider) {
  return decider.voice == ConsentVoice::silent || decider.voice == ConsentVoice::lapsed;
}

/// Whether somebody else's "yes" counts for this silent one.
bool is_spoken_for(const ConsentDecider& silent, std::span<const ConsentDecider> deciders,
                   ConsentPolicy policy) {
  const bool yes_at_home = std::ranges::any_of(deciders, [&silent](const auto& decider) {
    return decider.voice == ConsentVoice::given && decider.household == silent.household;
  });
  const auto rule = yes_at_home ? policy.one_household : policy.two_households;
  return rule == SilencePolicy::one_yes_counts;
}

}  // namespace

ConsentOutcome consent_outcome(std::span<const ConsentDecider> deciders, ConsentPolicy policy) {
  const auto pupil = std::ranges::find(deciders, true, &ConsentDecider::is_pupil);
  if (pupil != deciders.end() && deciders.size() > 1) return consent_outcome({&*pupil, 1}, policy);
  const bool yes = any(deciders, ConsentVoice::given);
  const bool withdrawn = any(deciders, ConsentVoice::withdrawn);
  const bool no = withdrawn || any(deciders, ConsentVoice::refused);
  if (no && yes) return ConsentOutcome::conflicting;
  if (no) return withdrawn ? ConsentOutcome::withdrawn : ConsentOutcome::refused;

  const bool covered = std::ranges::all_of(deciders, [&](const auto& decider) {
    return !is_silent(decider) || is_spoken_for(decider, deciders, policy);
  });
  if (yes && covered) return ConsentOutcome::given;
  return any(deciders, ConsentVoice::lapsed) ? ConsentOutcome::lapsed : ConsentOutcome::no_response;
}

std::string_view name_of(ConsentOutcome outcome) {
  switch (outcome) {
    case ConsentOutcome::no_response:
      return "no_response";
    case ConsentOutcome::given:
      return "given";
    case ConsentOutcome::refused:
      return "refused";
    case ConsentOutcome::withdrawn:
      return "withdrawn";
    case ConsentOutcome::conflicting:
      return "conflicting";
    case ConsentOutcome::lapsed:
      return "lapsed";
  }
  std::unreachable();
}

}  // namespace klasboek::events
