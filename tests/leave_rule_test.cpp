#include "events/leave_rule.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string_view>

namespace klasboek::events {
namespace {

template <class Event>
Event counting(std::uint16_t school_year, LeaveGround ground, std::uint16_t new_days) {
  Event event;
  event.count = std::make_unique<LeaveCount>();
  event.count->school_year = school_year;
  event.count->ground = ground;
  event.count->school_days = 9;
  event.count->new_days = new_days;
  return event;
}

constexpr auto kOther = LeaveGround::other_circumstances;

TEST_CASE("a request waits for a decision, unless the child isn't of compulsory age") {
  LeaveRequested request;
  BeliefLeaveNoticed notice;
  CHECK(status_after(request) == LeaveStatus::noted);
  CHECK(status_after(notice) == LeaveStatus::noted);
  CHECK_FALSE(is_pending(LeaveStatus::noted));
  request.compulsory = notice.compulsory = true;
  CHECK(is_pending(status_after(request)));
  CHECK(is_pending(status_after(notice)));
}

TEST_CASE("nothing waits after a decision or a withdrawal, and each has its public name") {
  const LeaveEvent events[] = {LeaveGranted{},   LeavePartlyGranted{},  LeaveRefused{},
                               LeaveForwarded{}, BeliefLeaveAccepted{}, BeliefLeaveContested{},
                               LeaveWithdrawn{}};
  std::set<std::string_view> names;
  for (const auto& event : events) {
    CHECK_FALSE(is_pending(status_after(event)));
    names.insert(name_of(status_after(event)));
  }
  CHECK(names == std::set<std::string_view>{"granted", "partly_granted", "refused", "forwarded",
                                            "accepted", "contested", "withdrawn"});
  CHECK(name_of(LeaveStatus::requested) == "requested");
  CHECK(name_of(LeaveStatus::noticed) == "noticed");
  CHECK(name_of(LeaveStatus::noted) == "noted");
}

TEST_CASE("the balance counts what was granted, by school year and ground") {
  LeaveBalance balance;
  balance.add(counting<LeaveGranted>(2026, kOther, 3));
  balance.add(counting<LeavePartlyGranted>(2026, kOther, 2));
  balance.add(counting<BeliefLeaveAccepted>(2026, LeaveGround::belief, 1));
  balance.add(counting<LeaveGranted>(2025, kOther, 4));
  CHECK(balance.granted(2026) == 6);
  CHECK(balance.granted_on(2026, kOther) == 5);
  CHECK(balance.granted_on(2026, LeaveGround::belief) == 1);
  CHECK(balance.granted_on(2026, LeaveGround::parents_occupation) == 0);
  CHECK(balance.granted(2024) == 0);
  CHECK(balance.left_with_head(2026) == 5);
  CHECK(balance.left_with_head(2025) == 6);
  CHECK(balance.left_with_head(2024) == 10);
}

TEST_CASE("the balance doesn't count what wasn't granted") {
  LeaveBalance balance;
  balance.add(counting<LeaveRefused>(2026, kOther, 3));
  balance.add(counting<LeaveForwarded>(2026, kOther, 12));
  balance.add(counting<BeliefLeaveContested>(2026, LeaveGround::belief, 1));
  balance.add(LeaveRequested{});
  balance.add(BeliefLeaveNoticed{});
  balance.add(LeaveWithdrawn{});
  CHECK(balance == LeaveBalance{});
}

TEST_CASE("nothing is left with the head where more was granted than he may") {
  LeaveBalance balance;
  balance.add(counting<LeaveGranted>(2026, kOther, 25));
  CHECK(balance.left_with_head(2026) == 0);
}

}  // namespace
}  // namespace klasboek::events
