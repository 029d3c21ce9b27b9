#include <catch2/catch.hpp>
#include <string>

#include "projections/feed.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;
namespace feed = projections::feed;

constexpr std::size_t kAll = 100;

/// Published by whoever is on, to these groups; at once, or at a local moment.
void publish(Story& story, std::uint64_t post, const std::vector<GroupId>& groups,
             std::string_view release = {}) {
  story
      .when(made<PublishPost>([&](auto& c) {
        c.post = numbered<PostId>(post);
        c.groups = groups;
        c.title = story.text();
        c.text = story.text();
        c.open_ended = true;
        if (!release.empty()) c.release_at_us = moment(release);
      }))
      .then_accepted();
}

std::string numbers_of(const std::vector<feed::FeedItem>& items) {
  std::string numbers;
  for (const auto& item : items) {
    numbers += (numbers.empty() ? "" : " ") + std::to_string(item.post.id.value.lo & 0xFFFF);
  }
  return numbers;
}

/// What the person sees at the story's moment, newest first, by the numbers of the posts.
std::string seen_by(SchoolViews& school, const Actor& person) {
  const auto views = school.views();
  return numbers_of(
      feed::page(views, kSchool, person.account, school.story.now_us(), std::nullopt, kAll).items);
}

void place(Story& story, ChildId child, GroupId group, std::string_view first) {
  story.by(kOffice)
      .when(made<PlaceChild>([&](auto& c) {
        c.child = child;
        c.group = group;
        c.first_day = day(first);
      }))
      .then_accepted();
}

void link(Story& story, ChildId child, const Actor& guardian, Relation relation,
          Authority authority) {
  story.by(kOffice)
      .when(made<LinkGuardian>([&](auto& c) {
        c.child = child;
        c.guardian = guardian.account;
        c.relation = relation;
        c.authority = authority;
      }))
      .then_accepted();
}

void unlink(Story& story, ChildId child, const Actor& guardian) {
  story.by(kOffice)
      .when(made<UnlinkGuardian>([&](auto& c) {
        c.child = child;
        c.guardian = guardian.account;
      }))
      .then_accepted();
}

TEST_CASE("a post to a class reaches its guardians, its teacher and the author") {
  SchoolViews school;
  school.story.by(kDirector);
  publish(school.story, 1, {kClass});
  for (const auto& reader : {kMother, kFather, kStepfather, kTeacher, kDirector}) {
    CHECK(seen_by(school, reader) == "1");
  }
  for (const auto& other : {kOtherMother, kOtherTeacher, kOffice, kStranger}) {
    CHECK(seen_by(school, other).empty());
  }
  const auto views = school.views();
  const auto mothers = feed::item(views, kSchool, kMother.account, numbered<PostId>(1));
  REQUIRE(mothers.has_value());
  CHECK(mothers->reasons == feed::Reasons{false, false, {kChild}});
  CHECK(mothers->post.author == kDirector.account);
  CHECK(mothers->post.title.has_value());
  const auto directors = feed::item(views, kSchool, kDirector.account, numbered<PostId>(1));
  REQUIRE(directors.has_value());
  CHECK(directors->reasons == feed::Reasons{true, false, {}});
  CHECK_FALSE(feed::item(views, kSchool, kStranger.account, numbered<PostId>(1)).has_value());
}

TEST_CASE("a post to the whole school reaches every guardian and everybody who works there") {
  SchoolViews school;
  school.story.by(kTeacher);
  publish(school.story, 1, {kWholeSchool});
  for (const auto& reader : {kMother, kFather, kOtherMother, kTeacher, kOtherTeacher, kOffice,
                             kCare, kDirector, kDeputy}) {
    CHECK(seen_by(school, reader) == "1");
  }
  CHECK(seen_by(school, kStranger).empty());
}

TEST_CASE("a post to two groups comes once, for all the children it is for") {
  SchoolViews school;
  link(school.story, kOtherChild, kMother, Relation::mother, Authority::with);
  school.story.by(kDirector);
  publish(school.story, 1, {kClass, kOtherClass, kWholeSchool});
  CHECK(seen_by(school, kMother) == "1");
  const auto item = feed::item(school.views(), kSchool, kMother.account, numbered<PostId>(1));
  REQUIRE(item.has_value());
  CHECK(item->reasons.children == std::vector{kChild, kOtherChild});
}

TEST_CASE("who is there to be called only has no feed") {
  SchoolViews school;
  link(school.story, kChild, kStranger, Relation::contact, Authority::without);
  school.story.by(kDirector);
  publish(school.story, 1, {kClass});
  CHECK(seen_by(school, kStranger).empty());
}

TEST_CASE("a held post appears when the posting window opens") {
  SchoolViews school;
  school.story.by(kTeacher).on("2026-10-05 18:00");
  publish(school.story, 1, {kClass});
  CHECK(seen_by(school, kMother).empty());
  CHECK(seen_by(school, kTeacher).empty());
  const auto held = feed::post(school.views(), kSchool, numbered<PostId>(1));
  REQUIRE(held.has_value());
  CHECK(held->held_by_window);
  school.story.on("2026-10-06 07:59");
  CHECK(seen_by(school, kMother).empty());
  school.story.on("2026-10-06 08:00");
  CHECK(seen_by(school, kMother) == "1");
}

TEST_CASE("a post leaves the feed after its last day") {
  SchoolViews school;
  school.story.by(kTeacher)
      .when(made<PublishPost>([&](auto& c) {
        c.post = numbered<PostId>(1);
        c.groups = {kClass};
        c.title = c.text = school.story.text();
        c.last_day = day("2026-10-06");
      }))
      .then_accepted();
  school.story.on("2026-10-06 23:59");
  CHECK(seen_by(school, kMother) == "1");
  school.story.on("2026-10-07 00:00");
  CHECK(seen_by(school, kMother).empty());
}

TEST_CASE("a retracted post is gone and an edited one shows its trace") {
  SchoolViews school;
  school.story.by(kTeacher);
  publish(school.story, 1, {kClass});
  publish(school.story, 2, {kClass});
  school.story
      .when(made<RetractPost>([&](auto& c) {
        c.post = numbered<PostId>(1);
        c.reason = school.story.text();
      }))
      .then_accepted();
  const auto text = school.story.text();
  school.story.on("2026-10-05 11:00")
      .when(made<EditPost>([&](auto& c) {
        c.post = numbered<PostId>(2);
        c.text = text;
      }))
      .then_accepted();
  CHECK(seen_by(school, kMother) == "2");
  const auto views = school.views();
  const auto edited = feed::post(views, kSchool, numbered<PostId>(2));
  REQUIRE(edited.has_value());
  CHECK(edited->edits == 1);
  CHECK(edited->edited_at_us == moment("2026-10-05 11:00"));
  CHECK(edited->version == 2);
  REQUIRE(edited->text.has_value());
  CHECK(edited->text->sealed == *school.story.sealed(text));
  CHECK(edited->title->sealed.slot != text);
  const auto retracted = feed::post(views, kSchool, numbered<PostId>(1));
  REQUIRE(retracted.has_value());
  CHECK(retracted->retracted);
  CHECK(retracted->retraction_reason.has_value());
}

TEST_CASE("a moved child keeps the posts of its time and brings the new class's from then on") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kDirector);
  publish(story, 1, {kClass});
  publish(story, 2, {kOtherClass});
  place(story, kChild, kOtherClass, "2026-10-07");
  story.on("2026-10-07 10:00").by(kDirector);
  publish(story, 3, {kClass});
  publish(story, 4, {kOtherClass});
  CHECK(seen_by(school, kMother) == "4 1");
  CHECK(seen_by(school, kOtherMother) == "4 2");
}

TEST_CASE("a post that hasn't appeared follows a move") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kDirector);
  publish(story, 1, {kClass}, "2026-10-08 09:00");
  publish(story, 2, {kOtherClass}, "2026-10-08 10:00");
  place(story, kChild, kOtherClass, "2026-10-07");
  story.on("2026-10-08 12:00");
  CHECK(seen_by(school, kMother) == "2");
}

TEST_CASE("a placement that was a mistake takes its posts with it") {
  SchoolViews school;
  auto& story = school.story;
  place(story, kChild, kOtherClass, "2026-10-05");
  story.by(kDirector);
  publish(story, 1, {kOtherClass});
  CHECK(seen_by(school, kMother) == "1");
  place(story, kChild, kClass, "2026-10-05");
  CHECK(seen_by(school, kMother).empty());
}

TEST_CASE("a guardian who is no longer linked loses what came by that child alone") {
  SchoolViews school;
  auto& story = school.story;
  link(story, kOtherChild, kMother, Relation::mother, Authority::with);
  story.by(kDirector);
  publish(story, 1, {kClass});
  publish(story, 2, {kOtherClass});
  publish(story, 3, {kWholeSchool});
  CHECK(seen_by(school, kMother) == "3 2 1");
  unlink(story, kChild, kMother);
  CHECK(seen_by(school, kMother) == "3 2");
  const auto item = feed::item(school.views(), kSchool, kMother.account, numbered<PostId>(3));
  REQUIRE(item.has_value());
  CHECK(item->reasons.children == std::vector{kOtherChild});
}

TEST_CASE("a guardian who is linked later has the posts of the child's time") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kDirector);
  publish(story, 1, {kClass});
  link(story, kChild, kStranger, Relation::foster_parent, Authority::without);
  CHECK(seen_by(school, kStranger) == "1");
}

TEST_CASE("guardians of a child that has left keep what they had and get nothing new") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kDirector);
  publish(story, 1, {kWholeSchool});
  story.by(kOffice)
      .when(made<RecordLeaver>([](auto& c) {
        c.child = kChild;
        c.last_day = day("2026-10-05");
      }))
      .then_accepted();
  story.on("2026-10-06 10:00").by(kDirector);
  publish(story, 2, {kWholeSchool});
  CHECK(seen_by(school, kMother) == "1");
  CHECK(seen_by(school, kOtherMother) == "2 1");
}

TEST_CASE("a substitute has the posts of the days on which she works with the class") {
  SchoolViews school;
  auto& story = school.story;
  story.by(kDirector)
      .when(made<AssignStaff>([](auto& c) {
        c.group = kClass;
        c.account = kOtherTeacher.account;
        c.first_day = day("2026-10-06");
        c.last_day = day("2026-10-07");
      }))
      .then_accepted();
  publish(story, 1, {kClass});
  story.on("2026-10-07 10:00");
  publish(story, 2, {kClass});
  publish(story, 3, {kClass}, "2026-10-08 10:00");
  story.on("2026-10-08 12:00");
  CHECK(seen_by(school, kOtherTeacher) == "2");
  CHECK(seen_by(school, kTeacher) == "3 2 1");
}

TEST_CASE("pages of a feed follow each other, newest first, without gap or repeat") {
  SchoolViews school;
  school.story.by(kDirector);
  for (std::uint64_t post = 1; post <= 7; ++post) publish(school.story, post, {kClass});
  const auto views = school.views();
  std::string seen;
  std::optional<feed::FeedCursor> after;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = feed::page(views, kSchool, kMother.account, school.story.now_us(), after, 3);
    seen += "[" + numbers_of(page.items) + "]";
    after = page.next;
    if (!after) break;
  }
  CHECK(seen == "[7 6 5][4 3 2][1]");
}

TEST_CASE("the audience that an author is shown is the one that gets the post") {
  SchoolViews school;
  const auto preview = feed::audience(school.views(), kSchool, kDirector.account,
                                      {kClass, kWholeSchool}, school.story.now_us());
  school.story.by(kDirector);
  publish(school.story, 1, {kClass, kWholeSchool});
  const auto views = school.views();
  CHECK(preview.size() == 9);
  for (const auto& receiver : preview) {
    const auto item = feed::item(views, kSchool, receiver.account, numbered<PostId>(1));
    REQUIRE(item.has_value());
    CHECK(item->reasons == receiver.reasons);
  }
}

}  // namespace
}  // namespace klasboek::tests
