#include "aggregates/roster_import.h"

#include "aggregates/fold.h"
#include "aggregates/permissions.h"

namespace klasboek::aggregates::roster_import {

namespace {

bool is_of_a_roster(events::Role role) {
  return role == events::Role::teacher || role == events::Role::care ||
         role == events::Role::office;
}

}  // namespace

void evolve(State& state, const events::RosterImportEvent& event, const Happened& /*happened*/) {
  std::visit(Overloaded{
                 [&](const events::RosterImportBegun& e) {
                   state.begun = true;
                   state.chunks = e.chunks;
                 },
                 [&](const events::RosterChunkApplied& e) { state.next_chunk = e.chunk + 1; },
                 [&](const events::RosterImportCompleted&) { state.completed = true; },
             },
             event);
}

std::optional<Rejection> refuse_step(const events::CommandBody& step) {
  const auto* given = std::get_if<events::GiveRole>(&step);
  const auto* ended = std::get_if<events::EndRole>(&step);
  if ((given != nullptr && !is_of_a_roster(given->role)) ||
      (ended != nullptr && !is_of_a_roster(ended->role))) {
    return Rejection::role_not_granted_by_import;
  }
  if (!permission_of(step).in_import) return Rejection::import_step_not_allowed;
  return std::nullopt;
}

Decision decide(const events::BeginRosterImport& command, const State& state,
                const Context& /*context*/) {
  if (state.begun) return std::unexpected(Rejection::import_exists);
  events::RosterImportBegun event;
  event.roster_import = command.roster_import;
  event.digest = command.digest;
  event.chunks = command.chunks;
  return on_stream(events::roster_import_stream(command.roster_import), std::move(event));
}

Decision decide(const events::ApplyRosterChunk& command, const State& state,
                const Context& /*context*/) {
  if (!state.begun) return std::unexpected(Rejection::import_not_found);
  if (command.chunk != state.next_chunk || command.chunk >= state.chunks) {
    return std::unexpected(Rejection::import_chunk_out_of_order);
  }
  events::RosterChunkApplied event;
  event.chunk = command.chunk;
  return on_stream(events::roster_import_stream(command.roster_import), std::move(event));
}

Decision decide(const events::CompleteRosterImport& command, const State& state,
                const Context& /*context*/) {
  if (!state.begun) return std::unexpected(Rejection::import_not_found);
  if (state.next_chunk != state.chunks) return std::unexpected(Rejection::import_incomplete);
  if (state.completed) return std::unexpected(Rejection::import_completed);
  events::RosterImportCompleted event;
  event.chunks = state.chunks;
  return on_stream(events::roster_import_stream(command.roster_import), std::move(event));
}

}  // namespace klasboek::aggregates::roster_import
