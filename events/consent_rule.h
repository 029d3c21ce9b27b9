#pragma once
// What the answers of those who decide add up to. Deciders and views use the same rule, so what a
// page shows is what a photo is checked against. Pure.
#include <cstdint>
#include <span>
#include <string_view>

#include "events/event.h"

namespace klasboek::events {

/// What one guardian (from sixteen: the pupil) says now about one purpose.
enum class ConsentVoice : std::uint8_t {
  silent,
  given,
  /// "Yes" to a notice that has since been replaced by one that asks again.
  lapsed,
  refused,
  /// "No" after an own "yes".
  withdrawn,
};

/// What it comes to for the child.
enum class ConsentOutcome : std::uint8_t {
  no_response,
  given,
  refused,
  withdrawn,
  /// Different answers. It blocks as every "no" does, and is a state that the school sees.
  conflicting,
  lapsed,
};

/// Somebody whose answer counts: with authority, and linked at the moment that is asked about.
struct ConsentDecider {
  std::uint8_t household = 1;
  ConsentVoice voice = ConsentVoice::silent;
  /// The pupil himself, from sixteen on: only he counts then.
  bool is_pupil = false;
};

/// What one "yes" is worth while another is silent, in the same household and across two.
struct ConsentPolicy {
  SilencePolicy one_household = SilencePolicy::one_yes_counts;
  SilencePolicy two_households = SilencePolicy::all_must_answer;
};

/// Where the pupil has answered, his answer. Else that of the guardians: any active "no" blocks. A
/// "yes" counts for a silent one as the policy says: the first part where somebody of the silent
/// one's own household said yes, the second where only others did. Nobody to decide is no response.
ConsentOutcome consent_outcome(std::span<const ConsentDecider> deciders, ConsentPolicy policy);

/// The outcome's public name, as `no_response`.
std::string_view name_of(ConsentOutcome outcome);

}  // namespace klasboek::events
