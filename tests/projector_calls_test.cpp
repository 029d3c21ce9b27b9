// Calls that come once the views have a record: what a request that changed something waits for.
#include <catch2/catch.hpp>
#include <future>

#include "projections/directory.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;

constexpr log::Position kFarAhead = 1'000'000;

log::Position last_position(const ViewFixture& fixture) {
  return fixture.ledger().tail()->position;
}

void rename_school(Story& story, const std::string& name) {
  story.by(kDirector).when(made<RenameSchool>([&](auto& c) { c.name = name; })).then_accepted();
}

}  // namespace

TEST_CASE("a call that waits for a record comes when the views have it, and no sooner") {
  SchoolViews school;
  // Each round races the projector with whoever asks to be called.
  for (int round = 0; round < 300; ++round) {
    const auto name = "Round " + std::to_string(round);
    static_cast<void>(school.views());
    const auto position = last_position(school.fixture) + 1;
    std::promise<std::string> seen;
    school.fixture.projector().when_projected(position, [&] {
      const projections::ViewSnapshot views(school.fixture.projector().store());
      seen.set_value(projections::directory::school(views, kSchool)->name);
    });
    rename_school(school.story, name);
    school.fixture.append(school.story);
    auto called = seen.get_future();
    REQUIRE(called.wait_for(kViewsWaitMax) == std::future_status::ready);
    REQUIRE(called.get() == name);
  }
}

TEST_CASE("a call for a record that the views have comes at once") {
  SchoolViews school;
  static_cast<void>(school.views());
  bool called = false;
  school.fixture.projector().when_projected(last_position(school.fixture), [&] { called = true; });
  CHECK(called);
}

TEST_CASE("a call for a record that never comes is made when the projector closes") {
  SchoolViews school;
  static_cast<void>(school.views());
  bool called = false;
  school.fixture.projector().when_projected(kFarAhead, [&] { called = true; });
  CHECK_FALSE(called);
  school.fixture.close_views();
  CHECK(called);
}

TEST_CASE("an append that is to be seen is answered only then; one that fails, at once") {
  SchoolViews school;
  static_cast<void>(school.views());
  std::vector<log::Position> asked;
  std::function<void()> held;
  const log::WhenSeen when_seen = [&](log::Position position, std::function<void()> call) {
    asked.push_back(position);
    held = std::move(call);
  };
  const auto position = last_position(school.fixture) + 1;
  const auto version = school.fixture.ledger().snapshot(kSchool)->read(school_stream(kSchool),
                                                                       [](const RecordedEvent&) {});
  const auto unseen =
      log::append_and_wait(school.fixture.log(), {small_commit(kSchool, "seen", version), {}},
                           std::chrono::milliseconds(200), when_seen);
  CHECK(std::holds_alternative<log::UnknownOutcome>(unseen));
  CHECK(asked == std::vector{position});
  // Whoever waited is gone; the call may still come.
  held();
  const auto late = log::append_and_wait(
      school.fixture.log(), {small_commit(kSchool, "late", version), {}}, kViewsWaitMax, when_seen);
  CHECK(std::holds_alternative<log::MovedStream>(late));
  CHECK(asked.size() == 1);
}

}  // namespace klasboek::tests
