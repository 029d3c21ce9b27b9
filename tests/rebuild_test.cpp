// Views that are made anew: from one reading of the log, beside those that serve, in bounded
// memory, and on from where they were cut off.
#include "projections/rebuild.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>

#include "projections/directory.h"
#include "tests/support/power_cut.h"
#include "tests/support/random_history.h"
#include "tests/support/rebuild_trial.h"

namespace klasboek::tests {
namespace {

using namespace events;
using projections::BuildPlace;
using projections::RebuildOptions;
using projections::RebuildStep;
using projections::ViewStore;

const projections::View& directory_view() { return *every_view().front(); }

std::string name_of_school(ViewFixture& fixture) {
  return projections::directory::school(fixture.views(), kSchool)->name;
}

TEST_CASE("all views are made anew from one reading of the log") {
  SchoolViews school;
  static_cast<void>(school.views());
  const auto reports = school.fixture.projector().rebuild(every_view());
  REQUIRE(reports.has_value());
  REQUIRE(reports->size() == every_view().size());
  for (std::size_t i = 0; i < reports->size(); ++i) {
    CHECK((*reports)[i].view == every_view()[i]->name());
    CHECK((*reports)[i].equal());
    CHECK((*reports)[i].events_read == school.story.history().size());
  }
}

TEST_CASE("while writers go on, readers have the view that serves, until the new one is there") {
  SchoolViews school;
  static_cast<void>(school.views());
  school.fixture.close_views();
  std::map<RebuildStep, int> seen;
  std::shared_ptr<projections::ViewFamily> serving;
  RebuildOptions options;
  options.rows_bytes_max = 8 << 10;
  options.run_bytes = 1 << 10;
  options.on_step = [&](RebuildStep step) {
    // Of the opening.
    if (!serving) return;
    // A writer, and a reader of what was written.
    const auto name =
        "Step " + std::to_string(++seen[step]) + " of " + std::to_string(static_cast<int>(step));
    school.story.by(kDirector)
        .when(made<RenameSchool>([&](auto& c) { c.name = name; }))
        .then_accepted();
    school.fixture.append(school.story);
    CHECK(name_of_school(school.fixture) == name);
    const auto family = school.fixture.projector().store().family_of("directory");
    CHECK((family == serving) == (step != RebuildStep::switched));
  };
  school.fixture.open_views(options);
  serving = school.fixture.projector().store().family_of("directory");
  const auto before = projections::end_of(school.fixture.ledger());
  const auto reports = school.fixture.projector().rebuild(every_view());
  REQUIRE(reports.has_value());
  for (const auto& report : *reports) {
    CAPTURE(report.view);
    CHECK(report.equal());
    CHECK(report.position > before);
  }
  CHECK(seen.size() == 6);
  CHECK(seen[RebuildStep::run_taken_in] > static_cast<int>(every_view().size()));
  // What was written while they were made is in both.
  serving.reset();
  const auto again = school.fixture.projector().rebuild(directory_view());
  REQUIRE(again.has_value());
  CHECK(again->equal());
}

/// Counts what others take of the machine's memory.
class CountedMemory final : public std::pmr::memory_resource {
 public:
  [[nodiscard]] std::size_t peak() const { return peak_; }
  [[nodiscard]] std::size_t held() const { return held_; }

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    held_ += size;
    peak_ = std::max(peak_, held_);
    return std::pmr::new_delete_resource()->allocate(size, alignment);
  }
  void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
    held_ -= size;
    std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
  std::size_t held_ = 0;
  std::size_t peak_ = 0;
};

/// The most that rows took of memory while every view was made anew within the limit.
std::size_t peak_of_rebuild(ViewFixture& fixture, std::size_t rows_bytes_max) {
  CountedMemory memory;
  RebuildOptions options;
  options.rows_bytes_max = rows_bytes_max;
  options.memory = &memory;
  fixture.close_views();
  fixture.open_views(options);
  const auto reports = fixture.projector().rebuild(every_view());
  REQUIRE(reports.has_value());
  for (const auto& report : *reports) {
    CAPTURE(report.view);
    CHECK(report.equal());
  }
  CHECK(memory.held() == 0);
  fixture.close_views();
  fixture.open_views();
  return memory.peak();
}

TEST_CASE("rows of a school many times the limit take no more memory than the limit") {
  constexpr std::size_t kLimit = 64 << 10;
  // Of each view a chunk, and what the largest commit brings.
  const auto beyond = (every_view().size() + 4) * (16 << 10);
  ViewFixture fixture;
  RandomHistory history(4);
  for (int step = 0; step < 1200; ++step) history.step();
  fixture.append(history.story());
  static_cast<void>(fixture.views());
  const auto unbounded = peak_of_rebuild(fixture, std::numeric_limits<std::size_t>::max());
  CHECK(unbounded > 5 * kLimit + beyond);
  CHECK(peak_of_rebuild(fixture, kLimit) <= kLimit + beyond);
}

TEST_CASE("a rebuild that was cut off at any step goes on where it was") {
  constexpr std::array kSteps = {RebuildStep::run_written, RebuildStep::run_taken_in,
                                 RebuildStep::built,       RebuildStep::caught_up,
                                 RebuildStep::compared,    RebuildStep::switched};
  for (const auto cut_at : kSteps) {
    CAPTURE(static_cast<int>(cut_at));
    std::mt19937_64 dice(static_cast<std::uint64_t>(cut_at));
    RebuildTrial trial(1);
    PowerCutDisk disk(std::numeric_limits<std::uint64_t>::max());
    int times = 0;
    const auto outcome = trial.rebuild_on(disk.env(), [&](RebuildStep step) {
      // Not at the first run, so that there is something to go on from.
      if (step == cut_at && (++times == 12 || step > RebuildStep::run_taken_in)) disk.cut();
    });
    CHECK(disk.was_cut());
    CHECK((outcome.has_value() ? RebuildStep::switched : RebuildStep::run_written) <= cut_at);
    disk.settle(dice);
    const auto read = trial.check_after();
    if (cut_at < RebuildStep::built) {
      CHECK(read > 0);
      CHECK(read < trial.events());
    } else if (cut_at < RebuildStep::switched) {
      CHECK(read == 0);
    } else {
      CHECK(read == trial.events());
    }
  }
}

TEST_CASE("a rebuild that is cut off at any moment goes on, and comes to the same rows") {
  check_rebuild_cuts({.first_seed = 1, .seeds = 2});
}

/// A family with a place that says all is built, and nothing in it: who believes it is found out.
void plant(const ViewFixture& fixture, const BuildPlace& place, const std::string& name) {
  auto store = ViewStore::open(fixture.views_directory());
  REQUIRE(store.has_value());
  const auto family = (*store)->create_family(name);
  REQUIRE(family.has_value());
  rocksdb::WriteBatch batch;
  ViewStore::put_place(batch, (*family)->handle(), place);
  REQUIRE((*store)->db().Write({}, &batch).ok());
}

TEST_CASE(
    "what was built for another version, of another log, or of one that has changed is left") {
  SchoolViews school;
  static_cast<void>(school.views());
  const auto& ledger = school.fixture.ledger();
  const auto right = projections::whole_at(directory_view(), ledger, projections::end_of(ledger));
  int planted_so_far = 0;
  const auto rebuilt_beside = [&](const BuildPlace& planted) {
    school.fixture.close_views();
    plant(school.fixture, planted, "planted " + std::to_string(++planted_so_far));
    school.fixture.open_views();
    const auto report = school.fixture.projector().rebuild(directory_view());
    REQUIRE(report.has_value());
    return *report;
  };
  // Who finds a place that fits goes on from it, here wrongly; so the others are told apart by it.
  const auto believed = rebuilt_beside(right);
  CHECK(believed.events_read == 0);
  CHECK(believed.rebuilt.rows == 0);

  const auto begins_anew = [&](const BuildPlace& planted) {
    const auto report = rebuilt_beside(planted);
    CHECK(report.rebuilt.rows > 0);
    CHECK(report.events_read == school.story.history().size());
  };
  auto other = right;
  ++other.version;
  begins_anew(other);
  other = right;
  other.log.log_id[0] ^= 1;
  begins_anew(other);
  other = right;
  other.last_frame[0] ^= 1;
  begins_anew(other);
  other = right;
  ++other.end;
  begins_anew(other);
}

}  // namespace
}  // namespace klasboek::tests
