#include "aggregates/consent.h"

#include <catch2/catch.hpp>
#include <random>
#include <string_view>

#include "aggregates/facts.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

AnswerConsent answer(const Actor& by, ConsentAnswer answer, std::uint32_t notice_version = 1) {
  return made<AnswerConsent>([&](auto& c) {
    c.child = kChild;
    c.purpose = kPhotos;
    c.answer = answer;
    c.notice_version = notice_version;
    c.language = "nl";
    c.answered_by = by.account;
  });
}
AnswerConsent yes(const Actor& by, std::uint32_t notice_version = 1) {
  return answer(by, ConsentAnswer::given, notice_version);
}
AnswerConsent no(const Actor& by, std::uint32_t notice_version = 1) {
  return answer(by, ConsentAnswer::refused, notice_version);
}

/// On paper, as the office records it.
AnswerConsent on_paper(AnswerConsent command, std::string_view given_at) {
  command.route = AnswerRoute::paper;
  command.given_at_us = moment(given_at);
  return command;
}

template <class Event>
Event answered(const Actor& by, std::uint32_t notice_version = 1) {
  return made<Event>([&](auto& e) {
    e.purpose = kPhotos;
    e.notice_version = notice_version;
    e.language = "nl";
    e.answered_by = by.account;
    e.school_year = 2026;
    e.rule_set = aggregates::kRuleSet;
  });
}
constexpr auto kGiven = answered<ConsentGiven>;
constexpr auto kRefused = answered<ConsentRefused>;
constexpr auto kWithdrawn = answered<ConsentWithdrawn>;

void publish_next_notice(Story& story, std::uint32_t version, bool asks_again) {
  story.given(school_stream(kSchool), made<NoticePublished>([&](auto& e) {
                e.purpose = kPhotos;
                e.version = version;
                e.texts.emplace_back();
                e.texts.back().language = "nl";
                e.asks_again = asks_again;
              }));
}

std::string_view status(Story& story) {
  aggregates::Facts facts(kSchool, story);
  return name_of(aggregates::consent::status_of(facts.consent(kChild), facts.school(),
                                                facts.child(kChild), kPhotos));
}

TEST_CASE("a guardian gives consent to the current notice") {
  Story story = a_school();
  CHECK(status(story) == "no_response");
  story.by(kMother).when(yes(kMother)).then(kGiven(kMother, 1));
  CHECK(status(story) == "no_response");
  story.by(kFather).when(yes(kFather)).then(kGiven(kFather, 1));
  CHECK(status(story) == "given");
}

TEST_CASE("a guardian refuses") {
  Story story = a_school();
  story.by(kMother).when(no(kMother)).then(kRefused(kMother, 1));
  CHECK(status(story) == "refused");
}

TEST_CASE("a no after an own yes withdraws it, and blocks at once") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.by(kFather).when(yes(kFather)).then_accepted();
  story.when(no(kFather)).then(kWithdrawn(kFather, 1));
  CHECK(status(story) == "conflicting");
  story.by(kMother).when(no(kMother)).then(kWithdrawn(kMother, 1));
  CHECK(status(story) == "withdrawn");
}

TEST_CASE("who has withdrawn may give consent again") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.when(no(kMother)).then_accepted();
  story.when(yes(kMother)).then(kGiven(kMother, 1));
}

TEST_CASE("the same answer to the same notice changes nothing") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.when(yes(kMother)).then_rejected(Rejection::consent_answer_unchanged);
  story.when(no(kMother)).then_accepted();
  story.when(no(kMother)).then_rejected(Rejection::consent_answer_unchanged);
  story.by(kFather).when(no(kFather)).then_accepted();
  story.when(no(kFather)).then_rejected(Rejection::consent_answer_unchanged);
}

TEST_CASE("the same answer to a newer notice is a new answer") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.by(kFather).when(no(kFather)).then_accepted();
  publish_next_notice(story, 2, false);
  story.by(kMother).when(yes(kMother, 2)).then(kGiven(kMother, 2));
  story.by(kFather).when(no(kFather, 2)).then(kRefused(kFather, 2));
}

TEST_CASE("a yes names the current notice") {
  Story story = a_school();
  publish_next_notice(story, 2, false);
  story.by(kMother);
  for (const std::uint32_t version : {0, 1, 3}) {
    story.when(yes(kMother, version)).then_rejected(Rejection::notice_version_not_current);
  }
  story.when(yes(kMother, 2)).then_accepted();
}

TEST_CASE("a no is not turned away for an older notice, only for one that never was") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  publish_next_notice(story, 2, false);
  for (const std::uint32_t version : {0, 3}) {
    story.when(no(kMother, version)).then_rejected(Rejection::notice_version_not_current);
  }
  story.when(no(kMother, 1)).then(kWithdrawn(kMother, 1));
}

TEST_CASE("an answer names a language of the notice") {
  Story story = a_school();
  auto in_french = yes(kMother);
  in_french.language = "fr";
  story.by(kMother).when(in_french).then_rejected(Rejection::notice_language_unknown);
  auto in_english = yes(kMother);
  in_english.language = "en";
  story.when(in_english).then_accepted();
}

TEST_CASE("a notice that asks again lets a yes lapse and a no stand") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.by(kFather).when(yes(kFather)).then_accepted();
  publish_next_notice(story, 2, false);
  CHECK(status(story) == "given");
  publish_next_notice(story, 3, true);
  CHECK(status(story) == "lapsed");
  publish_next_notice(story, 4, false);
  CHECK(status(story) == "lapsed");
  story.by(kMother).when(yes(kMother, 4)).then_accepted();
  CHECK(status(story) == "lapsed");
  story.by(kFather).when(no(kFather, 4)).then(kWithdrawn(kFather, 4));
  publish_next_notice(story, 5, true);
  CHECK(status(story) == "withdrawn");
}

TEST_CASE("a purpose that the school doesn't know can't be answered") {
  Story story = a_school();
  auto unknown = yes(kMother);
  unknown.purpose = numbered<PurposeId>(99);
  story.by(kMother).when(unknown).then_rejected(Rejection::purpose_not_found);
  aggregates::Facts facts(kSchool, story);
  CHECK(aggregates::consent::status_of(facts.consent(kChild), facts.school(), facts.child(kChild),
                                       unknown.purpose) == ConsentOutcome::no_response);
}

TEST_CASE("a child that isn't enrolled has no consents") {
  Story story = a_school();
  auto unknown = on_paper(yes(kMother), "2026-10-01 12:00");
  unknown.child = numbered<ChildId>(99);
  story.by(on_behalf_of(kOffice, kMother)).when(unknown).then_rejected(Rejection::child_not_found);
}

TEST_CASE("a guardian answers for himself, not for the other") {
  Story story = a_school();
  story.by(kMother).when(yes(kFather)).then_rejected(Rejection::not_own_account);
}

TEST_CASE("a guardian without authority has no say") {
  Story story = a_school();
  story.by(kStepfather).when(yes(kStepfather)).then_rejected(Rejection::guardian_has_no_authority);
  story.by(on_behalf_of(kOffice, kStepfather))
      .when(on_paper(yes(kStepfather), "2026-10-01 12:00"))
      .then_rejected(Rejection::guardian_has_no_authority);
}

TEST_CASE("the office records a paper answer of a guardian, and when it was given") {
  Story story = a_school();
  auto expected = kGiven(kFather, 1);
  expected.route = AnswerRoute::paper;
  story.by(on_behalf_of(kOffice, kFather))
      .when(on_paper(yes(kFather), "2026-09-29 16:00"))
      .then(expected);
  CHECK(story.decision()->front().effective_at_us == moment("2026-09-29 16:00"));
}

TEST_CASE("the school year of a paper answer is that of the day on which it was given") {
  Story story = a_school();
  auto expected = kGiven(kFather, 1);
  expected.route = AnswerRoute::paper;
  expected.school_year = 2025;
  story.by(on_behalf_of(kOffice, kFather))
      .when(on_paper(yes(kFather), "2026-07-03 16:00"))
      .then(expected);
  expected = kGiven(kMother, 1);
  expected.route = AnswerRoute::paper;
  expected.school_year = 0;
  story.by(on_behalf_of(kOffice, kMother))
      .when(on_paper(yes(kMother), "2026-08-01 12:00"))
      .then(expected);
}

TEST_CASE("the office answers for nobody but a guardian of the child") {
  Story story = a_school();
  const auto given_at = "2026-09-29 16:00";
  story.by(kOffice)
      .when(on_paper(yes(kOffice), given_at))
      .then_rejected(Rejection::guardian_not_linked);
  story.by(on_behalf_of(kOffice, kStranger))
      .when(on_paper(yes(kStranger), given_at))
      .then_rejected(Rejection::guardian_not_linked);
  story.by(on_behalf_of(kOffice, kMother))
      .when(on_paper(yes(kFather), given_at))
      .then_rejected(Rejection::not_own_account);
}

TEST_CASE("staff don't record an answer about their own child") {
  Story story = a_school();
  auto about_own = on_paper(yes(kOtherMother), "2026-09-29 16:00");
  about_own.child = kOtherChild;
  story.by(on_behalf_of(kDeputy, kOtherMother))
      .when(about_own)
      .then_rejected(Rejection::own_child_is_decided_by_another);
  auto of_the_other = on_paper(yes(kFather), "2026-09-29 16:00");
  of_the_other.child = kOtherChild;
  story.given(child_stream(kOtherChild), made<GuardianLinked>([](auto& e) {
                e.guardian = kFather.account;
                e.authority = Authority::with;
              }));
  story.by(on_behalf_of(kDeputy, kFather))
      .when(of_the_other)
      .then_rejected(Rejection::own_child_is_decided_by_another);
  story.by(on_behalf_of(kOffice, kFather)).when(of_the_other).then_accepted();
  story.by(on_behalf_of(kOffice, kOtherMother)).when(about_own).then_accepted();
}

TEST_CASE("guardians answer in the portal and now, staff record what was said or written") {
  Story story = a_school();
  auto spoken = yes(kMother);
  spoken.route = AnswerRoute::spoken;
  story.by(kMother).when(spoken).then_rejected(Rejection::consent_route_invalid);
  auto of_yesterday = yes(kMother);
  of_yesterday.given_at_us = moment("2026-10-04 10:00");
  story.when(of_yesterday).then_rejected(Rejection::consent_route_invalid);
  story.by(on_behalf_of(kOffice, kMother))
      .when(yes(kMother))
      .then_rejected(Rejection::consent_route_invalid);
  story.when(spoken).then_accepted();
}

TEST_CASE("an answer can't have been given in the future") {
  Story story = a_school();
  story.by(on_behalf_of(kOffice, kMother))
      .when(on_paper(yes(kMother), "2026-10-05 10:01"))
      .then_rejected(Rejection::consent_given_in_future);
  story.when(on_paper(yes(kMother), "2026-10-05 10:00")).then_accepted();
}

TEST_CASE("an older paper doesn't undo what a guardian has said since") {
  Story story = a_school();
  story.by(kMother).when(no(kMother)).then_accepted();
  story.on("2026-10-06 09:00")
      .by(on_behalf_of(kOffice, kMother))
      .when(on_paper(yes(kMother), "2026-10-05 09:59"))
      .then_rejected(Rejection::consent_later_answer_known);
  story.when(on_paper(yes(kMother), "2026-10-05 10:01")).then_accepted();
}

TEST_CASE("after a child has left nobody gives consent, and anybody may still withdraw it") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.given(child_stream(kChild),
              made<ChildLeft>([](auto& e) { e.last_day = day("2026-10-09"); }));
  story.on("2026-10-09 16:00").by(kFather).when(yes(kFather)).then_accepted();
  story.on("2026-10-10 09:00");
  story.when(no(kFather)).then(kWithdrawn(kFather, 1));
  story.when(yes(kFather)).then_rejected(Rejection::child_left);
}

TEST_CASE("from sixteen on the pupil decides, and no guardian") {
  Story story = a_school();
  auto by_mother = yes(kMother);
  by_mother.sixteen_or_older = true;
  story.by(kMother).when(by_mother).then_rejected(Rejection::pupil_decides_from_sixteen);

  // The pupil's account has the UUID of the child; in a school like this one he has none.
  const Actor pupil{AccountId{kChild.value}, Role::pupil, {}};
  const aggregates::Context context{kSchool, story.now_us(), pupil, {}};
  aggregates::Facts facts(kSchool, story);
  auto by_pupil = no(pupil);
  by_pupil.sixteen_or_older = true;
  const auto decision = aggregates::consent::decide(by_pupil, facts.consent(kChild), facts.school(),
                                                    facts.child(kChild), context);
  REQUIRE(decision.has_value());
  auto expected = kRefused(pupil, 1);
  expected.by_pupil = true;
  CHECK(decision->front().body == EventBody(expected));

  by_pupil.sixteen_or_older = false;
  CHECK(aggregates::consent::decide(by_pupil, facts.consent(kChild), facts.school(),
                                    facts.child(kChild), context)
            .error() == Rejection::guardian_not_linked);
}

TEST_CASE("once the pupil has answered, the answers of the guardians no longer count") {
  Story story = a_school();
  story.by(kMother).when(no(kMother)).then_accepted();
  const Actor pupil{AccountId{kChild.value}, Role::pupil, {}};
  auto given = kGiven(pupil, 1);
  given.by_pupil = true;
  story.by(pupil).given(consent_stream(kChild), given);
  CHECK(status(story) == "given");
}

TEST_CASE("a pupil decides from the sixteenth birthday on, also when born on 29 February") {
  using aggregates::consent::pupil_decides;
  CHECK_FALSE(pupil_decides(day("2010-10-05"), day("2026-10-04")));
  CHECK(pupil_decides(day("2010-10-05"), day("2026-10-05")));
  CHECK_FALSE(pupil_decides(day("2084-02-29"), day("2100-02-28")));
  CHECK(pupil_decides(day("2084-02-29"), day("2100-03-01")));
  CHECK_FALSE(pupil_decides(day("2008-02-29"), day("2024-02-28")));
  CHECK(pupil_decides(day("2008-02-29"), day("2024-02-29")));
}

TEST_CASE("the answer of a guardian counts as long as he has authority") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  story.by(kFather).when(no(kFather)).then_accepted();
  CHECK(status(story) == "conflicting");
  const auto record = [&](Authority authority) {
    story.given(child_stream(kChild), made<GuardianAuthorityRecorded>([&](auto& e) {
                  e.guardian = kFather.account;
                  e.authority = authority;
                }));
  };
  record(Authority::unknown);
  CHECK(status(story) == "given");
  record(Authority::with);
  CHECK(status(story) == "conflicting");
  story.given(child_stream(kChild),
              made<GuardianUnlinked>([](auto& e) { e.guardian = kFather.account; }));
  CHECK(status(story) == "given");
}

TEST_CASE("the school's policy decides what one yes is worth") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  CHECK(status(story) == "no_response");
  story.given(school_stream(kSchool), made<ConsentPolicySet>([](auto& e) {
                e.one_household = SilencePolicy::all_must_answer;
                e.two_households = SilencePolicy::one_yes_counts;
              }));
  CHECK(status(story) == "given");
}

TEST_CASE("an answer rests on the streams of consent, school, child and account") {
  Story story = a_school();
  story.by(kMother).when(yes(kMother)).then_accepted();
  for (const auto& stream : {consent_stream(kChild), school_stream(kSchool), child_stream(kChild),
                             account_stream(kMother.account)}) {
    CAPTURE(to_text(stream));
    CHECK(std::ranges::any_of(story.conditions(),
                              [&](const auto& condition) { return condition.stream == stream; }));
  }
}

TEST_CASE("in any history: it is never given while somebody's last word is no") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) {
    return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
  };
  for (int history = 0; history < 40; ++history) {
    Story story = a_school();
    std::uint32_t version = 1;
    std::map<AccountId, ConsentAnswer> last_word;
    for (int step = 0; step < 25; ++step) {
      const auto& guardian = below(2) == 0 ? kMother : kFather;
      if (below(8) == 0) {
        publish_next_notice(story, ++version, below(2) == 0);
        continue;
      }
      const auto said = below(2) == 0 ? ConsentAnswer::given : ConsentAnswer::refused;
      story.by(guardian).when(answer(guardian, said, version - below(2)));
      if (story.decision()) {
        story.then_accepted();
        last_word[guardian.account] = said;
      }
      const bool any_no = std::ranges::any_of(
          last_word, [](const auto& word) { return word.second == ConsentAnswer::refused; });
      const auto now = status(story);
      CAPTURE(history, step, now);
      if (any_no) REQUIRE(now != "given");
      if (now == "given") REQUIRE(last_word.size() == 2);
    }
  }
}

}  // namespace
}  // namespace klasboek::tests
