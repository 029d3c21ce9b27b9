#include <catch2/catch.hpp>
#include <string>

#include "projections/consent_view.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;
namespace consent_view = projections::consent_view;

AnswerConsent answer(ConsentAnswer said, const Actor& by, std::uint32_t version = 1) {
  return made<AnswerConsent>([&](auto& c) {
    c.child = kChild;
    c.purpose = kPhotos;
    c.answer = said;
    c.notice_version = version;
    c.language = "nl";
    c.answered_by = by.account;
  });
}

void says(Story& story, const Actor& who, ConsentAnswer said, std::uint32_t version = 1) {
  story.by(who).when(answer(said, who, version)).then_accepted();
}

void publish_notice(Story& story, bool asks_again) {
  story.by(kDirector)
      .when(made<PublishNotice>([&](auto& c) {
        c.purpose = kPhotos;
        NoticeText text;
        text.language = "nl";
        text.title = "Foto's";
        text.text = "Nieuwe toelichting";
        c.texts.push_back(text);
        c.asks_again = asks_again;
      }))
      .then_accepted();
}

std::string outcome(SchoolViews& school, consent_view::At at = std::nullopt) {
  const auto row = consent_view::consent(school.views(), kSchool, kChild, kPhotos, at);
  return row ? std::string(name_of(row->outcome)) : "not asked";
}

TEST_CASE("consent is what the guardians with authority say together") {
  SchoolViews school;
  CHECK(outcome(school) == "no_response");
  says(school.story, kMother, ConsentAnswer::given);
  CHECK(outcome(school) == "no_response");
  says(school.story, kFather, ConsentAnswer::given);
  CHECK(outcome(school) == "given");
  says(school.story, kFather, ConsentAnswer::refused);
  CHECK(outcome(school) == "conflicting");
  const auto all = consent_view::consents(school.views(), kSchool, kChild);
  REQUIRE(all.size() == 1);
  CHECK(all[0].purpose == kPhotos);
  CHECK(all[0].purpose_code == "closed_portal");
  CHECK(all[0].notice_version == 1);
  CHECK(all[0].answers.size() == 2);
  CHECK(all[0].deciders.size() == 2);
  CHECK(consent_view::stream_version(school.views(), kSchool, kChild) == 3);
  CHECK(consent_view::stream_version(school.views(), kSchool, kOtherChild) == 0);
}

TEST_CASE("the view of any moment before is the view as it was then") {
  SchoolViews school;
  auto& story = school.story;
  const auto before = school.last_sequence();
  says(story, kMother, ConsentAnswer::given);
  says(story, kFather, ConsentAnswer::given);
  const auto both = school.last_sequence();
  says(story, kMother, ConsentAnswer::refused);
  const auto withdrawn = school.last_sequence();
  CHECK(outcome(school, before) == "no_response");
  CHECK(outcome(school, both - 1) == "no_response");
  CHECK(outcome(school, both) == "given");
  CHECK(outcome(school, withdrawn) == "conflicting");
  CHECK(outcome(school) == "conflicting");
  CHECK(outcome(school, 0) == "not asked");
}

TEST_CASE("a guardian who loses authority no longer decides, and did before") {
  SchoolViews school;
  auto& story = school.story;
  says(story, kMother, ConsentAnswer::given);
  says(story, kFather, ConsentAnswer::refused);
  const auto before = school.last_sequence();
  story.by(kDirector)
      .when(made<RecordGuardianAuthority>([](auto& c) {
        c.child = kChild;
        c.guardian = kFather.account;
        c.authority = Authority::without;
      }))
      .then_accepted();
  CHECK(outcome(school) == "given");
  CHECK(outcome(school, before) == "conflicting");
  const auto row = consent_view::consent(school.views(), kSchool, kChild, kPhotos);
  REQUIRE(row.has_value());
  CHECK(row->answers.size() == 2);
  REQUIRE(row->deciders.size() == 1);
  CHECK(row->deciders[0].guardian == kMother.account);
}

TEST_CASE("what silence is worth is the policy of that moment") {
  SchoolViews school;
  auto& story = school.story;
  says(story, kMother, ConsentAnswer::given);
  const auto before = school.last_sequence();
  story.by(kDirector)
      .when(
          made<SetConsentPolicy>([](auto& c) { c.two_households = SilencePolicy::one_yes_counts; }))
      .then_accepted();
  CHECK(outcome(school) == "given");
  CHECK(outcome(school, before) == "no_response");
}

TEST_CASE("a yes lapses when a new notice asks again, a no never does") {
  SchoolViews school;
  auto& story = school.story;
  says(story, kMother, ConsentAnswer::given);
  says(story, kFather, ConsentAnswer::given);
  publish_notice(story, false);
  CHECK(outcome(school) == "given");
  publish_notice(story, true);
  CHECK(outcome(school) == "lapsed");
  const auto row = consent_view::consent(school.views(), kSchool, kChild, kPhotos);
  REQUIRE(row.has_value());
  CHECK(row->notice_version == 3);
  CHECK(row->answers[0].voice == ConsentVoice::lapsed);
  CHECK(row->answers[0].notice_version == 1);
  says(story, kFather, ConsentAnswer::refused, 3);
  publish_notice(story, true);
  CHECK(outcome(school) == "withdrawn");
}

TEST_CASE("the history has every answer, newest first, with who recorded it and when") {
  SchoolViews school;
  auto& story = school.story;
  says(story, kMother, ConsentAnswer::given);
  auto paper = answer(ConsentAnswer::refused, kFather);
  paper.route = AnswerRoute::paper;
  paper.given_at_us = moment("2026-10-01 12:00");
  story.by(on_behalf_of(kOffice, kFather)).when(paper).then_accepted();
  says(story, kMother, ConsentAnswer::refused);
  const auto views = school.views();
  const auto page = consent_view::history(views, kSchool, kChild, kPhotos, std::nullopt, 2);
  REQUIRE(page.answers.size() == 2);
  CHECK(page.answers[0].answered_by == kMother.account);
  CHECK(page.answers[0].voice == ConsentVoice::withdrawn);
  CHECK(page.answers[1].answered_by == kFather.account);
  CHECK(page.answers[1].voice == ConsentVoice::refused);
  CHECK(page.answers[1].route == AnswerRoute::paper);
  CHECK(page.answers[1].recorded_by == on_behalf_of(kOffice, kFather));
  CHECK(page.answers[1].given_at_us == moment("2026-10-01 12:00"));
  CHECK(page.answers[1].recorded_at_us == story.now_us());
  REQUIRE(page.next.has_value());
  const auto rest = consent_view::history(views, kSchool, kChild, kPhotos, page.next, 2);
  REQUIRE(rest.answers.size() == 1);
  CHECK(rest.answers[0].voice == ConsentVoice::given);
  CHECK_FALSE(rest.next.has_value());
  CHECK(
      consent_view::history(views, kSchool, kOtherChild, kPhotos, std::nullopt, 2).answers.empty());
}

TEST_CASE("the overview of a class has its children of that day") {
  SchoolViews school;
  auto& story = school.story;
  says(story, kMother, ConsentAnswer::refused);
  story.by(kOffice)
      .when(made<PlaceChild>([](auto& c) {
        c.child = kOtherChild;
        c.group = kClass;
        c.first_day = day("2026-10-07");
      }))
      .then_accepted();
  const auto views = school.views();
  const auto now = consent_view::overview(views, kSchool, kClass, kPhotos, day("2026-10-05"));
  REQUIRE(now.size() == 1);
  CHECK(now[0].child == kChild);
  CHECK(now[0].outcome == ConsentOutcome::refused);
  CHECK(consent_view::overview(views, kSchool, kClass, kPhotos, day("2026-10-07")).size() == 2);
  CHECK(consent_view::overview(views, kSchool, kWholeSchool, kPhotos, day("2026-10-05")).size() ==
        2);
  CHECK(consent_view::overview(views, kSchool, numbered<GroupId>(9), kPhotos, day("2026-10-05"))
            .empty());
}

}  // namespace
}  // namespace klasboek::tests
