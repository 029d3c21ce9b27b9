#include <catch2/catch.hpp>
#include <string>

#include "projections/inbox.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;
namespace inbox = projections::inbox;
using inbox::NotificationKind;

constexpr auto kLeave = numbered<LeaveId>(1);
constexpr auto kAbsence = numbered<AbsenceId>(1);
/// The invitation that everybody of a_school() once had.
constexpr std::string_view kInvited = "invitation";

std::vector<inbox::Notification> told(SchoolViews& school, const Actor& person) {
  return inbox::page(school.views(), kSchool, person.account, school.story.now_us(), std::nullopt,
                     100)
      .notifications;
}

/// Kinds, newest first.
std::string kinds(SchoolViews& school, const Actor& person) {
  std::string kinds;
  for (const auto& notification : told(school, person)) {
    kinds += (kinds.empty() ? "" : " ") + std::string(name_of(notification.kind));
  }
  return kinds;
}

void report_absence(Story& story) {
  story
      .when(made<ReportAbsence>([](auto& c) {
        c.child = kChild;
        c.absence = kAbsence;
        c.first_day = c.last_day = day("2026-10-06");
        c.whole_days = true;
      }))
      .then_accepted();
}

void request_leave(Story& story, ChildId child = kChild) {
  story
      .when(made<RequestLeave>([&](auto& c) {
        c.child = child;
        c.leave = kLeave;
        c.ground = LeaveGround::other_circumstances;
        c.first_day = c.last_day = c.compulsory_from = day("2026-11-02");
      }))
      .then_accepted();
}

void grant_leave(Story& story) {
  story
      .when(made<DecideLeave>([](auto& c) {
        c.child = kChild;
        c.leave = kLeave;
        c.verdict = LeaveVerdict::grant;
      }))
      .then_accepted();
}

void publish(Story& story, std::uint64_t post) {
  story
      .when(made<PublishPost>([&](auto& c) {
        c.post = numbered<PostId>(post);
        c.groups = {kClass};
        c.title = c.text = story.text();
        c.open_ended = true;
      }))
      .then_accepted();
}

TEST_CASE("who is invited finds the invitation") {
  SchoolViews school;
  const auto all = told(school, kMother);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == NotificationKind::invitation);
  CHECK(all[0].invitation.value == kMother.account.value);
  CHECK(all[0].children.empty());
}

TEST_CASE("the other guardian with authority hears of an absence, the reporter doesn't") {
  SchoolViews school;
  school.story.by(kMother);
  report_absence(school.story);
  CHECK(kinds(school, kFather) == "absence_reported invitation");
  CHECK(kinds(school, kMother) == kInvited);
  CHECK(kinds(school, kStepfather) == kInvited);
  const auto heard = told(school, kFather)[0];
  CHECK(heard.absence == kAbsence);
  CHECK(heard.children == std::vector{kChild});
  CHECK(heard.at_us == school.story.now_us());
  const auto logged = school.fixture.ledger().commit_of_sequence(kSchool, heard.sequence);
  REQUIRE(logged.has_value());
  CHECK(heard.sequence == school.last_sequence());
  CHECK(heard.cause == logged->event(0).event);
}

TEST_CASE("of an absence that the office entered both guardians hear, but for whom it spoke") {
  SchoolViews school;
  school.story.by(on_behalf_of(kOffice, kMother));
  report_absence(school.story);
  CHECK(kinds(school, kMother) == kInvited);
  CHECK(kinds(school, kFather) == "absence_reported invitation");
  SchoolViews another;
  another.story.by(kOffice);
  report_absence(another.story);
  CHECK(kinds(another, kMother) == "absence_reported invitation");
  CHECK(kinds(another, kFather) == "absence_reported invitation");
}

TEST_CASE("directors and deputies hear of a request for leave") {
  SchoolViews school;
  school.story.by(kMother);
  request_leave(school.story);
  CHECK(kinds(school, kDirector) == "leave_requested invitation");
  CHECK(kinds(school, kDeputy) == "leave_requested invitation");
  CHECK(kinds(school, kOffice) == kInvited);
  CHECK(kinds(school, kFather) == kInvited);
  CHECK(told(school, kDirector)[0].leave == kLeave);
}

TEST_CASE("a deputy isn't told as such of leave for a child of her own") {
  SchoolViews school;
  school.story.by(kOtherMother);
  request_leave(school.story, kOtherChild);
  CHECK(kinds(school, kDirector) == "leave_requested invitation");
  CHECK(kinds(school, kDeputy) == kInvited);
}

TEST_CASE("a deputy whose role has ended hears of nothing more") {
  SchoolViews school;
  school.story.by(kDirector)
      .when(made<EndRole>([](auto& c) {
        c.account = kDeputy.account;
        c.role = Role::deputy;
        c.last_day = day("2026-10-04");
      }))
      .then_accepted();
  school.story.by(kMother);
  request_leave(school.story);
  CHECK(kinds(school, kDeputy) == kInvited);
}

TEST_CASE("guardians with authority hear what was decided on leave") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kMother);
  request_leave(story);
  story.by(kDirector).on("2026-10-06 09:00");
  grant_leave(story);
  CHECK(kinds(school, kMother) == "leave_decided invitation");
  CHECK(kinds(school, kFather) == "leave_decided invitation");
  CHECK(kinds(school, kStepfather) == kInvited);
}

TEST_CASE("who loses authority or is unlinked loses what he was told as such") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kOffice);
  report_absence(story);
  story.by(kDirector)
      .when(made<RecordGuardianAuthority>([](auto& c) {
        c.child = kChild;
        c.guardian = kFather.account;
        c.authority = Authority::without;
      }))
      .then_accepted();
  CHECK(kinds(school, kFather) == kInvited);
  story.by(kOffice)
      .when(made<UnlinkGuardian>([](auto& c) {
        c.child = kChild;
        c.guardian = kMother.account;
      }))
      .then_accepted();
  CHECK(kinds(school, kMother) == kInvited);
}

TEST_CASE("a post is news when it appears, and not to its author") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kTeacher).on("2026-10-05 18:00");
  publish(story, 1);
  CHECK(kinds(school, kMother) == kInvited);
  story.on("2026-10-06 08:00");
  CHECK(kinds(school, kMother) == "post invitation");
  CHECK(kinds(school, kTeacher) == kInvited);
  const auto news = told(school, kMother)[0];
  CHECK(news.post == numbered<PostId>(1));
  CHECK(news.children == std::vector{kChild});
  CHECK(news.at_us == moment("2026-10-06 08:00"));
}

TEST_CASE("pages of the inbox mix posts and the rest by their moment, newest first") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kTeacher).on("2026-10-05 09:00");
  publish(story, 1);
  story.by(kFather).on("2026-10-05 10:00");
  report_absence(story);
  story.by(kTeacher).on("2026-10-05 11:00");
  publish(story, 2);
  story.by(kFather);
  request_leave(story);
  story.by(kDirector).on("2026-10-05 12:00");
  grant_leave(story);
  const auto views = school.views();
  std::string seen;
  std::optional<inbox::InboxCursor> after;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = inbox::page(views, kSchool, kMother.account, story.now_us(), after, 2);
    for (const auto& one : page.notifications) seen += std::string(name_of(one.kind)) + " ";
    seen += "| ";
    after = page.next;
    if (!after) break;
  }
  CHECK(seen == "leave_decided post | absence_reported post | invitation | ");
}

}  // namespace
}  // namespace klasboek::tests
