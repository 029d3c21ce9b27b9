#pragma once
// An import of a roster: many commits (chunks) of one plan, applied in order and resumable. What a
// step may be is narrower than what the office may do by hand, because a file is no decision.
#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::roster_import {

struct State {
  using Event = events::RosterImportEvent;
  bool begun = false;
  std::uint32_t chunks = 0;
  /// The chunk that comes next; equal to `chunks` when all are applied.
  std::uint32_t next_chunk = 0;
  bool completed = false;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::RosterImportEvent& event, const Happened& happened);

/// Why a command can't be a step of an import; nullopt where it can. An import gives no role but
/// teacher, care and office, and never touches the authority of a guardian who is linked already:
/// it can neither record authority nor unlink.
std::optional<Rejection> refuse_step(const events::CommandBody& step);

Decision decide(const events::BeginRosterImport& command, const State& state,
                const Context& context);
/// Only the chunk's own part: whether it is its turn, and the mark on the import's stream. Its
/// steps are decided in decide.cpp, one after the other.
Decision decide(const events::ApplyRosterChunk& command, const State& state,
                const Context& context);
Decision decide(const events::CompleteRosterImport& command, const State& state,
                const Context& context);

}  // namespace klasboek::aggregates::roster_import
