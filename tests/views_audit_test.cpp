#include <catch2/catch.hpp>
#include <string>

#include "events/log/moments.h"
#include "projections/audit_view.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {
namespace {

using namespace events;
namespace audit_view = projections::audit_view;
using audit_view::AuditQuery;
using audit_view::subject_of;

constexpr std::size_t kAll = 1000;

std::vector<audit_view::AuditRow> trail(SchoolViews& school, const audit_view::Subject& subject,
                                        const AuditQuery& query = {}) {
  return audit_view::trail(school.views(), kSchool, subject, query, kAll).rows;
}

template <class Body>
std::uint8_t type_of() {
  return number_of(EventBody(Body{}));
}

/// Since a_school().
AuditQuery since(const SchoolViews& school) {
  AuditQuery query;
  query.from_sequence = school.last_sequence() + 1;
  return query;
}

template <class Body>
void has_only(const std::vector<audit_view::AuditRow>& rows) {
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].type == type_of<Body>());
}

void answer(Story& story, const Actor& actor, const Actor& guardian) {
  story.by(actor)
      .when(made<AnswerConsent>([&](auto& c) {
        c.child = kChild;
        c.purpose = kPhotos;
        c.notice_version = 1;
        c.language = "nl";
        c.answered_by = guardian.account;
        if (actor.account != guardian.account) c.route = AnswerRoute::spoken;
      }))
      .then_accepted();
}

TEST_CASE("an answer is in the trail of the child, of who gave it and of the school") {
  SchoolViews school;
  const auto asked = since(school);
  answer(school.story, on_behalf_of(kOffice, kMother), kMother);
  has_only<ConsentGiven>(trail(school, subject_of(kChild), asked));
  has_only<ConsentGiven>(trail(school, subject_of(kMother.account), asked));
  has_only<ConsentGiven>(trail(school, subject_of(kSchool), asked));
  CHECK(trail(school, subject_of(kFather.account), asked).empty());
  CHECK(trail(school, subject_of(kOtherChild), asked).empty());
  const auto row = trail(school, subject_of(kChild), asked)[0];
  CHECK(row.sequence == school.last_sequence());
  CHECK(row.actor == on_behalf_of(kOffice, kMother));
  CHECK(row.stream == consent_stream(kChild));
  CHECK(row.stream_version == 1);
  CHECK(row.recorded_at_us == school.story.now_us());
  CHECK(row.effective_at_us == school.story.now_us());
  const auto logged = school.fixture.ledger().commit_of_sequence(kSchool, row.sequence);
  REQUIRE(logged.has_value());
  CHECK(row.event == logged->event(0).event);
}

TEST_CASE("a move is in the trails of the child and of its new class") {
  SchoolViews school;
  const auto asked = since(school);
  school.story.by(kOffice)
      .when(made<PlaceChild>([](auto& c) {
        c.child = kChild;
        c.group = kOtherClass;
        c.first_day = day("2026-10-07");
      }))
      .then_accepted();
  has_only<ChildPlaced>(trail(school, subject_of(kChild), asked));
  has_only<ChildPlaced>(trail(school, subject_of(kOtherClass), asked));
  CHECK(trail(school, subject_of(kClass), asked).empty());
}

TEST_CASE("a post is in its own trail and in those of its groups") {
  SchoolViews school;
  const auto asked = since(school);
  school.story.by(kTeacher)
      .when(made<PublishPost>([&](auto& c) {
        c.post = numbered<PostId>(1);
        c.groups = {kClass, kWholeSchool};
        c.title = c.text = school.story.text();
        c.open_ended = true;
      }))
      .then_accepted();
  has_only<PostPublished>(trail(school, subject_of(numbered<PostId>(1)), asked));
  has_only<PostPublished>(trail(school, subject_of(kClass), asked));
  has_only<PostPublished>(trail(school, subject_of(kWholeSchool), asked));
  CHECK(trail(school, subject_of(kOtherClass), asked).empty());
}

TEST_CASE("an erasure is in the trail of whom it erased") {
  SchoolViews school;
  const auto asked = since(school);
  school.story.by(kDirector).given(erasure_stream(kSchool), made<SubjectErased>([](auto& e) {
                                     e.subject_kind = SubjectKind::child;
                                     e.subject_hi = kChild.value.hi;
                                     e.subject_lo = kChild.value.lo;
                                   }));
  has_only<SubjectErased>(trail(school, subject_of(kChild), asked));
}

TEST_CASE("every event of the school is in the school's trail, newest first") {
  SchoolViews school;
  const auto rows = trail(school, subject_of(kSchool));
  REQUIRE(rows.size() == school.story.history().size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].sequence == rows.size() - 1 - i);
}

TEST_CASE("a trail is asked for by sequence, type and actor") {
  SchoolViews school;
  answer(school.story, kMother, kMother);
  const auto mothers = school.last_sequence();
  answer(school.story, kFather, kFather);
  AuditQuery query;
  query.actor = kMother.account;
  has_only<ConsentGiven>(trail(school, subject_of(kChild), query));
  query = {};
  query.type = type_of<ConsentGiven>();
  CHECK(trail(school, subject_of(kChild), query).size() == 2);
  query.to_sequence = mothers;
  const auto then = trail(school, subject_of(kChild), query);
  REQUIRE(then.size() == 1);
  CHECK(then[0].sequence == mothers);
  query.to_sequence = std::numeric_limits<std::uint64_t>::max();
  query.from_sequence = mothers + 1;
  CHECK(trail(school, subject_of(kChild), query).size() == 1);
}

TEST_CASE("pages of a trail follow each other") {
  SchoolViews school;
  const auto views = school.views();
  const auto all = school.story.history().size();
  AuditQuery query;
  std::size_t seen = 0;
  for (std::size_t pages = 0; pages <= all; ++pages) {
    const auto page = audit_view::trail(views, kSchool, subject_of(kSchool), query, 7);
    seen += page.rows.size();
    if (!page.next) break;
    CHECK(*page.next == page.rows.back().sequence);
    query.to_sequence = *page.next - 1;
  }
  CHECK(seen == all);
}

TEST_CASE("a time is the last sequence that was recorded by then") {
  SchoolViews school;
  auto& story = school.story;
  const auto founded = school.last_sequence();
  story.on("2026-10-05 11:00");
  answer(story, kMother, kMother);
  story.on("2026-10-05 12:00");
  answer(story, kFather, kFather);
  static_cast<void>(school.views());
  const auto& ledger = school.fixture.ledger();
  const auto at = [&](std::string_view local) {
    return log::sequence_at(ledger, kSchool, moment(local));
  };
  CHECK_FALSE(at("2025-08-01 08:59").has_value());
  CHECK(at("2025-08-01 09:00") == founded);
  CHECK(at("2026-10-05 10:59") == founded);
  CHECK(at("2026-10-05 11:00") == founded + 1);
  CHECK(at("2026-10-05 11:59") == founded + 1);
  CHECK(at("2026-10-05 12:00") == founded + 2);
  CHECK(at("2030-01-01 00:00") == founded + 2);
  CHECK_FALSE(log::sequence_at(ledger, numbered<SchoolId>(9), story.now_us()).has_value());
}

}  // namespace
}  // namespace klasboek::tests
