#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "aggregates/absence.h"
#include "aggregates/calendar.h"
#include "aggregates/child.h"
#include "aggregates/consent.h"
#include "aggregates/facts.h"
#include "aggregates/leave.h"
#include "projections/absence_view.h"
#include "projections/audit_view.h"
#include "projections/consent_view.h"
#include "projections/directory.h"
#include "projections/feed.h"
#include "projections/leave_view.h"
#include "tests/support/golden_values.h"
#include "tests/support/random_history.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;
using projections::ViewSnapshot;

constexpr std::uint64_t kSeeds = 3;
constexpr int kSteps = 250;
constexpr std::uint64_t kSchools = 3;

/// Several schools whose days go by side by side, as they are told to the views.
struct Town {
  ViewFixture fixture;
  std::vector<RandomHistory> histories;

  explicit Town(std::uint64_t seed) {
    for (std::uint64_t n = 0; n < kSchools; ++n) histories.emplace_back(seed * kSchools + n);
  }
  [[nodiscard]] static SchoolId school(std::size_t n) { return numbered<SchoolId>(n + 1); }
  void live(int steps) {
    for (int step = 0; step < steps; ++step) {
      for (std::size_t n = 0; n < histories.size(); ++n) {
        if (histories[n].step()) fixture.append(histories[n].story(), school(n));
      }
    }
  }
};

TEST_CASE("whatever happened, every view made anew equals the one that followed it") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Town town(seed);
    town.live(kSteps);
    static_cast<void>(town.fixture.views());
    for (const auto& view : projections::all_views()) {
      CAPTURE(view->name());
      const auto report = town.fixture.projector().rebuild(*view);
      REQUIRE(report.has_value());
      CHECK(report->equal());
      CHECK(report->live.rows > 0);
      CHECK(town.fixture.views().digest(view->name()) == report->live);
    }
  }
}

/// The stream of the cast that an event belongs on.
Stream stream_for(const EventBody& body) {
  if (narrow<SchoolEvent>(body)) return school_stream(kSchool);
  if (narrow<GroupEvent>(body)) return group_stream(kClass);
  if (narrow<ChildEvent>(body)) return child_stream(kChild);
  if (narrow<AccountEvent>(body)) return account_stream(kMother.account);
  if (narrow<PreferencesEvent>(body)) return preferences_stream(kMother.account);
  if (narrow<ReadingEvent>(body)) return reading_stream(kMother.account);
  if (narrow<PostEvent>(body)) return post_stream(numbered<PostId>(8));
  if (narrow<ConsentEvent>(body)) return consent_stream(kChild);
  if (narrow<AbsenceEvent>(body)) return absence_stream(kChild);
  if (narrow<LeaveEvent>(body)) return leave_stream(kChild);
  if (narrow<DeliveryEvent>(body)) return delivery_stream(kMother.account);
  if (narrow<ErasureEvent>(body)) return erasure_stream(kSchool);
  if (narrow<RosterImportEvent>(body)) return roster_import_stream(numbered<RosterImportId>(12));
  FAIL("an event of no stream: " << name_of(body));
  return {};
}

TEST_CASE("an event of every type, in whatever order, and every view made anew is the same") {
  auto all = golden_people();
  for (auto&& some : {golden_care(), golden_upkeep()}) std::ranges::copy(some, back_inserter(all));
  REQUIRE(all.size() == std::variant_size_v<events::EventKinds>);
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    SchoolViews school;
    school.story.by(kOffice);
    for (int times = 0; times < 3; ++times) {
      std::ranges::shuffle(all, random);
      for (const auto& body : all) school.story.given(stream_for(body), body);
      static_cast<void>(school.views());
    }
    for (const auto& view : projections::all_views()) {
      CAPTURE(view->name());
      const auto report = school.fixture.projector().rebuild(*view);
      REQUIRE(report.has_value());
      CHECK(report->equal());
      CHECK(report->live.rows > 0);
    }
  }
}

/// Every post has the audience that membership gives it now, however members came and went.
void check_feed(const ViewSnapshot& views, SchoolId school, const RandomHistory& history) {
  namespace feed = projections::feed;
  for (const auto& id : history.posts()) {
    const auto post = feed::post(views, school, id);
    if (!post) continue;
    std::set<AccountId> readers;
    for (const auto& receiver :
         feed::audience(views, school, post->author, post->groups, post->release_at_us)) {
      readers.insert(receiver.account);
      const auto item = feed::item(views, school, receiver.account, id);
      REQUIRE(item.has_value());
      CHECK(item->reasons == receiver.reasons);
    }
    for (const auto& account : history.accounts()) {
      CHECK(feed::item(views, school, account, id).has_value() == readers.contains(account));
    }
  }
}

void check_children(const ViewSnapshot& views, SchoolId school, RandomHistory& history) {
  namespace directory = projections::directory;
  aggregates::Facts facts(kSchool, history.story());
  for (const auto& child : history.children()) {
    const auto row = directory::child(views, school, child);
    const auto& state = facts.child(child);
    if (!row) {
      CHECK_FALSE(state.enrolled);
      continue;
    }
    const auto today = aggregates::today(facts.school(), history.story().now_us());
    for (std::int32_t days = -30; days <= 30; ++days) {
      CHECK(row->class_on(today.plus(days)) ==
            aggregates::child::class_on(state, today.plus(days)));
    }
    CHECK(row->guardians.size() == state.guardians.size());
  }
}

void check_consents(const ViewSnapshot& views, SchoolId school, RandomHistory& history) {
  aggregates::Facts facts(kSchool, history.story());
  for (const auto& child : history.children()) {
    const auto row = projections::consent_view::consent(views, school, child, kPhotos);
    REQUIRE(row.has_value());
    CHECK(row->outcome == aggregates::consent::status_of(facts.consent(child), facts.school(),
                                                         facts.child(child), kPhotos));
  }
}

void check_leave(const ViewSnapshot& views, SchoolId school, RandomHistory& history) {
  namespace leave_view = projections::leave_view;
  aggregates::Facts facts(kSchool, history.story());
  for (const auto& child : history.children()) {
    const auto& state = facts.leave(child);
    const auto balance = leave_view::balance(views, school, child, 2026);
    CHECK(balance.granted() == state.balance.granted(2026));
    CHECK(balance.left_with_head() == state.balance.left_with_head(2026));
    CHECK(leave_view::leaves_of(views, school, child).size() == state.leaves.size());
    for (const auto& [id, leave] : state.leaves) {
      const auto row = leave_view::leave(views, school, id);
      REQUIRE(row.has_value());
      CHECK(row->status == leave.status);
    }
  }
  std::size_t by_status = 0;
  for (auto status = LeaveStatus::requested; status <= LeaveStatus::withdrawn;
       status = static_cast<LeaveStatus>(static_cast<int>(status) + 1)) {
    by_status += leave_view::leaves(views, school, status, std::nullopt, 1000).leaves.size();
  }
  CHECK(by_status ==
        leave_view::leaves(views, school, std::nullopt, std::nullopt, 1000).leaves.size());
}

void check_absences(const ViewSnapshot& views, SchoolId school, RandomHistory& history) {
  namespace absence_view = projections::absence_view;
  aggregates::Facts facts(kSchool, history.story());
  const auto today = aggregates::today(facts.school(), history.story().now_us());
  for (std::int32_t days = -60; days <= 30; ++days) {
    const auto day = today.plus(days);
    std::set<AbsenceId> expected;
    for (const auto& child : history.children()) {
      if (!aggregates::child::is_there(facts.child(child), day)) continue;
      for (const auto& [id, absence] : facts.absence(child).absences) {
        const auto& span = absence.span;
        const bool holds = span.first_day <= day && (span.open_ended || day <= span.last_day);
        if (holds && !absence.withdrawn) expected.insert(id);
      }
    }
    std::set<AbsenceId> listed;
    for (const auto& row : absence_view::absences_on(views, school, day)) listed.insert(row.id);
    CHECK(listed == expected);
  }
}

TEST_CASE("whatever happened, views say what deciders know") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Town town(100 + seed);
    town.live(kSteps);
    const auto views = town.fixture.views();
    for (std::size_t n = 0; n < kSchools; ++n) {
      auto& history = town.histories[n];
      const auto school = Town::school(n);
      CAPTURE(seed, n);
      REQUIRE(history.posts().size() > 5);
      check_feed(views, school, history);
      check_children(views, school, history);
      check_consents(views, school, history);
      check_leave(views, school, history);
      check_absences(views, school, history);
    }
  }
}

/// By name, what happened in any of the schools.
void add_names(std::set<std::string_view>& names, const Story& story) {
  for (const auto& event : story.history()) names.insert(name_of(event.body));
}

TEST_CASE("random histories hold everything that moves a view") {
  std::set<std::string_view> names;
  for (std::uint64_t seed = 0; seed < kSeeds * kSchools; ++seed) {
    RandomHistory history(seed);
    for (int step = 0; step < kSteps; ++step) history.step();
    add_names(names, history.story());
  }
  for (const auto* name : {"StaffAssigned",
                           "StaffAssignmentEnded",
                           "RoleGiven",
                           "RoleEnded",
                           "ConsentPolicySet",
                           "NoticePublished",
                           "ChildEnrolled",
                           "ChildPlaced",
                           "ChildLeft",
                           "GuardianLinked",
                           "GuardianUnlinked",
                           "GuardianRelationChanged",
                           "GuardianAuthorityRecorded",
                           "PostPublished",
                           "PostEdited",
                           "PostRetracted",
                           "ConsentGiven",
                           "ConsentRefused",
                           "ConsentWithdrawn",
                           "AbsenceReported",
                           "AbsenceReportAdded",
                           "AbsenceEndChanged",
                           "AbsenceWithdrawn",
                           "RecoveryReported",
                           "AbsenceClassified",
                           "LeaveRequested",
                           "BeliefLeaveNoticed",
                           "LeaveGranted",
                           "LeavePartlyGranted",
                           "LeaveForwarded",
                           "LeaveRefused",
                           "LeaveWithdrawn",
                           "BeliefLeaveAccepted",
                           "BeliefLeaveContested"}) {
    CAPTURE(name);
    CHECK(names.contains(name));
  }
}

TEST_CASE("consent as of any sequence is what it was when that sequence was the last") {
  namespace consent_view = projections::consent_view;
  ViewFixture fixture;
  RandomHistory history(7);
  std::map<std::uint64_t, ConsentOutcome> outcomes;
  for (int step = 0; step < kSteps; ++step) {
    if (!history.step()) continue;
    fixture.append(history.story());
    aggregates::Facts facts(kSchool, history.story());
    outcomes[history.story().history().back().sequence] = aggregates::consent::status_of(
        facts.consent(kChild), facts.school(), facts.child(kChild), kPhotos);
  }
  std::set<ConsentOutcome> seen;
  const auto views = fixture.views();
  for (const auto& [sequence, outcome] : outcomes) {
    CAPTURE(sequence);
    const auto row = consent_view::consent(views, kSchool, kChild, kPhotos, sequence);
    REQUIRE(row.has_value());
    CHECK(row->outcome == outcome);
    seen.insert(outcome);
  }
  CHECK(seen.size() > 2);
}

}  // namespace
}  // namespace klasboek::tests
