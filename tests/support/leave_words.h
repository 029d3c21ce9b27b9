#pragma once
// What is asked, decided and expected in tests of leave. "Today" is Monday 5 October 2026; from
// Monday 2 November there are weeks of five school days, but for Monday 9 November, a study day.
#include <catch2/catch.hpp>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregates/facts.h"
#include "aggregates/leave.h"
#include "tests/support/given.h"

namespace klasboek::tests {

using namespace events;
using aggregates::Rejection;

inline constexpr auto kLeave = numbered<LeaveId>(1);
inline constexpr auto kSecond = numbered<LeaveId>(2);
inline constexpr auto kThird = numbered<LeaveId>(3);
inline constexpr auto kOccupation = LeaveGround::parents_occupation;
inline constexpr auto kOther = LeaveGround::other_circumstances;

inline RequestLeave request(LeaveId leave, LeaveGround ground, std::string_view first,
                            std::string_view last) {
  return made<RequestLeave>([&](auto& c) {
    c.child = kChild;
    c.leave = leave;
    c.ground = ground;
    c.first_day = day(first);
    c.last_day = day(last);
    c.compulsory_from = c.first_day;
  });
}

template <class Event>
Event of_request(const RequestLeave& command, std::uint16_t school_days) {
  return made<Event>([&](auto& e) {
    e.leave = command.leave;
    e.first_day = command.first_day;
    e.last_day = command.last_day;
    e.school_days = school_days;
    e.school_year = 2026;
    e.compulsory = true;
    e.compulsory_from = command.compulsory_from;
    e.rule_set = aggregates::kRuleSet;
  });
}
inline LeaveRequested requested(const RequestLeave& command, const Actor& by,
                                std::uint16_t school_days) {
  auto event = of_request<LeaveRequested>(command, school_days);
  event.ground = command.ground;
  event.requested_by = by.account;
  return event;
}
inline BeliefLeaveNoticed noticed(const RequestLeave& command, const Actor& by,
                                  std::uint16_t school_days,
                                  NoticeTimeliness timeliness = NoticeTimeliness::in_time) {
  auto event = of_request<BeliefLeaveNoticed>(command, school_days);
  event.noticed_by = by.account;
  event.timeliness = timeliness;
  return event;
}

inline DecideLeave decide(LeaveVerdict verdict, LeaveId leave = kLeave, std::uint16_t reasons = 0) {
  return made<DecideLeave>([&](auto& c) {
    c.child = kChild;
    c.leave = leave;
    c.verdict = verdict;
    c.reasons = reasons;
  });
}
inline DecideLeave grant_part(std::string_view first, std::string_view last, std::uint16_t reasons,
                              LeaveId leave = kLeave) {
  auto command = decide(LeaveVerdict::grant_partly, leave, reasons);
  command.first_day = day(first);
  command.last_day = day(last);
  return command;
}
inline WithdrawLeave withdraw(LeaveId leave = kLeave) {
  return made<WithdrawLeave>([&](auto& c) {
    c.child = kChild;
    c.leave = leave;
  });
}

struct Counted {
  LeaveGround ground = kOther;
  std::uint16_t school_days = 0;
  std::uint16_t new_days = 0;
  std::uint16_t granted_before = 0;
  std::uint16_t granted_before_on_ground = 0;
};
template <class Event>
Event decided(const Counted& counted, std::vector<LeaveAdvice> advice = {},
              LeaveId leave = kLeave) {
  return made<Event>([&](auto& e) {
    e.leave = leave;
    e.count = std::make_unique<LeaveCount>();
    e.count->school_year = 2026;
    e.count->ground = counted.ground;
    e.count->school_days = counted.school_days;
    e.count->new_days = counted.new_days;
    e.count->granted_before = counted.granted_before;
    e.count->granted_before_on_ground = counted.granted_before_on_ground;
    if constexpr (requires { e.against_advice; }) e.against_advice = !advice.empty();
    e.advice = std::move(advice);
    e.rule_set = aggregates::kRuleSet;
  });
}
template <class Event>
Event with_reasons(Event event, const Story& story, std::uint16_t slot) {
  event.reasons = story.sealed(slot);
  return event;
}

inline Story a_request(LeaveGround ground, std::string_view first, std::string_view last,
                       LeaveId leave = kLeave) {
  Story story = a_school();
  story.by(kMother).when(request(leave, ground, first, last)).then_accepted();
  story.by(kDirector);
  return story;
}
/// Asked by the mother and granted by the director.
inline void grant(Story& story, LeaveId leave, LeaveGround ground, std::string_view first,
                  std::string_view last) {
  story.by(kMother).when(request(leave, ground, first, last)).then_accepted();
  story.by(kDirector).when(decide(LeaveVerdict::grant, leave)).then_accepted();
}

inline LeaveStatus status(Story& story, LeaveId leave = kLeave) {
  aggregates::Facts facts(kSchool, story);
  const auto* found = aggregates::leave::leave_of(facts.leave(kChild), leave);
  REQUIRE(found != nullptr);
  return found->status;
}
inline std::uint16_t left_with_head(Story& story) {
  aggregates::Facts facts(kSchool, story);
  return facts.leave(kChild).balance.left_with_head(2026);
}

}  // namespace klasboek::tests
