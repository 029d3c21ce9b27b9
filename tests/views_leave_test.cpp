#include <algorithm>
#include "projections/leave_view.h"

#include "tests/support/leave_words.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

namespace leave_view = projections::leave_view;

std::vector<LeaveId> listed(SchoolViews& school, std::optional<LeaveStatus> status) {
  std::vector<LeaveId> ids;
  for (const auto& row :
       leave_view::leaves(school.views(), kSchool, status, std::nullopt, 100).leaves) {
    ids.push_back(row.id);
  }
  return ids;
}

using Ids = std::vector<LeaveId>;

TEST_CASE("a request stands in the list of those that wait until it is decided") {
  SchoolViews school;
  auto& story = school.story;
  const auto motivation = story.text();
  auto asked = request(kLeave, kOther, "2026-11-02", "2026-11-04");
  asked.motivation = motivation;
  story.by(kMother).when(asked).then_accepted();
  story.by(kFather)
      .when(request(kSecond, LeaveGround::belief, "2026-11-05", "2026-11-05"))
      .then_accepted();
  CHECK(listed(school, LeaveStatus::requested) == Ids{kLeave});
  CHECK(listed(school, LeaveStatus::noticed) == Ids{kSecond});
  CHECK(listed(school, std::nullopt) == Ids{kSecond, kLeave});
  const auto waiting = leave_view::leave(school.views(), kSchool, kLeave);
  REQUIRE(waiting.has_value());
  CHECK(waiting->child == kChild);
  CHECK(waiting->requested_by == kMother.account);
  CHECK(waiting->school_days == 3);
  CHECK(waiting->school_year == 2026);
  CHECK(waiting->compulsory);
  CHECK(waiting->version == 1);
  REQUIRE(waiting->motivation.has_value());
  CHECK(waiting->motivation->sealed == *story.sealed(motivation));
  CHECK_FALSE(waiting->decision.has_value());

  story.on("2026-10-06 09:00").by(kDirector).when(decide(LeaveVerdict::grant)).then_accepted();
  CHECK(listed(school, LeaveStatus::requested).empty());
  CHECK(listed(school, LeaveStatus::granted) == Ids{kLeave});
  const auto granted = leave_view::leave(school.views(), kSchool, kLeave);
  REQUIRE(granted.has_value());
  REQUIRE(granted->decision.has_value());
  CHECK(granted->decision->decided_by == kDirector);
  CHECK(granted->decision->decided_at_us == moment("2026-10-06 09:00"));
  CHECK(granted->decision->count.new_days == 3);
  CHECK(granted->decision->first_day == day("2026-11-02"));
  CHECK(granted->decision->last_day == day("2026-11-04"));
  CHECK(granted->version == 3);
  CHECK(granted->recorded_at_us == moment("2026-10-05 10:00"));
}

TEST_CASE("a part that is granted is the part that counts") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(request(kLeave, kOther, "2026-11-02", "2026-11-06")).then_accepted();
  const auto reasons = story.text();
  story.by(kDirector).when(grant_part("2026-11-05", "2026-11-06", reasons)).then_accepted();
  const auto row = leave_view::leave(school.views(), kSchool, kLeave);
  REQUIRE(row.has_value());
  CHECK(row->status == LeaveStatus::partly_granted);
  CHECK(row->first_day == day("2026-11-02"));
  REQUIRE(row->decision.has_value());
  CHECK(row->decision->first_day == day("2026-11-05"));
  REQUIRE(row->decision->reasons.has_value());
  CHECK(row->decision->reasons->sealed == *story.sealed(reasons));
  CHECK(leave_view::balance(school.views(), kSchool, kChild, 2026).granted() == 2);
}

TEST_CASE("a refusal is kept with its reasons and adds no days") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(request(kLeave, kOther, "2026-11-02", "2026-11-06")).then_accepted();
  story.by(kDirector).when(decide(LeaveVerdict::refuse, kLeave, story.text())).then_accepted();
  CHECK(listed(school, LeaveStatus::refused) == Ids{kLeave});
  const auto row = leave_view::leave(school.views(), kSchool, kLeave);
  REQUIRE(row.has_value());
  REQUIRE(row->decision.has_value());
  CHECK(row->decision->reasons.has_value());
  CHECK_FALSE(row->decision->first_day.has_value());
  CHECK(leave_view::balance(school.views(), kSchool, kChild, 2026).granted() == 0);
}

TEST_CASE("what is withdrawn leaves the list of those that wait") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(request(kLeave, kOther, "2026-11-02", "2026-11-02")).then_accepted();
  story.on("2026-10-05 12:00")
      .when(made<WithdrawLeave>([](auto& c) {
        c.child = kChild;
        c.leave = kLeave;
      }))
      .then_accepted();
  CHECK(listed(school, LeaveStatus::requested).empty());
  const auto row = leave_view::leave(school.views(), kSchool, kLeave);
  REQUIRE(row.has_value());
  CHECK(row->status == LeaveStatus::withdrawn);
  CHECK(row->withdrawn_at_us == moment("2026-10-05 12:00"));
}

TEST_CASE("the balance counts per ground and school year, as of any sequence") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother).when(request(kLeave, kOther, "2026-11-02", "2026-11-04")).then_accepted();
  story.by(kMother).when(request(kSecond, kOther, "2026-11-12", "2026-11-13")).then_accepted();
  story.by(kMother)
      .when(request(kThird, LeaveGround::belief, "2026-11-16", "2026-11-16"))
      .then_accepted();
  story.by(kDirector).when(decide(LeaveVerdict::grant, kLeave)).then_accepted();
  const auto first = school.last_sequence();
  story.when(decide(LeaveVerdict::grant, kSecond)).then_accepted();
  story.when(decide(LeaveVerdict::accept, kThird)).then_accepted();
  const auto views = school.views();
  const auto then = leave_view::balance(views, kSchool, kChild, 2026, first);
  CHECK(then.on(kOther) == 3);
  CHECK(then.granted() == 3);
  CHECK(leave_view::balance(views, kSchool, kChild, 2026, first - 1).granted() == 0);
  const auto now = leave_view::balance(views, kSchool, kChild, 2026);
  CHECK(now.on(kOther) == 5);
  CHECK(now.on(LeaveGround::belief) == 1);
  CHECK(now.on(kOccupation) == 0);
  CHECK(now.granted() == 6);
  CHECK(now.left_with_head() == 5);
  CHECK(leave_view::balance(views, kSchool, kChild, 2025).granted() == 0);
  CHECK(leave_view::balance(views, kSchool, kOtherChild, 2026).granted() == 0);
}

TEST_CASE("pages of leave follow each other, newest first") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother);
  Ids asked;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    asked.push_back(numbered<LeaveId>(n));
    story.when(request(asked.back(), kOther, "2026-11-02", "2026-11-02")).then_accepted();
  }
  std::ranges::reverse(asked);
  const auto views = school.views();
  Ids seen;
  std::optional<std::uint64_t> after;
  std::size_t pages = 0;
  do {
    const auto page = leave_view::leaves(views, kSchool, LeaveStatus::requested, after, 2);
    for (const auto& row : page.leaves) seen.push_back(row.id);
    after = page.next;
    ++pages;
  } while (after && pages < 10);
  CHECK(seen == asked);
  CHECK(pages == 3);
  CHECK(leave_view::leaves_of(views, kSchool, kChild).size() == 5);
  CHECK(leave_view::leaves_of(views, kSchool, kOtherChild).empty());
}

}  // namespace
}  // namespace klasboek::tests
