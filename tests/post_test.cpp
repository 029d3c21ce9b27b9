#include "aggregates/post.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kPost = numbered<PostId>(1);

PublishPost publish(Story& story, std::vector<GroupId> groups = {kClass}) {
  return made<PublishPost>([&](auto& c) {
    c.post = kPost;
    c.groups = std::move(groups);
    c.title = story.text();
    c.text = story.text();
    c.open_ended = true;
  });
}

/// What is published by a command: by default at once.
PostPublished published(const Story& story, const PublishPost& c) {
  return made<PostPublished>([&](auto& e) {
    e.post = c.post;
    e.groups = c.groups;
    e.title = story.sealed(c.title);
    e.text = story.sealed(c.text);
    e.release_at_us = story.now_us();
    e.open_ended = c.open_ended;
    e.last_day = c.last_day;
    e.must_confirm = c.must_confirm;
    e.emergency_reason = story.sealed(c.emergency_reason);
  });
}

PostPublished held_until(PostPublished event, std::string_view release) {
  event.release_at_us = moment(release);
  event.held_by_window = true;
  return event;
}

/// A school with one post of the teacher.
Story a_post() {
  Story story = a_school();
  story.by(kTeacher).when(publish(story)).then_accepted();
  return story;
}

template <class Command>
Command about_the_post() {
  return made<Command>([](auto& c) { c.post = kPost; });
}

TEST_CASE("a post appears at once within the posting window") {
  Story story = a_school();
  story.by(kTeacher).on("2026-10-05 10:00");
  auto post = publish(story, {kClass, kWholeSchool});
  post.must_confirm = true;
  story.when(post).then(published(story, post));
  story.when(post).then_rejected(Rejection::post_exists);
}

TEST_CASE("outside the posting window a post is held until it opens") {
  const auto held = [](std::string_view at, std::string_view release) {
    INFO(at);
    Story story = a_school();
    story.by(kTeacher).on(at);
    const auto post = publish(story);
    story.when(post).then(held_until(published(story, post), release));
  };
  held("2026-10-05 07:59", "2026-10-05 08:00");
  held("2026-10-05 17:00", "2026-10-06 08:00");
  held("2026-10-09 18:00", "2026-10-12 08:00");  // weekend
  held("2026-10-16 18:00", "2026-10-26 08:00");  // autumn holiday
  held("2026-11-06 18:00", "2026-11-10 08:00");  // study day
}

TEST_CASE("an author may choose a later moment, and the window counts then too") {
  Story story = a_school();
  story.by(kTeacher).on("2026-10-05 10:00");
  auto post = publish(story);
  post.release_at_us = moment("2026-10-05 09:59");
  story.when(post).then_rejected(Rejection::post_release_in_past);
  post.release_at_us = moment("2026-10-06 12:00");
  {
    auto expected = published(story, post);
    expected.release_at_us = moment("2026-10-06 12:00");
    Story(story).when(post).then(expected);
  }
  post.release_at_us = moment("2026-10-06 20:00");
  story.when(post).then(held_until(published(story, post), "2026-10-07 08:00"));
}

TEST_CASE("a school without a calendar can't tell when a post may appear") {
  Story story = a_school();
  story.by(kTeacher).on("2028-03-01 10:00");
  story.when(publish(story)).then_rejected(Rejection::school_year_not_set);
}

TEST_CASE("in an emergency the head sends at once, with a reason") {
  Story story = a_school();
  story.on("2026-10-05 21:00");
  auto post = publish(story, {kWholeSchool});
  post.emergency_reason = story.text();
  story.by(kTeacher).when(post).then_rejected(Rejection::emergency_needs_director);
  story.by(kOffice).when(post).then_rejected(Rejection::emergency_needs_director);
  Story(story).by(kDeputy).when(post).then(published(story, post));
  story.by(kDirector).when(post).then(published(story, post));
}

TEST_CASE("a post has groups, a title and a text") {
  Story story = a_school();
  story.by(kDirector);
  story.when(publish(story, {})).then_rejected(Rejection::post_without_audience);
  auto post = publish(story);
  post.title = 0;
  story.when(post).then_rejected(Rejection::post_text_missing);
  post = publish(story);
  post.text = 0;
  story.when(post).then_rejected(Rejection::post_text_missing);
}

TEST_CASE("the groups of a post are there and open, and each counts once") {
  Story story = a_school();
  story.by(kDirector);
  story.when(publish(story, {kClass, numbered<GroupId>(9)}))
      .then_rejected(Rejection::group_not_found);
  const auto twice = publish(story, {kClass, kOtherClass, kClass});
  auto expected = published(story, twice);
  expected.groups = {kClass, kOtherClass};
  Story(story).when(twice).then(expected);
  story.given(group_stream(kOtherClass),
              made<GroupClosed>([](auto& e) { e.last_day = day("2026-10-04"); }));
  story.when(publish(story, {kClass, kOtherClass})).then_rejected(Rejection::group_closed);
}

TEST_CASE("a post leaves the feed after its last day, not before it appears") {
  Story story = a_school();
  story.by(kTeacher).on("2026-10-09 18:00");
  auto post = publish(story);
  post.open_ended = false;
  post.last_day = day("2026-10-11");
  story.when(post).then_rejected(Rejection::post_ends_before_release);
  post.last_day = day("2026-10-12");
  story.when(post).then(held_until(published(story, post), "2026-10-12 08:00"));
}

TEST_CASE("a teacher posts to the groups he works with") {
  Story story = a_school();
  story.by(kTeacher)
      .when(publish(story, {kClass, kOtherClass}))
      .then_rejected(Rejection::not_own_class);
  story.by(kOtherTeacher)
      .when(publish(story, {kWholeSchool}))
      .then_rejected(Rejection::not_own_class);
  story.by(kOffice).when(publish(story, {kClass, kOtherClass, kWholeSchool})).then_accepted();
}

TEST_CASE("author and head edit a post, and only what they give changes") {
  Story story = a_post();
  auto edit = about_the_post<EditPost>();
  story.by(kTeacher).when(edit).then_rejected(Rejection::nothing_to_change);
  edit.title = story.text();
  story.when(edit).then(made<PostEdited>([&](auto& e) { e.title = story.sealed(edit.title); }));
  edit.title = 0;
  edit.text = story.text();
  story.by(kDirector).when(edit).then(
      made<PostEdited>([&](auto& e) { e.text = story.sealed(edit.text); }));
  story.by(kOtherTeacher).when(edit).then_rejected(Rejection::not_own_post);
  story.by(kOffice).when(edit).then_rejected(Rejection::not_own_post);
}

TEST_CASE("a retracted post stays retracted") {
  Story story = a_post();
  auto retract = about_the_post<RetractPost>();
  story.by(kOtherTeacher).when(retract).then_rejected(Rejection::not_own_post);
  retract.reason = story.text();
  story.by(kTeacher).when(retract).then(
      made<PostRetracted>([&](auto& e) { e.reason = story.sealed(retract.reason); }));
  story.when(retract).then_rejected(Rejection::post_retracted);
  auto edit = about_the_post<EditPost>();
  edit.text = story.text();
  story.when(edit).then_rejected(Rejection::post_retracted);
}

TEST_CASE("a post that isn't there is neither edited nor retracted") {
  Story story = a_school();
  for (const auto& who : {kTeacher, kDirector}) {
    story.by(who).when(about_the_post<EditPost>()).then_rejected(Rejection::post_not_found);
    story.when(about_the_post<RetractPost>()).then_rejected(Rejection::post_not_found);
  }
}

TEST_CASE("a post keeps its author, release and groups") {
  Story story = a_post();
  aggregates::Facts facts(kSchool, story);
  const auto& post = facts.post(kPost);
  CHECK(post.author == kTeacher.account);
  CHECK(post.release_at_us == story.now_us());
  CHECK(post.groups == std::vector{kClass});
  CHECK_FALSE(post.last_day.has_value());
}

}  // namespace
}  // namespace klasboek::tests
