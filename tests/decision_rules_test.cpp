// R2 to R4 where decisions are made: what a decision was based on is in its conditions, all of it,
// and what must be decided together can't be decided apart. The log's half is in log_rules_test.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "aggregates/facts.h"
#include "tests/support/given.h"
#include "tests/support/random_history.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Context;
using aggregates::Facts;
using aggregates::Rejection;

/// Notes which streams are read, and at which version they were.
class NotedSource final : public StreamSource {
 public:
  explicit NotedSource(StreamSource& source) : source_(source) {}
  std::uint64_t read(const Stream& stream, const Visit& visit) override {
    return versions_[stream] = source_.read(stream, visit);
  }
  [[nodiscard]] const std::map<Stream, std::uint64_t>& versions() const { return versions_; }

 private:
  StreamSource& source_;
  std::map<Stream, std::uint64_t> versions_;
};

/// Somebody asks for something.
struct Asked {
  Actor by;
  CommandBody command;
};

/// Whether a commit on these conditions would still get in.
bool hold(Story& story, const std::vector<Condition>& conditions) {
  return std::ranges::all_of(conditions, [&](const Condition& condition) {
    return story.read(condition.stream, [](const auto&) {}) == condition.expected_version;
  });
}

RequestLeave two_days_off(LeaveId leave) {
  return made<RequestLeave>([&](auto& c) {
    c.child = kChild;
    c.leave = leave;
    c.ground = LeaveGround::other_circumstances;
    c.first_day = day("2026-11-02");
    c.last_day = day("2026-11-03");
    c.compulsory_from = c.first_day;
  });
}
DecideLeave grant(LeaveId leave) {
  return made<DecideLeave>([&](auto& c) {
    c.child = kChild;
    c.leave = leave;
    c.verdict = LeaveVerdict::grant;
  });
}
ReportAbsence ill(AbsenceId absence) {
  return made<ReportAbsence>([&](auto& c) {
    c.child = kChild;
    c.absence = absence;
    c.first_day = day("2026-10-06");
    c.last_day = c.first_day;
    c.whole_days = true;
  });
}
AnswerConsent photos(const Actor& by, ConsentAnswer answer) {
  return made<AnswerConsent>([&](auto& c) {
    c.child = kChild;
    c.purpose = kPhotos;
    c.answer = answer;
    c.notice_version = 1;
    c.language = "nl";
    c.answered_by = by.account;
  });
}
AddPurpose purpose(std::uint64_t number) {
  return made<AddPurpose>([&](auto& c) {
    c.purpose = numbered<PurposeId>(number);
    c.code = "trips";
    c.texts.emplace_back();
    c.texts.back().language = "nl";
    c.texts.back().title = "Uitjes";
    c.texts.back().text = "Mag uw kind mee?";
  });
}
ChooseChannels mail(const Actor& of, bool wanted) {
  return made<ChooseChannels>([&](auto& c) {
    c.account = of.account;
    c.mail = wanted;
  });
}

TEST_CASE("R2 every stream that a decision reads is in its conditions, at the version it read") {
  Story story = a_school();
  story.by(kMother).when(two_days_off(numbered<LeaveId>(9))).then_accepted();
  const std::vector<Asked> all_asked = {{kMother, two_days_off(numbered<LeaveId>(1))},
                                        {kDirector, grant(numbered<LeaveId>(9))},
                                        {kFather, ill(numbered<AbsenceId>(1))},
                                        {kMother, photos(kMother, ConsentAnswer::given)},
                                        {kDirector, purpose(2)},
                                        {kMother, mail(kMother, true)},
                                        {kStranger, ill(numbered<AbsenceId>(2))}};
  for (const auto& asked : all_asked) {
    CAPTURE(name_of(asked.command));
    NotedSource source(story);
    Facts facts(kSchool, source);
    const auto decision =
        aggregates::decide(asked.command, facts, {kSchool, story.now_us(), asked.by, {}});
    CHECK(decision.has_value() == (asked.by != kStranger));
    std::map<Stream, std::uint64_t> conditions;
    for (const auto& condition : facts.conditions()) {
      CHECK(conditions.emplace(condition.stream, condition.expected_version).second);
    }
    CHECK(conditions == source.versions());
    CHECK(conditions.contains(account_stream(asked.by.account)));
  }
}

TEST_CASE("R2 whatever moves what authorised a decision makes it void") {
  struct Change {
    const char* what;
    Stream stream;
    EventBody event;
  };
  const std::vector<Change> changes = {
      {"blocked", account_stream(kMother.account), AccountBlocked{}},
      {"no guardian any more", child_stream(kChild),
       made<GuardianUnlinked>([](auto& e) { e.guardian = kMother.account; })},
      {"without authority", child_stream(kChild), made<GuardianAuthorityRecorded>([](auto& e) {
         e.guardian = kMother.account;
         e.authority = Authority::without;
       })}};
  for (const auto& change : changes) {
    CAPTURE(change.what);
    Story story = a_school();
    story.by(kMother).when(two_days_off(numbered<LeaveId>(1)));
    REQUIRE(story.decision().has_value());
    const auto conditions = story.conditions();
    REQUIRE(hold(story, conditions));
    story.given(change.stream, change.event);
    CHECK_FALSE(hold(story, conditions));
  }
}

TEST_CASE("R2 preferences move nothing that rights rest on") {
  Story story = a_school();
  story.by(kMother).when(two_days_off(numbered<LeaveId>(1)));
  REQUIRE(story.decision().has_value());
  const auto conditions = story.conditions();
  story.by(kMother).when(mail(kMother, true)).then_accepted();
  CHECK(hold(story, conditions));
}

TEST_CASE("R3 of two that decide about one set at the same moment the second must look again") {
  struct Pair {
    Asked first;
    Asked second;
    Rejection looked_again;
  };
  const auto one = numbered<LeaveId>(1);
  const std::vector<Pair> pairs = {
      // Days granted in a year are summed, absences mustn't overlap, answers make a consent, codes
      // of purposes are unique: each set has one stream that all its changes write.
      {{kDirector, grant(one)}, {kDeputy, grant(one)}, Rejection::leave_not_pending},
      {{kMother, ill(numbered<AbsenceId>(1))},
       {kMother, ill(numbered<AbsenceId>(2))},
       Rejection::absence_already_reported_by_you},
      {{kMother, photos(kMother, ConsentAnswer::given)},
       {kMother, photos(kMother, ConsentAnswer::given)},
       Rejection::consent_answer_unchanged},
      {{kDirector, purpose(2)}, {kDeputy, purpose(3)}, Rejection::purpose_exists}};
  for (const auto& pair : pairs) {
    CAPTURE(name_of(pair.first.command));
    Story story = a_school();
    story.by(kMother).when(two_days_off(one)).then_accepted();
    // Both decide on what was there; neither knows of the other.
    story.by(pair.second.by).when(pair.second.command);
    REQUIRE(story.decision().has_value());
    const auto second = story.conditions();
    story.by(pair.first.by).when(pair.first.command).then_accepted();
    CHECK_FALSE(hold(story, second));
    story.by(pair.second.by).when(pair.second.command).then_rejected(pair.looked_again);
  }
}

TEST_CASE("R3 absence, consent and leave of a child write one stream each, and it is always read") {
  const auto seed = GENERATE(11U, 12U, 13U);
  CAPTURE(seed);
  constexpr int kSteps = 400;
  RandomHistory history(seed);
  std::set<wire::StreamKind> seen;
  for (int n = 0; n < kSteps; ++n) {
    const auto before = history.story().history().size();
    if (!history.step()) continue;
    const auto& conditions = history.story().conditions();
    for (const auto& event : history.story().history(before)) {
      const auto is_condition =
          std::ranges::find(conditions, event.stream, &Condition::stream) != conditions.end();
      const auto kind = event.stream.kind;
      if (kind != wire::StreamKind::absence && kind != wire::StreamKind::consent &&
          kind != wire::StreamKind::leave) {
        continue;
      }
      CAPTURE(name_of(event.body), to_text(event.stream));
      seen.insert(kind);
      CHECK(is_condition);
      CHECK(std::ranges::count(history.children(), event.stream.subject,
                               [](const ChildId& child) { return child.value; }) == 1);
    }
  }
  CHECK(seen.size() == 3);
}

TEST_CASE("R4 the same folds and the same clock give the same decision, whenever it is taken") {
  Story story = a_school();
  story.by(kMother).when(two_days_off(numbered<LeaveId>(1))).then_accepted();
  const Story then(story);
  story.on("2026-10-07 12:00").by(kDirector).when(grant(numbered<LeaveId>(1)));
  REQUIRE(story.decision().has_value());
  const auto first = story.decision()->size();
  Story again(then);
  again.on("2026-10-07 12:00").by(kDirector).when(grant(numbered<LeaveId>(1)));
  REQUIRE(again.decision().has_value());
  REQUIRE(again.decision()->size() == first);
  CHECK(again.decision()->front().body == story.decision()->front().body);
  CHECK(again.conditions() == story.conditions());
}

}  // namespace
}  // namespace klasboek::tests
