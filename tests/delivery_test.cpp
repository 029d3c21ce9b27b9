#include "aggregates/delivery.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

constexpr auto kCause = numbered<EventId>(77);

ClaimDelivery claim(const EventId& cause = kCause) {
  return made<ClaimDelivery>([&](auto& c) {
    c.account = kMother.account;
    c.cause = cause;
    c.message = MessageKind::leave_decision;
  });
}

RecordDelivery record(DeliveryOutcome outcome, bool final = false) {
  return made<RecordDelivery>([&](auto& c) {
    c.account = kMother.account;
    c.cause = kCause;
    c.outcome = outcome;
    c.fault = DeliveryFault::no_answer;
    c.final = final;
  });
}

const auto kClaimed = made<DeliveryClaimed>([](auto& e) {
  e.cause = kCause;
  e.message = MessageKind::leave_decision;
});

/// A school in which the message was claimed at 10:00.
Story a_claim() {
  Story story = a_school();
  story.by(kSystem).on("2026-10-05 10:00").when(claim()).then(kClaimed);
  return story;
}

TEST_CASE("a message is claimed once for its cause") {
  Story story = a_claim();
  story.when(claim()).then_rejected(Rejection::delivery_already_claimed);
  story.when(claim(numbered<EventId>(78))).then_accepted();
}

TEST_CASE("a claim without an outcome may be tried again after ten minutes, and is counted") {
  Story story = a_claim();
  story.at(moment("2026-10-05 10:10") - 1)
      .when(claim())
      .then_rejected(Rejection::delivery_already_claimed);
  story.on("2026-10-05 10:10").when(claim()).then(kClaimed);
  aggregates::Facts facts(kSchool, story);
  CHECK(facts.delivery(kMother.account).attempts.at({kCause, Channel::mail}).count == 2);
}

TEST_CASE("what was sent isn't sent again") {
  Story story = a_claim();
  story.when(record(DeliveryOutcome::sent)).then(made<DeliverySent>([](auto& e) {
    e.cause = kCause;
  }));
  story.when(record(DeliveryOutcome::sent)).then_rejected(Rejection::delivery_not_claimed);
  story.on("2026-10-06 10:00").when(claim()).then_rejected(Rejection::delivery_already_sent);
}

TEST_CASE("what failed may be tried again at once, what failed for good never") {
  Story story = a_claim();
  const auto failed = [](bool final) {
    return made<DeliveryFailed>([&](auto& e) {
      e.cause = kCause;
      e.fault = DeliveryFault::no_answer;
      e.final = final;
    });
  };
  story.when(record(DeliveryOutcome::failed)).then(failed(false));
  story.when(claim()).then(kClaimed);
  story.when(record(DeliveryOutcome::failed, true)).then(failed(true));
  story.on("2026-10-06 10:00").when(claim()).then_rejected(Rejection::delivery_given_up);
}

TEST_CASE("an outcome belongs to a claim") {
  Story story = a_school();
  story.by(kSystem);
  story.when(record(DeliveryOutcome::sent)).then_rejected(Rejection::delivery_not_claimed);
  story.when(record(DeliveryOutcome::failed)).then_rejected(Rejection::delivery_not_claimed);
}

}  // namespace
}  // namespace klasboek::tests
