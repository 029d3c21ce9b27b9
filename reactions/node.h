#pragma once
// What one running program has at hand: its shards, its vault, its clock and its dice. Everything
// that happens because of somebody or something passes through carry_out.
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "aggregates/decision.h"
#include "aggregates/facts.h"
#include "events/log/submit.h"
#include "events/log/surroundings.h"
#include "projections/shard.h"
#include "vault/vault.h"

namespace klasboek::reactions {

/// How long after its destruction a key may still lie somewhere (R15), µs.
struct ErasureTerms {
  /// In the topic of secrets, until it is compacted; 0 where there is none.
  std::int64_t topic_us = 0;
  /// In backups of the vault, until the last one that has it is thrown away.
  std::int64_t backups_us = 0;
};

/// Thread safe as its parts are. Owns nothing.
struct Node {
  projections::Shards& shards;
  vault::Vault& vault;
  /// Of the streams that were decided on last; the log has them all.
  aggregates::FoldCache& folds;
  /// µs since 1970.
  std::function<std::int64_t()> now_us;
  vault::Random random;
  log::Surroundings surroundings{};
  ErasureTerms erasure_terms{};

  /// A new UUIDv7 of this moment.
  template <class AnId>
  [[nodiscard]] AnId new_id() const {
    return AnId{events::uuid_v7(now_us() / 1000, vault::draw<10>(random))};
  }
};

/// A command on its way: who gives it, and how its texts are sealed.
struct Order {
  events::SchoolId school;
  events::Actor actor;
  events::CommandId command{};
  /// The event that it follows from, for reactions; zero where a person gives it.
  events::EventId causation;
  /// The request's canonical body: another one under the same command id is refused. Empty where
  /// there is nothing to compare.
  std::string canonical_body;
  /// What the order is based on, where whoever gives it says so: it is refused once the stream is
  /// at another version.
  std::optional<events::Condition> as_read;
  /// Seals the texts with the sealer and gives the command, whose slots are the sealer's numbers.
  /// Called once, before anything is decided.
  std::function<std::expected<events::CommandBody, vault::VaultFault>(vault::Sealer&)> build;
  std::chrono::milliseconds wait_max{10'000};
};

/// Load, decide, append, project: the outcome comes when the views of this node have it too.
log::SubmitOutcome carry_out(const Node& node, const Order& order);

/// The events that a command of a school made, oldest first; empty where it made none.
std::vector<events::RecordedEvent> events_of(const Node& node, events::SchoolId school,
                                             const log::Done& done);

}  // namespace klasboek::reactions
