#pragma once
// What must hold when a simulation has come to rest.
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "events/event.h"
#include "tests/simulation/node.h"
#include "tests/simulation/partition.h"
#include "tests/simulation/request.h"
#include "tests/simulation/world.h"

namespace klasboek::tests {

/// Who belongs with which child, by nothing but the events that say so: a second opinion on what
/// views and decisions make of them.
class Families {
 public:
  using School = events::SchoolId;

  void on(const events::RecordedEvent& event);
  [[nodiscard]] bool is_guardian(School school, events::AccountId account,
                                 events::ChildId child) const;
  [[nodiscard]] std::set<events::ChildId> children_of(School school,
                                                      events::AccountId account) const;

 private:
  std::map<std::pair<School, events::ChildId>, std::set<events::AccountId>> guardians_;
};

class SimulationChecks {
 public:
  SimulationChecks(World& world, const SimulatedRequests& requests, const SimulatedKeys& keys)
      : world_(world), requests_(requests), keys_(keys) {}

  /// What holds of one node's ledger and views: versions without gaps, time that doesn't run back,
  /// no command twice, every decision again the same; each answer true, each key durable, and each
  /// family by itself.
  void check_node(SimulatedNode& node);
  /// Views that are made anew of the first node's log are those that every node has carried along.
  void check_rebuilt(const std::vector<SimulatedNode*>& nodes);
  /// Notes what a ledger holds of all schools; the first one is what all others must be.
  void check_same(const log::Ledger& ledger);
  /// Another reader of the same log comes to the same ledger.
  void check_reader(const log::Ledger& ledger);
  /// Two readers with other batches come to the same verdicts, and to the ledger that nodes have.
  /// How many records are void or count for nothing.
  std::uint64_t check_readers(const SimulatedPartition& partition);

 private:
  void check_commit(const log::Ledger& ledger, const log::StoredCommit& commit);
  void check_school(const log::Ledger& ledger, events::SchoolId school);
  void check_answers(const log::Ledger& ledger);
  void check_answer(const log::Ledger& ledger, const SimulatedRequest& request,
                    const log::SubmitOutcome& answer);
  void check_decision(const log::Ledger& ledger, const log::StoredCommit& commit,
                      const SimulatedRequests::Attempt& attempt);
  void check_families(const projections::ViewSnapshot& views, const Families& families,
                      events::SchoolId school);
  /// R11, of a record that counts.
  void check_stamp(const SimulatedPartition::Record& record);

  World& world_;
  const SimulatedRequests& requests_;
  const SimulatedKeys& keys_;
  std::string first_ledger_;
};

}  // namespace klasboek::tests
