#include "tests/support/given.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "aggregates/calendar.h"

namespace klasboek::tests {

using namespace events;

namespace {

constexpr std::string_view kZone = "Europe/Amsterdam";

Period period(std::string_view name, std::string_view first, std::string_view last,
              PeriodKind kind = PeriodKind::holiday) {
  Period period;
  period.name = name;
  period.first_day = day(first);
  period.last_day = day(last);
  period.kind = kind;
  return period;
}

NoticeText notice(std::string_view language, std::string_view title, std::string_view text) {
  NoticeText notice;
  notice.language = language;
  notice.title = title;
  notice.text = text;
  return notice;
}

std::string names_of(const std::vector<EventBody>& bodies) {
  std::string names;
  for (const auto& body : bodies) names.append(name_of(body)).append(" ");
  return names.empty() ? "nothing" : names;
}

std::string answer_of(const aggregates::Decision& decision) {
  if (!decision) return std::string(aggregates::row_of(decision.error()).name);
  std::vector<EventBody> bodies;
  for (const auto& event : *decision) bodies.push_back(event.body);
  return names_of(bodies);
}

void given_settings(Story& story) {
  const auto stream = school_stream(kSchool);
  story.given(stream, made<SchoolFounded>([](auto& e) {
                e.school = kSchool;
                e.name = "De Berk";
                e.time_zone = kZone;
              }));
  story.given(stream, made<SchoolDaysSet>([](auto& e) {
                for (std::uint8_t weekday = 1; weekday <= 5; ++weekday) {
                  const unsigned ends = weekday == 3 ? 12 * 60 + 30 : 15 * 60;
                  e.days.emplace_back(weekday, 8 * 60 + 30, ends);
                }
              }));
  story.given(stream, made<SchoolYearSet>([](auto& e) {
                e.first_day = day("2025-08-18");
                e.last_day = day("2026-07-03");
                e.periods.push_back(period("herfstvakantie", "2025-10-18", "2025-10-26"));
                e.periods.push_back(period("kerstvakantie", "2025-12-20", "2026-01-04"));
                e.periods.push_back(period("voorjaarsvakantie", "2026-02-21", "2026-03-01"));
                e.periods.push_back(period("meivakantie", "2026-04-25", "2026-05-10"));
              }));
  story.given(
      stream, made<SchoolYearSet>([](auto& e) {
        e.first_day = day("2026-08-24");
        e.last_day = day("2027-07-09");
        e.periods.push_back(period("herfstvakantie", "2026-10-17", "2026-10-25"));
        e.periods.push_back(period("studiedag", "2026-11-09", "2026-11-09", PeriodKind::study_day));
        e.periods.push_back(period("kerstvakantie", "2026-12-19", "2027-01-03"));
        e.periods.push_back(period("voorjaarsvakantie", "2027-02-20", "2027-02-28"));
        e.periods.push_back(period("meivakantie", "2027-04-24", "2027-05-09"));
      }));
  story.given(stream, made<PurposeAdded>([](auto& e) {
                e.purpose = kPhotos;
                e.code = "closed_portal";
              }));
  story.given(stream, made<NoticePublished>([](auto& e) {
                e.purpose = kPhotos;
                e.version = 1;
                e.texts.push_back(notice("nl", "Foto's", "Mag uw kind op foto's in het portaal?"));
                e.texts.push_back(notice("en", "Photos", "May your child be in photos here?"));
              }));
}

void given_group(Story& story, GroupId group, GroupKind kind,
                 std::initializer_list<Actor> teachers) {
  story.given(group_stream(group), made<GroupFounded>([&](auto& e) {
                e.group = group;
                e.name = story.sealed(story.text());
                e.kind = kind;
              }));
  for (const auto& teacher : teachers) {
    story.given(group_stream(group), made<StaffAssigned>([&](auto& e) {
                  e.account = teacher.account;
                  e.first_day = day("2025-08-18");
                  e.open_ended = true;
                }));
  }
}

/// Opened and admitted; Role::none and guardian give no term on the account.
void given_account(Story& story, AccountId account, Role role) {
  const auto stream = account_stream(account);
  story.given(stream, made<AccountOpened>([&](auto& e) {
                e.account = account;
                e.name = story.sealed(story.text());
                e.contact = story.sealed(story.text());
              }));
  const InvitationId invitation{account.value};
  story.given(stream, made<AccountInvited>([&](auto& e) {
                e.invitation = invitation;
                e.code_digest.assign(32, 7);
                e.expires_at_us = moment("2025-09-01 00:00");
              }));
  story.given(stream, made<InvitationAccepted>([&](auto& e) { e.invitation = invitation; }));
  if (role == Role::none || role == Role::guardian) return;
  story.given(stream, made<RoleGiven>([&](auto& e) {
                e.role = role;
                e.first_day = day("2025-08-01");
                e.open_ended = true;
              }));
}

void given_child(Story& story, ChildId child, GroupId group) {
  const auto stream = child_stream(child);
  story.given(stream, made<ChildEnrolled>([&](auto& e) {
                e.child = child;
                e.name = story.sealed(story.text());
                e.birth_day = story.sealed(story.text());
                e.first_day = day("2025-08-18");
              }));
  story.given(stream, made<ChildPlaced>([&](auto& e) {
                e.group = group;
                e.first_day = day("2025-08-18");
              }));
}

void given_guardian(Story& story, ChildId child, const Actor& guardian, Relation relation,
                    Authority authority, std::uint8_t household, std::uint8_t contact_order) {
  story.given(child_stream(child), made<GuardianLinked>([&](auto& e) {
                e.guardian = guardian.account;
                e.relation = relation;
                e.authority = authority;
                e.household = household;
                e.contact_order = contact_order;
              }));
}

}  // namespace

std::int64_t moment(std::string_view local) {
  REQUIRE(local.size() == 16);
  const unsigned minute = static_cast<unsigned>(std::stoul(std::string(local.substr(11, 2)))) * 60 +
                          static_cast<unsigned>(std::stoul(std::string(local.substr(14, 2))));
  return aggregates::moment_of(kZone, day(local.substr(0, 10)), minute);
}

Day day(std::string_view iso) {
  const auto day = parse_day(iso);
  REQUIRE(day.has_value());
  return *day;
}

Story::Story(const Story& other)
    : StreamSource(),
      streams_(other.streams_),
      texts_(other.texts_),
      actor_(other.actor_),
      now_us_(other.now_us_),
      sequence_(other.sequence_),
      decision_(other.decision_),
      conditions_(other.conditions_) {}

Story& Story::on(std::string_view local) { return at(moment(local)); }

Story& Story::at(std::int64_t now_us) {
  now_us_ = now_us;
  return *this;
}

Story& Story::by(const Actor& actor) {
  actor_ = actor;
  return *this;
}

std::uint16_t Story::text() {
  Sealed text;
  text.key = kKey;
  text.slot = static_cast<std::uint16_t>(texts_.size() + 1);
  text.nonce.assign(24, 1);
  text.ciphertext.assign(16, static_cast<std::uint8_t>(text.slot));
  texts_.push_back(text);
  return text.slot;
}

std::unique_ptr<Sealed> Story::sealed(std::uint16_t slot) const {
  return slot == 0 ? nullptr : std::make_unique<Sealed>(texts_.at(slot - 1U));
}

Story& Story::given(const Stream& stream, EventBody body, std::int64_t effective_at_us) {
  record({stream, std::move(body), effective_at_us});
  return *this;
}

Story& Story::when(const CommandBody& command) {
  const aggregates::Context context{kSchool, now_us_, actor_, texts_};
  aggregates::Facts facts(kSchool, *this);
  decision_ = aggregates::decide(command, facts, context);
  conditions_ = facts.conditions();
  return *this;
}

Story& Story::then_events(const std::vector<EventBody>& expected) {
  INFO("decided: " << answer_of(*decision_) << ", expected: " << names_of(expected));
  REQUIRE(decision_->has_value());
  REQUIRE(decision_->value().size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("event " << i << ", " << name_of(expected[i]));
    REQUIRE(decision_->value()[i].body == expected[i]);
  }
  return then_accepted();
}

Story& Story::then_accepted() {
  INFO("decided: " << answer_of(*decision_));
  REQUIRE(decision_->has_value());
  for (const auto& event : decision_->value()) record(event);
  return *this;
}

Story& Story::then_rejected(aggregates::Rejection rejection) {
  INFO("decided: " << answer_of(*decision_)
                   << ", expected: " << aggregates::row_of(rejection).name);
  REQUIRE_FALSE(decision_->has_value());
  REQUIRE(decision_->error() == rejection);
  return *this;
}

std::uint64_t Story::read(const Stream& stream, const Visit& visit) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return 0;
  for (const auto& event : found->second) visit(event);
  return found->second.size();
}

std::vector<RecordedEvent> Story::history(std::uint64_t from_sequence) const {
  std::vector<RecordedEvent> happened;
  for (const auto& [stream, events] : streams_) {
    for (const auto& event : events) {
      if (event.sequence >= from_sequence) happened.push_back(event);
    }
  }
  std::ranges::sort(happened, {}, &RecordedEvent::sequence);
  return happened;
}

void Story::record(const NewEvent& event) {
  auto& stream = streams_[event.stream];
  RecordedEvent recorded;
  recorded.school = kSchool;
  recorded.sequence = sequence_++;
  recorded.event = numbered<EventId>(sequence_);
  recorded.stream = event.stream;
  recorded.stream_version = stream.size() + 1;
  recorded.recorded_at_us = now_us_;
  recorded.decided_at_us = now_us_;
  recorded.effective_at_us = event.effective_at_us == 0 ? now_us_ : event.effective_at_us;
  recorded.actor = actor_;
  recorded.body = event.body;
  stream.push_back(std::move(recorded));
}

Story a_school() {
  Story story;
  story.by(kOperator).on("2025-08-01 09:00");
  given_settings(story);
  for (const auto& person : {kDirector, kDeputy, kOffice, kCare, kTeacher, kOtherTeacher, kMother,
                             kFather, kStepfather, kStranger}) {
    given_account(story, person.account, person.role);
  }
  given_group(story, kClass, GroupKind::class_group, {kTeacher});
  given_group(story, kOtherClass, GroupKind::class_group, {kOtherTeacher});
  given_group(story, kWholeSchool, GroupKind::whole_school, {kTeacher});
  given_child(story, kChild, kClass);
  given_child(story, kOtherChild, kOtherClass);
  given_guardian(story, kChild, kMother, Relation::mother, Authority::with, 1, 1);
  given_guardian(story, kChild, kFather, Relation::father, Authority::with, 2, 2);
  given_guardian(story, kChild, kStepfather, Relation::step_parent, Authority::without, 1, 3);
  given_guardian(story, kOtherChild, kOtherMother, Relation::mother, Authority::with, 1, 1);
  story.on("2026-10-05 10:00");
  return story;
}

}  // namespace klasboek::tests
