#include "tests/support/rebuild_trial.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <random>

#include "events/log/rocks.h"
#include "tests/support/power_cut.h"
#include "tests/support/random_history.h"

namespace klasboek::tests {

namespace {

using projections::Projector;
using projections::RebuildOptions;

constexpr std::uint64_t kSchools = 3;
constexpr int kSteps = 60;
constexpr std::size_t kRowsBytesMax = 32 << 10;
constexpr std::size_t kRunBytes = 4 << 10;
/// A rebuild that goes on is cut again: places lie upon places.
constexpr int kCutsPerTown = 3;

}  // namespace

std::vector<const projections::View*> every_view() {
  std::vector<const projections::View*> views;
  for (const auto& view : projections::all_views()) views.push_back(view.get());
  return views;
}

RebuildTrial::RebuildTrial(std::uint64_t seed) {
  for (std::uint64_t n = 0; n < kSchools; ++n) {
    RandomHistory history(seed * kSchools + n);
    for (int step = 0; step < kSteps; ++step) history.step();
    const auto school = numbered<events::SchoolId>(n + 1);
    fixture_.append(history.story(), school);
    events_ += fixture_.ledger().school_head(school).next_sequence;
  }
  {
    const auto views = fixture_.views();
    for (const auto* view : every_view()) {
      right_[std::string(view->name())] = views.digest(view->name());
    }
  }
  fixture_.close_views();
}

RebuildTrial::Outcome RebuildTrial::rebuild_on(
    rocksdb::Env* disk, std::function<void(projections::RebuildStep)> on_step) {
  log::Surroundings surroundings;
  surroundings.disk = disk;
  RebuildOptions options;
  options.rows_bytes_max = kRowsBytesMax;
  options.run_bytes = kRunBytes;
  options.on_step = std::move(on_step);
  auto opened = Projector::open(fixture_.views_directory(), fixture_.ledger(), {}, surroundings,
                                std::move(options));
  if (!opened) return std::unexpected(opened.error());
  return (*opened)->rebuild(every_view());
}

std::uint64_t RebuildTrial::check_after() {
  const auto reports = rebuild_on(nullptr);
  if (!reports) FAIL("views don't open, or can't be made anew: " << reports.error().message);
  for (const auto& report : *reports) {
    INFO(report.view);
    CHECK(report.live == right_.at(report.view));
    CHECK(report.rebuilt == right_.at(report.view));
  }
  check_disk();
  return reports->front().events_read;
}

void RebuildTrial::check_disk() const {
  for (const auto& entry : std::filesystem::directory_iterator(fixture_.views_directory())) {
    INFO(entry.path());
    CHECK_FALSE(entry.path().filename().string().starts_with("rebuild"));
  }
  std::vector<std::string> families;
  REQUIRE(rocksdb::DB::ListColumnFamilies(log::rocks::db_options(),
                                          fixture_.views_directory().string(), &families)
              .ok());
  CHECK(families.size() == every_view().size() + 1);
}

std::uint64_t RebuildTrial::count_calls() {
  std::atomic<std::uint64_t> calls = 0;
  DiskWatch watch;
  watch.after = [&](const DiskCall&) { ++calls; };
  const auto disk = watched_disk(std::move(watch));
  REQUIRE(rebuild_on(disk.get()).has_value());
  return calls;
}

void check_rebuild_cuts(const RebuildCuts& cuts) {
  std::uint64_t resumed = 0;
  for (auto seed = cuts.first_seed; seed < cuts.first_seed + cuts.seeds; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 dice(seed);
    RebuildTrial trial(seed);
    const auto calls = trial.count_calls();
    for (int n = 0; n < kCutsPerTown; ++n) {
      PowerCutDisk disk(1 + dice() % calls);
      static_cast<void>(trial.rebuild_on(disk.env()));
      disk.cut();
      disk.settle(dice);
      // Now and then it is cut again before it is whole.
      if (dice() % 3 == 0) continue;
      if (trial.check_after() < trial.events()) ++resumed;
    }
  }
  CHECK(resumed > 0);
}

}  // namespace klasboek::tests
