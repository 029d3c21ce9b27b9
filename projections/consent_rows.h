#pragma once
// The keys and bytes of the consent view's rows. Only the consent view includes this.
#include <map>
#include <string>
#include <string_view>

#include "projections/consent_view.h"
#include "projections/directory.h"

namespace klasboek::projections::consent_view::rows {

/// The last answer of everybody to one purpose; the one that is new here is `newest`.
struct Answers {
  events::AccountId newest;
  std::vector<Answer> answers;
};

struct Purpose {
  events::PurposeId id;
  std::string code;
  std::uint32_t notice_version = 0;
  /// A "yes" to a version before this one has lapsed.
  std::uint32_t asked_from_version = 1;
};

struct Settings {
  events::ConsentPolicy policy;
  /// In the order of their ids.
  std::vector<Purpose> purposes;
};

using Guardians = std::vector<directory::GuardianLink>;

// Prefixes of a history; its newest row comes first. at_key is where the history as of a sequence
// begins.
std::string answers_prefix(events::ChildId child, events::PurposeId purpose);
std::string guardians_prefix(events::ChildId child);
std::string settings_prefix();
std::string at_key(const std::string& prefix, std::uint64_t sequence);
std::string version_key(events::ChildId child);

std::string encode(const Answers& answers);
std::string encode(const Settings& settings);
std::string encode(const Guardians& guardians);
void decode(std::string_view bytes, Answers& answers);
void decode(std::string_view bytes, Settings& settings);
void decode(std::string_view bytes, Guardians& guardians);

}  // namespace klasboek::projections::consent_view::rows
