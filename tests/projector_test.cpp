#include "projections/projector.h"

#include <rocksdb/db.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "events/log/rocks.h"
#include "projections/directory.h"
#include "projections/view_store.h"
#include "tests/support/bit_rot.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;
using projections::Projector;
using projections::View;
using projections::ViewRows;
using projections::ViewStore;

const View& view_named(std::string_view name) {
  for (const auto& view : projections::all_views()) {
    if (view->name() == name) return *view;
  }
  throw std::logic_error("no such view");
}

/// The directory's view as a later program has it.
class LaterDirectory final : public View {
 public:
  [[nodiscard]] std::string_view name() const override { return projections::directory::kName; }
  [[nodiscard]] std::uint32_t version() const override { return 1'000; }
  void on(const RecordedEvent&, ViewRows&) const override {}
};

std::vector<std::string> families_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  REQUIRE(
      rocksdb::DB::ListColumnFamilies(log::rocks::db_options(), directory.string(), &names).ok());
  return names;
}

std::string name_of_school(ViewFixture& fixture) {
  const auto row = projections::directory::school(fixture.views(), kSchool);
  return row ? row->name : "none";
}

void rename_school(Story& story, const std::string& name) {
  story.by(kDirector).when(made<RenameSchool>([&](auto& c) { c.name = name; })).then_accepted();
}

/// Writes a row that no fold wrote into the family that serves.
void damage(const ViewStore& store, std::string_view view) {
  const auto key = log::rocks::Key{}.uuid(kSchool.value).str() + "zz";
  REQUIRE(store.db().Put({}, store.family_of(view)->handle(), key, "damage").ok());
}

TEST_CASE("who waits for a position finds it in the views") {
  SchoolViews school;
  // Each round races the follower's look at the log with the news of the next commit.
  for (int round = 0; round < 300; ++round) {
    rename_school(school.story, "Round " + std::to_string(round));
    school.fixture.append(school.story);
    REQUIRE(name_of_school(school.fixture) == "Round " + std::to_string(round));
  }
}

TEST_CASE("a position that doesn't come is waited for no longer than that") {
  SchoolViews school;
  static_cast<void>(school.views());
  CHECK_FALSE(school.fixture.projector().wait_for(1'000'000, std::chrono::milliseconds(1)));
  CHECK(school.fixture.projector().fault().empty());
}

TEST_CASE("a snapshot stands still while views go on") {
  SchoolViews school;
  const auto before = school.views();
  rename_school(school.story, "Het Nieuwe Nest");
  static_cast<void>(school.views());
  CHECK(projections::directory::school(before, kSchool)->name == "De Berk");
  CHECK(name_of_school(school.fixture) == "Het Nieuwe Nest");
}

TEST_CASE("views that were closed go on where they were") {
  SchoolViews school;
  const auto digest = school.views().digest(projections::directory::kName);
  school.fixture.close_views();
  school.fixture.open_views();
  CHECK(school.views().digest(projections::directory::kName) == digest);
  school.fixture.close_views();
  rename_school(school.story, "Het Nieuwe Nest");
  school.fixture.append(school.story);
  school.fixture.open_views();
  CHECK(name_of_school(school.fixture) == "Het Nieuwe Nest");
}

TEST_CASE("a view is made anew beside the one that serves, while commits come in") {
  SchoolViews school;
  static_cast<void>(school.views());
  std::atomic<bool> is_done = false;
  std::atomic<int> unequal = 0;
  std::atomic<int> rebuilt = 0;
  std::thread rebuilder([&] {
    while (!is_done || rebuilt < 7) {
      const auto& views = projections::all_views();
      const auto& view = *views[static_cast<std::size_t>(rebuilt) % views.size()];
      const auto report = school.fixture.projector().rebuild(view);
      if (!report || !report->equal()) ++unequal;
      ++rebuilt;
    }
  });
  for (int round = 0; round < 200; ++round) {
    rename_school(school.story, "Round " + std::to_string(round));
    school.fixture.append(school.story);
    CHECK(name_of_school(school.fixture) == "Round " + std::to_string(round));
  }
  is_done = true;
  rebuilder.join();
  CHECK(unequal == 0);
  CHECK(name_of_school(school.fixture) == "Round 199");
  school.fixture.close_views();
  CHECK(families_in(school.fixture.views_directory()).size() ==
        projections::all_views().size() + 1);
}

TEST_CASE("a view that isn't what the log says is found out and replaced") {
  SchoolViews school;
  const auto right = school.views().digest(projections::directory::kName);
  damage(school.fixture.projector().store(), projections::directory::kName);
  const auto held = school.views();
  const auto report = school.fixture.projector().rebuild(view_named("directory"));
  REQUIRE(report.has_value());
  CHECK_FALSE(report->equal());
  CHECK(report->view == "directory");
  CHECK(report->rebuilt == right);
  CHECK(report->live.rows == right.rows + 1);
  CHECK(school.views().digest(projections::directory::kName) == right);
  // Who held the old one still reads it.
  CHECK(held.digest(projections::directory::kName) == report->live);
}

TEST_CASE("progress of a rebuild ends with all events") {
  SchoolViews school;
  static_cast<void>(school.views());
  std::uint64_t last_done = 0;
  std::uint64_t last_all = 0;
  const auto report =
      school.fixture.projector().rebuild(view_named("feed"), [&](std::uint64_t done, auto all) {
        CHECK(done >= last_done);
        last_done = done;
        last_all = all;
      });
  REQUIRE(report.has_value());
  CHECK(last_done == school.story.history().size());
  CHECK(last_all == last_done);
}

TEST_CASE("a rebuild that was cut off leaves no family and no file behind") {
  SchoolViews school;
  const auto digest = school.views().digest("feed");
  school.fixture.close_views();
  const auto directory = school.fixture.views_directory();
  const auto before = families_in(directory);
  const auto file = directory / "rebuild-feed.rows";
  {
    auto store = ViewStore::open(directory);
    REQUIRE(store.has_value());
    REQUIRE((*store)->create_family((*store)->new_family_name(view_named("feed"))).has_value());
    std::ofstream(file) << "half a file";
  }
  CHECK(families_in(directory).size() == before.size() + 1);
  school.fixture.open_views();
  CHECK(school.views().digest("feed") == digest);
  school.fixture.close_views();
  CHECK(families_in(directory) == before);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a view of another version is made anew when views are opened") {
  SchoolViews school;
  const auto digest = school.views().digest(projections::directory::kName);
  const auto directory = school.fixture.views_directory();
  school.fixture.close_views();
  {
    auto store = ViewStore::open(directory);
    REQUIRE(store.has_value());
    const auto state = (*store)->state_of(view_named("directory"));
    REQUIRE(state.has_value());
    damage(**store, projections::directory::kName);
    rocksdb::WriteBatch batch;
    (*store)->put_position(batch, LaterDirectory(), *state);
    REQUIRE((*store)->db().Write({}, &batch).ok());
  }
  school.fixture.open_views();
  CHECK(school.views().digest(projections::directory::kName) == digest);
  school.fixture.close_views();
  CHECK(families_in(directory).size() == projections::all_views().size() + 1);
}

TEST_CASE("views whose database is damaged are made anew from the log") {
  SchoolViews school;
  const auto digest = school.views().digest(projections::directory::kName);
  school.fixture.close_views();
  const auto directory = school.fixture.views_directory();
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.path().filename().string().starts_with("MANIFEST")) continue;
    flip_byte(entry.path(), std::filesystem::file_size(entry.path()) / 2, 1);
  }
  school.fixture.open_views();
  CHECK(school.views().digest(projections::directory::kName) == digest);
  school.fixture.close_views();
  CHECK(families_in(directory).size() == projections::all_views().size() + 1);
}

TEST_CASE("views that are ahead of the log, as after a restore, are made anew") {
  SchoolViews school;
  const auto digest = school.views().digest(projections::directory::kName);
  school.fixture.close_views();
  {
    auto store = ViewStore::open(school.fixture.views_directory());
    REQUIRE(store.has_value());
    const auto& view = view_named("directory");
    auto state = (*store)->state_of(view);
    REQUIRE(state.has_value());
    state->next_position += 5;
    damage(**store, projections::directory::kName);
    rocksdb::WriteBatch batch;
    (*store)->put_position(batch, view, *state);
    REQUIRE((*store)->db().Write({}, &batch).ok());
  }
  school.fixture.open_views();
  CHECK(school.views().digest(projections::directory::kName) == digest);
}

}  // namespace
}  // namespace klasboek::tests
