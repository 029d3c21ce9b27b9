#pragma once
// The words of all decider tests: given what happened, when somebody asks, then this is decided. A
// Story is a small log in memory; commands pass the same door as those of the page (permissions
// first, then the rules), and what was decided is in the story from then on.
//
//   Story story = a_school();
//   story.by(kOffice).on("2026-10-05 09:00");
//   story.when(made<PlaceChild>([](auto& c) { … })).then(made<ChildPlaced>([](auto& e) { … }));
//   story.when(…).then_rejected(Rejection::child_already_there);
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregates/decide.h"
#include "events/command.h"
#include "events/stream_source.h"

namespace klasboek::tests {

/// A local moment of Amsterdam, `2026-10-05 09:00`, in µs UTC.
std::int64_t moment(std::string_view local);
/// `2026-10-05`.
events::Day day(std::string_view iso);

/// A value with its members set in place: made<PlaceChild>([](auto& c) { c.child = kChild; }).
template <class T, class Fill>
T made(Fill&& fill) {
  T value;
  std::forward<Fill>(fill)(value);
  return value;
}

/// An id whose last half is the number.
template <class AnId>
constexpr AnId numbered(std::uint64_t n) {
  return AnId{{0x0190'0000'0000'7000, 0x8000'0000'0000'0000 | n}};
}

// The cast. a_school() has them all come in; who has a role holds it since before the school year.
inline constexpr auto kSchool = numbered<events::SchoolId>(1);
inline constexpr auto kClass = numbered<events::GroupId>(1);
inline constexpr auto kOtherClass = numbered<events::GroupId>(2);
inline constexpr auto kWholeSchool = numbered<events::GroupId>(3);
/// In kClass since 2025-08-18; guardians: mother and father with authority in two households, a
/// stepfather without.
inline constexpr auto kChild = numbered<events::ChildId>(1);
/// In kOtherClass; guardian: kOtherMother, who has authority and is also the director's deputy.
inline constexpr auto kOtherChild = numbered<events::ChildId>(2);
inline constexpr auto kPhotos = numbered<events::PurposeId>(1);
inline constexpr auto kKey = numbered<events::KeyId>(1);

constexpr events::Actor actor(std::uint64_t account, events::Role role) {
  return {numbered<events::AccountId>(account), role, {}};
}
inline constexpr events::Actor kOperator{{}, events::Role::operator_, {}};
inline constexpr events::Actor kSystem{{}, events::Role::system, {}};
inline constexpr auto kDirector = actor(1, events::Role::director);
inline constexpr auto kDeputy = actor(2, events::Role::deputy);
inline constexpr auto kOffice = actor(3, events::Role::office);
inline constexpr auto kCare = actor(4, events::Role::care);
/// Works with kClass and with the whole school.
inline constexpr auto kTeacher = actor(5, events::Role::teacher);
/// Works with kOtherClass.
inline constexpr auto kOtherTeacher = actor(6, events::Role::teacher);
inline constexpr auto kMother = actor(11, events::Role::guardian);
inline constexpr auto kFather = actor(12, events::Role::guardian);
inline constexpr auto kStepfather = actor(13, events::Role::guardian);
/// The deputy in her other role.
inline constexpr auto kOtherMother = actor(2, events::Role::guardian);
/// Of nobody.
inline constexpr auto kStranger = actor(14, events::Role::guardian);

/// The same person, recording what another one said or wrote.
constexpr events::Actor on_behalf_of(events::Actor staff, const events::Actor& person) {
  staff.on_behalf_of = person.account;
  return staff;
}

/// Streams of one school in memory.
class Story : public events::StreamSource {
 public:
  Story() = default;
  Story(const Story& other);
  Story& operator=(const Story& other) = delete;

  /// The clock of what follows, a local moment; it stands still until it is set again.
  Story& on(std::string_view local);
  Story& at(std::int64_t now_us);
  [[nodiscard]] std::int64_t now_us() const { return now_us_; }
  /// Who does what follows.
  Story& by(const events::Actor& actor);

  /// A sealed text for the commands that follow: its slot.
  std::uint16_t text();
  [[nodiscard]] std::span<const events::Sealed> texts() const { return texts_; }
  /// The next text is the first again.
  void forget_texts() { texts_.clear(); }
  [[nodiscard]] const events::Actor& actor() const { return actor_; }
  /// What an event holds of that slot.
  [[nodiscard]] std::unique_ptr<events::Sealed> sealed(std::uint16_t slot) const;

  /// It has happened, whatever the rules say.
  Story& given(const events::Stream& stream, events::EventBody body,
               std::int64_t effective_at_us = 0);
  /// Somebody asks. The answer waits for one of the words below.
  Story& when(const events::CommandBody& command);
  /// Exactly these, in this order; they have happened from now on.
  template <class... Bodies>
  Story& then(Bodies... bodies) {
    std::vector<events::EventBody> expected;
    (expected.emplace_back(std::move(bodies)), ...);
    return then_events(expected);
  }
  Story& then_events(const std::vector<events::EventBody>& expected);
  /// Whatever was decided has happened.
  Story& then_accepted();
  Story& then_rejected(aggregates::Rejection rejection);

  /// The answer to the last question, for what the words above don't say.
  [[nodiscard]] const aggregates::Decision& decision() const { return *decision_; }
  /// What that answer was based on.
  [[nodiscard]] const std::vector<events::Condition>& conditions() const { return conditions_; }

  std::uint64_t read(const events::Stream& stream, const Visit& visit) override;
  /// Everything that happened from a sequence on, in that order.
  [[nodiscard]] std::vector<events::RecordedEvent> history(std::uint64_t from_sequence = 0) const;

 private:
  void record(const events::NewEvent& event);

  std::map<events::Stream, std::vector<events::RecordedEvent>> streams_;
  std::vector<events::Sealed> texts_;
  events::Actor actor_ = kOperator;
  std::int64_t now_us_ = 0;
  std::uint64_t sequence_ = 0;
  std::optional<aggregates::Decision> decision_;
  std::vector<events::Condition> conditions_;
};

/// A school in Amsterdam, Monday 2026-10-05 at 10:00, with the cast above: school from Monday to
/// Friday 08:30–15:00 (Wednesday until 12:30), years 2025–2026 and 2026–2027 (24 August to 9 July)
/// with their holidays (autumn 17–25 October, Christmas 19 December–3 January, spring 20–28
/// February, May 24 April–9 May) and one study day (Monday 9 November 2026); consent is asked for
/// photos by a notice in Dutch and English, version 1.
Story a_school();

}  // namespace klasboek::tests
