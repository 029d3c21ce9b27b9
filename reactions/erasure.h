#pragma once
// Erasure, after the event (R14): what the log lists is destroyed in the vault, on every node,
// until it is done, and then the log says so.
//
//   SubjectErased ─▶ what the outside calls him, forgotten ─▶ keys destroyed ─▶ KeysDestroyed
//
// Everything that it must know is in the log and in the vault: what was cut off is done again, and
// a vault that was put back from a backup loses again what had gone before.
#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <stop_token>
#include <vector>

#include "reactions/node.h"

namespace klasboek::reactions {

/// One thread. Its clock is the node's.
class ErasureRoom {
 public:
  /// REQUIRES: node outlives it.
  explicit ErasureRoom(const Node& node) : node_(node) {}

  /// Destroys in this node's vault whatever the log lists, and appends nothing. Before anybody is
  /// served. The fault: some of it couldn't be done.
  std::expected<void, vault::VaultFault> destroy_listed();
  /// The same, then lists what was sealed too late to be listed, and records what is done.
  void round(const std::stop_token& stop = {});

 private:
  struct Erasure {
    events::SchoolId school;
    events::EventId cause;
    events::SubjectRef subject;
    events::ErasureGround ground = events::ErasureGround::request;
    std::int64_t erased_at_us = 0;
    std::vector<events::KeyId> keys;
    /// Those of its keys, as long as the vault could tell.
    std::set<events::RetentionClass> classes;
    bool destroyed = false;
    bool recorded = false;
  };
  struct Followed {
    std::uint64_t version = 0;
    std::vector<Erasure> open;
  };

  void follow(const log::Ledger& ledger, events::SchoolId school);
  std::expected<void, vault::VaultFault> destroy(Erasure& erasure);
  std::expected<void, vault::VaultFault> forget_names(const Erasure& erasure);
  /// False where it isn't known whether all are listed.
  bool list_latecomers(const Erasure& erasure);
  void record(Erasure& erasure);

  const Node& node_;
  std::map<events::SchoolId, Followed> schools_;
};

/// The command that erases a child, an account or a post: of whom it is, and no keys yet.
events::EraseSubject erasure_of(const events::SubjectRef& subject);

/// Whether the law has a school keep texts of the class for a term, of a child.
bool is_statutory(events::RetentionClass retention);

}  // namespace klasboek::reactions
