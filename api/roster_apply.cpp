#include "api/roster_apply.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "aggregates/roster_import.h"
#include "api/roster_steps.h"

namespace klasboek::api::roster {

namespace {

/// A chunk stays far below a commit's limit, and its conditions and texts below theirs.
constexpr std::size_t kChunkStepsMax = 200;
constexpr std::size_t kChunkBytesMax = std::size_t{400} * 1024;
/// A file's own day counts as the first day of new pupils only where it is of this school year or
/// so; a clock that was wrong when the file was made mustn't reach into the past.
constexpr std::int32_t kAsOfDaysMax = 366;

/// Numbers of an import's commits, of which their command ids are made.
constexpr std::uint32_t kBeginning = 0;
constexpr std::uint32_t kFirstChunk = 1;
constexpr std::uint32_t kCompletion = std::numeric_limits<std::uint32_t>::max();

Day enrolled_from(const RosterFile& file, Day today) {
  if (!file.as_of || *file.as_of > today || *file.as_of < today.plus(-kAsOfDaysMax)) return today;
  return *file.as_of;
}

using Chunk = std::span<const Step>;

/// In order; steps that join the one before them stay with it unless they alone are too many.
std::vector<Chunk> chunks_of(std::span<const Step> steps) {
  std::vector<Chunk> chunks;
  std::size_t begin = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < steps.size();) {
    std::size_t end = i + 1;
    std::size_t unit_bytes = steps[i].bytes;
    while (end < steps.size() && steps[end].joins && end - i < kChunkStepsMax &&
           unit_bytes + steps[end].bytes <= kChunkBytesMax) {
      unit_bytes += steps[end++].bytes;
    }
    if (i > begin && (end - begin > kChunkStepsMax || bytes + unit_bytes > kChunkBytesMax)) {
      chunks.push_back(steps.subspan(begin, i - begin));
      begin = i;
      bytes = 0;
    }
    bytes += unit_bytes;
    i = end;
  }
  if (begin < steps.size()) chunks.push_back(steps.subspan(begin));
  return chunks;
}

class Import {
 public:
  Import(const reactions::Node& node, const ImportOrder& order, const LookOn& look_on)
      : node_(node), order_(order), look_on_(look_on) {}

  ApplyOutcome run(const Draft& draft) {
    outcome_.state = state_of(node_, order_.school, order_.id);
    if (outcome_.state.completed) return outcome_;
    // Whoever began it had confirmed the number, which is a smaller one now.
    if (!outcome_.state.begun && !is_confirmed(draft.plan, order_.leavers)) {
      return ended(ApplyEnd::not_confirmed);
    }
    const auto ids = claim_ids(node_, order_.school, draft.today, draft.plan);
    if (!ids) {
      return ended(ids.error() == IdFault::school_changed ? ApplyEnd::school_changed
                                                          : ApplyEnd::unavailable);
    }
    const auto views = node_.shards.of(order_.school).views();
    const auto steps = steps_of(draft.plan, *ids, {draft.current, views, order_.school},
                                {draft.today, enrolled_from(draft.reading.file, draft.today)});
    return carry_out_all(steps);
  }

 private:
  ApplyOutcome ended(ApplyEnd end) {
    outcome_.end = end;
    return outcome_;
  }

  ApplyOutcome carry_out_all(std::span<const Step> steps) {
    const auto chunks = chunks_of(steps);
    auto& state = outcome_.state;
    if (!state.begun) {
      state.chunks = static_cast<std::uint32_t>(chunks.size());
      if (!commit(kBeginning, begin())) return outcome_;
      state.begun = true;
    }
    // The chunks of one that goes on are those that were left, unless others changed the school.
    for (std::size_t n = 0; state.chunks_done < state.chunks; ++n) {
      const auto chunk = n < chunks.size() ? chunks[n] : Chunk{};
      if (!commit(kFirstChunk + state.chunks_done, apply_chunk(chunk))) return outcome_;
      ++state.chunks_done;
      done_steps_ += chunk.size();
    }
    outcome_.steps_left = steps.size() - done_steps_;
    if (!commit(kCompletion, complete())) return outcome_;
    state.completed = true;
    return ended(ApplyEnd::completed);
  }

  using Build =
      std::function<std::expected<events::CommandBody, vault::VaultFault>(vault::Sealer&)>;

  Build begin() const {
    return [this](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
      events::BeginRosterImport command;
      command.roster_import = order_.id;
      command.digest.assign(order_.digest.begin(), order_.digest.end());
      command.chunks = outcome_.state.chunks;
      return command;
    };
  }

  Build apply_chunk(Chunk chunk) const {
    return [this,
            chunk](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
      events::ApplyRosterChunk command;
      command.roster_import = order_.id;
      command.chunk = outcome_.state.chunks_done;
      for (const Step& step : chunk) {
        auto body = step.build(sealer);
        if (!body) return std::unexpected(body.error());
        command.steps.push_back(events::roster_step(*std::move(body)));
      }
      return command;
    };
  }

  Build complete() const {
    return [this](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
      events::CompleteRosterImport command;
      command.roster_import = order_.id;
      return command;
    };
  }

  /// False, and the outcome says why, where it isn't done.
  bool commit(std::uint32_t number, const Build& build) {
    if (look_on_ && !look_on_(outcome_.state.chunks_done, outcome_.state.chunks)) {
      ended(ApplyEnd::cut_off);
      return false;
    }
    reactions::Order order;
    order.school = order_.school;
    order.actor = order_.actor;
    order.command = events::command_id_of_chunk(events::to_bytes(order_.id.value), number);
    order.build = build;
    const auto submitted = reactions::carry_out(node_, order);
    if (std::holds_alternative<log::Done>(submitted)) return true;
    if (const auto* refused = std::get_if<log::Refused>(&submitted)) {
      outcome_.rejection = refused->rejection;
      ended(ApplyEnd::school_changed);
    } else {
      ended(ApplyEnd::unavailable);
    }
    return false;
  }

  const reactions::Node& node_;
  const ImportOrder& order_;
  const LookOn& look_on_;
  ApplyOutcome outcome_;
  std::size_t done_steps_ = 0;
};

}  // namespace

std::expected<Draft, CurrentFault> draft_import(const reactions::Node& node,
                                                events::SchoolId school, Day today,
                                                std::span<const NamedFile> files) {
  Draft draft;
  draft.today = today;
  std::vector<Reading> readings;
  readings.reserve(files.size());
  for (const NamedFile& file : files) {
    readings.push_back(read_roster(file.bytes, file.name, today));
  }
  draft.reading = combine(readings);
  draft.refused = refuses_file(draft.reading.problems);
  if (draft.refused) return draft;
  auto current = read_current(node, school, today, draft.reading.file);
  if (!current) return std::unexpected(current.error());
  draft.current = *std::move(current);
  draft.plan = make_plan(draft.reading.file, draft.current);
  return draft;
}

events::Hash digest_of(const reactions::Node& node, events::SchoolId school,
                       std::span<const NamedFile> files) {
  std::vector<std::string_view> parts;
  for (const NamedFile& file : files) parts.emplace_back(file.bytes);
  return node.vault.lookup().digest(school, parts);
}

ImportState state_of(const reactions::Node& node, events::SchoolId school,
                     events::RosterImportId id) {
  const auto streams = node.shards.of(school).ledger().snapshot(school);
  aggregates::Facts facts(school, *streams, &node.folds);
  const auto& state = facts.roster_import(id);
  return {state.begun, state.completed, state.next_chunk, state.chunks};
}

ApplyOutcome apply(const reactions::Node& node, const ImportOrder& order, const Draft& draft,
                   const LookOn& look_on) {
  return Import(node, order, look_on).run(draft);
}

}  // namespace klasboek::api::roster
