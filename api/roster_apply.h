#pragma once
// Carries a plan out: an import is a commit that begins it, chunks of steps, and a commit that
// completes it. It may be cut off anywhere. The same import asked again goes on with what is left;
// so does a new import of the same files; neither does anything twice.
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "api/roster_current.h"
#include "api/roster_plan.h"
#include "api/roster_read.h"
#include "reactions/node.h"

namespace klasboek::api::roster {

/// What an import of these files would do to the school as it is now.
struct Draft {
  Reading reading;
  /// Nothing of the files can be used; the rest is empty.
  bool refused = false;
  Day today;
  CurrentRoster current;
  Plan plan;
};
std::expected<Draft, CurrentFault> draft_import(const reactions::Node& node,
                                                events::SchoolId school, Day today,
                                                std::span<const NamedFile> files);

/// An import that is one, whoever asks again.
struct ImportOrder {
  events::SchoolId school;
  /// REQUIRES: always comes with the same files.
  events::RosterImportId id;
  events::Actor actor;
  /// The number of leavers that somebody confirmed.
  std::optional<std::size_t> leavers;
  /// Keyed hash of the files.
  events::Hash digest{};
};
events::Hash digest_of(const reactions::Node& node, events::SchoolId school,
                       std::span<const NamedFile> files);

/// How far an import is, as the log has it.
struct ImportState {
  bool begun = false;
  bool completed = false;
  std::uint32_t chunks_done = 0;
  std::uint32_t chunks = 0;
};
ImportState state_of(const reactions::Node& node, events::SchoolId school,
                     events::RosterImportId id);

enum class ApplyEnd : std::uint8_t {
  completed,
  cut_off,         // whoever looks on said so
  not_confirmed,   // nothing was done: the number of leavers has to be said
  school_changed,  // somebody else changed what the plan speaks of: draft it anew
  unavailable,     // log or vault can't take it just now, or it isn't known whether they did
};

struct ApplyOutcome {
  ApplyEnd end = ApplyEnd::completed;
  ImportState state;
  /// Steps that came up after the import had begun and found no place in it; a new import of the
  /// same files does them.
  std::size_t steps_left = 0;
  /// With school_changed: the public name of the rule that refused; empty where the vault did.
  std::string rejection;
};

/// Asked before every commit with the chunks that are done so far, of all; false cuts the import
/// off there.
using LookOn = std::function<bool(std::uint32_t done, std::uint32_t all)>;

/// REQUIRES: the draft isn't refused, and is of the files that the id stands for. Blocks. Thread
/// safe, also with the same id at the same moment.
ApplyOutcome apply(const reactions::Node& node, const ImportOrder& order, const Draft& draft,
                   const LookOn& look_on = {});

}  // namespace klasboek::api::roster
