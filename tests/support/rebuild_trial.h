#pragma once
// Views of a small town that are made anew on a disk whose power is cut, and what must hold
// afterwards: the views that serve are right, a rebuild goes on and comes to the same rows, and
// nothing of what was cut off is left on the disk.
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "projections/projector.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {

/// Every view there is.
std::vector<const projections::View*> every_view();

class RebuildTrial {
 public:
  /// Three schools; each seed has its own history.
  explicit RebuildTrial(std::uint64_t seed);

  using Outcome = std::expected<std::vector<projections::RebuildReport>, log::LogFault>;
  /// Opens the views on this disk (nullptr: the machine's), makes all of them anew, and closes
  /// them. Runs are short, and rows have so little memory that they go out within a school.
  Outcome rebuild_on(rocksdb::Env* disk,
                     std::function<void(projections::RebuildStep)> on_step = {});
  /// Makes all of them anew on the machine's disk; all must be as they were. Answers how many
  /// events were read of the log.
  std::uint64_t check_after();
  /// Calls that change the disk while views are opened and made anew.
  std::uint64_t count_calls();
  /// Of the whole log.
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  void check_disk() const;

  ViewFixture fixture_;
  std::uint64_t events_ = 0;
  std::map<std::string, projections::ViewDigest> right_;
};

struct RebuildCuts {
  std::uint64_t first_seed = 0;
  std::uint64_t seeds = 0;
};
/// Each seed is the moments of some cuts and what the disk makes of them. Fails the test where
/// check_after does, or where all rebuilds begin from nothing.
void check_rebuild_cuts(const RebuildCuts& cuts);

}  // namespace klasboek::tests
