#include "tests/support/power_trial.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "events/log/acknowledged_file.h"
#include "tests/support/disk_trial.h"
#include "tests/support/power_cut.h"
#include "tests/support/random_history.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {

namespace {

/// Opening and the appends of a trial change the disk about as often.
constexpr std::uint64_t kCallsMax = 120;
/// The log is closed, opened and cut again: damage may lie upon damage.
constexpr int kCutsPerLog = 3;
/// Of a history that goes on while the views' disk is there.
constexpr int kStepsPerCut = 12;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream bytes(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(bytes), {}};
}

/// The file that says how far the log is acknowledged isn't RocksDB's, and isn't synced: of the
/// write that comes next some bytes reach the disk, and not all.
void tear_acknowledged(const std::filesystem::path& path, std::mt19937_64& dice) {
  auto content = content_of(path);
  {
    auto file = log::AcknowledgedFile::open(path);
    REQUIRE(file.has_value());
    log::Tail next;
    if (file->tail()) next.position = file->tail()->position + 1;
    for (auto& byte : next.record_hash) byte = static_cast<std::uint8_t>(dice());
    REQUIRE(file->write(next).has_value());
  }
  const auto whole = content_of(path);
  content.resize(std::max(content.size(), whole.size()));
  std::vector<std::size_t> changed;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if (content[at] != whole[at]) changed.push_back(at);
  }
  REQUIRE_FALSE(changed.empty());
  const auto missing = changed[dice() % changed.size()];
  for (const auto at : changed) {
    if (at != missing && dice() % 2 == 0) content[at] = whole[at];
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

void check_same_rows(ViewFixture& fixture, projections::Projector& never_cut) {
  const auto tail = fixture.ledger().tail();
  REQUIRE(tail.has_value());
  REQUIRE(never_cut.wait_for(tail->position, kViewsWaitMax));
  const auto rows = fixture.views();
  const projections::ViewSnapshot expected(never_cut.store());
  for (const auto& view : projections::all_views()) {
    INFO("view " << view->name());
    CHECK(rows.digest(view->name()) == expected.digest(view->name()));
  }
}

}  // namespace

void check_power_cuts(const PowerCuts& cuts) {
  std::size_t cut_in_time = 0;
  for (auto seed = cuts.first_seed; seed < cuts.first_seed + cuts.seeds; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 dice(seed);
    DiskTrial trial;
    for (int n = 0; n < kCutsPerLog; ++n) {
      PowerCutDisk disk(1 + dice() % kCallsMax);
      if (trial.append_on(*disk.env()).met_fault) ++cut_in_time;
      disk.cut();
      disk.settle(dice);
      const auto torn_writes = 1 + dice() % 2;
      for (std::uint64_t write = 0; write < torn_writes; ++write) {
        tear_acknowledged(trial.directory() / "acknowledged", dice);
      }
      trial.check_after();
    }
  }
  // Not all cuts came after all was done.
  CHECK(cut_in_time > cuts.seeds);
}

void check_power_cuts_of_views(const PowerCuts& cuts) {
  ViewFixture fixture;
  RandomHistory history(cuts.first_seed);
  fixture.append(history.story());
  const TemporaryDirectory elsewhere;
  auto never_cut = projections::Projector::open(elsewhere / "views", fixture.ledger());
  REQUIRE(never_cut.has_value());
  std::size_t cut_in_time = 0;
  for (auto seed = cuts.first_seed; seed < cuts.first_seed + cuts.seeds; ++seed) {
    INFO("seeds " << cuts.first_seed << " to " << seed);
    std::mt19937_64 dice(seed);
    fixture.close_views();
    PowerCutDisk disk(1 + dice() % kCallsMax);
    const bool opened = fixture.try_open_views(disk.env());
    for (int n = 0; n < kStepsPerCut; ++n) {
      history.step();
      fixture.append(history.story());
      if (!opened) continue;
      // It stops where the power goes; what matters is what is there afterwards.
      static_cast<void>(
          fixture.projector().wait_for(fixture.ledger().tail()->position, kViewsWaitMax));
    }
    if (disk.was_cut()) ++cut_in_time;
    fixture.close_views();
    disk.cut();
    disk.settle(dice);
    fixture.open_views();
    (*never_cut)->notify(fixture.ledger().tail()->position);
    check_same_rows(fixture, **never_cut);
  }
  CHECK(cut_in_time > cuts.seeds / 4);
}

}  // namespace klasboek::tests
