#include "aggregates/erasure.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

// Not the one that the school of a story seals its names under.
constexpr auto kFirstKey = numbered<KeyId>(11);
constexpr auto kSecondKey = numbered<KeyId>(12);
constexpr auto kPost = numbered<PostId>(1);

EraseSubject erase_child(bool statutory, ChildId child = kChild) {
  return made<EraseSubject>([&](auto& c) {
    c.child = child;
    c.keys = {kFirstKey, kSecondKey};
    c.ground = ErasureGround::request;
    c.statutory = statutory;
  });
}

EraseSubject erase_account(AccountId account) {
  return made<EraseSubject>([&](auto& c) {
    c.account = account;
    c.keys = {kFirstKey};
    c.ground = ErasureGround::request;
    c.statutory = true;
  });
}

EraseSubject erase_post(PostId post = kPost) {
  return made<EraseSubject>([&](auto& c) {
    c.post = post;
    c.keys = {kFirstKey};
    c.ground = ErasureGround::objection;
  });
}

SubjectErased erased(SubjectKind kind, Uuid subject, std::vector<KeyId> keys,
                     ErasureGround ground = ErasureGround::request) {
  return made<SubjectErased>([&](auto& e) {
    e.subject_kind = kind;
    e.subject_hi = subject.hi;
    e.subject_lo = subject.lo;
    e.keys = std::move(keys);
    e.ground = ground;
  });
}

KeyRetired retired(KeyId key) {
  return made<KeyRetired>([&](auto& e) { e.key = key; });
}

RecordKeysDestroyed record(std::vector<KeyId> keys) {
  return made<RecordKeysDestroyed>([&](auto& c) { c.keys = std::move(keys); });
}

/// The texts of the child that may go at any time were erased.
Story an_erasure() {
  Story story = a_school();
  story.by(kDirector)
      .when(erase_child(false))
      .then(erased(SubjectKind::child, kChild.value, {kFirstKey, kSecondKey}), retired(kFirstKey),
            retired(kSecondKey));
  return story;
}

TEST_CASE("R14 an erasure lists the keys, and each key's own stream moves with it") {
  Story story = an_erasure();
  aggregates::Facts facts(kSchool, story);
  CHECK_FALSE(facts.key_lives(kFirstKey));
  CHECK_FALSE(facts.key_lives(kSecondKey));
  CHECK(facts.erasure().listed == std::set{kFirstKey, kSecondKey});
}

TEST_CASE("R14 the streams of the keys are conditions of the erasure: a late writer loses") {
  Story story = a_school();
  story.by(kDirector).when(erase_child(false));
  for (const auto& key : {kFirstKey, kSecondKey}) {
    CHECK(std::ranges::count(story.conditions(), Condition{key_stream(key), 0}) == 1);
  }
}

TEST_CASE("R14 a key is erased once") {
  Story story = an_erasure();
  story.when(erase_child(false)).then_rejected(Rejection::key_retired);
}

TEST_CASE("what the law keeps goes five years after the child has left, and not a day before") {
  Story story = a_school();
  story.by(kDirector).when(erase_child(true)).then_rejected(Rejection::erasure_before_term);
  story.given(child_stream(kChild),
              made<ChildLeft>([](auto& e) { e.last_day = day("2026-10-02"); }));
  story.when(erase_child(true)).then_rejected(Rejection::erasure_before_term);
  // A director of that time, whose role began before.
  story.on("2031-10-02 23:59")
      .when(erase_child(true))
      .then_rejected(Rejection::erasure_before_term);
  story.on("2031-10-03 00:00").when(erase_child(true)).then_accepted();
}

TEST_CASE("the term of a child who left on 29 February ends after 1 March") {
  Story story = a_school();
  story.given(child_stream(kChild),
              made<ChildLeft>([](auto& e) { e.last_day = day("2028-02-29"); }));
  story.by(kDirector);
  story.on("2033-03-01 12:00")
      .when(erase_child(true))
      .then_rejected(Rejection::erasure_before_term);
  story.on("2033-03-02 00:00").when(erase_child(true)).then_accepted();
}

TEST_CASE("an account is erased once it is closed, and nobody erases himself") {
  Story story = a_school();
  story.by(kDirector)
      .when(erase_account(kStranger.account))
      .then_rejected(Rejection::erasure_of_open_account);
  story.when(erase_account(kDirector.account)).then_rejected(Rejection::erasure_of_oneself);
  story.when(erase_account(numbered<AccountId>(99))).then_rejected(Rejection::account_not_found);
  story.given(account_stream(kStranger.account),
              made<AccountClosed>([](auto& e) { e.last_day = day("2026-10-04"); }));
  story.when(erase_account(kStranger.account))
      .then(erased(SubjectKind::account, kStranger.account.value, {kFirstKey}), retired(kFirstKey));
}

TEST_CASE("a post is erased whole") {
  Story story = a_school();
  story.by(kDirector).when(erase_post()).then_rejected(Rejection::post_not_found);
  story.by(kTeacher).given(post_stream(kPost), made<PostPublished>([](auto& e) {
                             e.post = kPost;
                             e.groups = {kClass};
                           }));
  story.by(kDirector)
      .when(erase_post())
      .then(erased(SubjectKind::post, kPost.value, {kFirstKey}, ErasureGround::objection),
            retired(kFirstKey));
}

TEST_CASE("an erasure without keys or of nobody is none") {
  Story story = a_school();
  auto nothing = erase_child(false);
  nothing.keys.clear();
  story.by(kDirector).when(nothing).then_rejected(Rejection::erasure_of_nothing);
  story.when(erase_child(false, numbered<ChildId>(99))).then_rejected(Rejection::child_not_found);
  story.when(EraseSubject{}).then_rejected(Rejection::post_not_found);
}

TEST_CASE("nobody decides about the erasure of his own child") {
  Story story = a_school();
  story.by(kDeputy)
      .when(erase_child(false, kOtherChild))
      .then_rejected(Rejection::own_child_is_decided_by_another);
  story.when(erase_child(false)).then_accepted();
}

TEST_CASE(
    "R14 keys are recorded as destroyed once, by the program, and only those that are listed") {
  Story story = an_erasure();
  story.when(record({kFirstKey})).then_rejected(Rejection::role_not_sufficient);
  story.by(kSystem)
      .when(record({kFirstKey, numbered<KeyId>(3)}))
      .then_rejected(Rejection::keys_not_listed);
  story.when(record({})).then_rejected(Rejection::keys_not_listed);
  story.when(record({kFirstKey})).then(made<KeysDestroyed>([](auto& e) { e.keys = {kFirstKey}; }));
  story.when(record({kFirstKey})).then_rejected(Rejection::keys_already_destroyed);
  story.when(record({kSecondKey})).then_accepted();
  aggregates::Facts facts(kSchool, story);
  CHECK(facts.erasure().listed.empty());
  CHECK(facts.erasure().destroyed == std::set{kFirstKey, kSecondKey});
}

}  // namespace
}  // namespace klasboek::tests
