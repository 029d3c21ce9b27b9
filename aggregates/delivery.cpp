#include "aggregates/delivery.h"

#include "aggregates/fold.h"

namespace klasboek::aggregates::delivery {

namespace {

Attempt& attempt_at(State& state, const auto& event) {
  return state.attempts[{event.cause, event.channel}];
}

std::optional<Rejection> refuse_claim(const Attempt& attempt, std::int64_t now_us) {
  switch (attempt.standing) {
    case Standing::claimed:
      if (now_us - attempt.claimed_at_us < kClaimTermUs) {
        return Rejection::delivery_already_claimed;
      }
      return std::nullopt;
    case Standing::sent:
      return Rejection::delivery_already_sent;
    case Standing::given_up:
      return Rejection::delivery_given_up;
    case Standing::failed:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

const Attempt* attempt_of(const State& state, events::EventId cause, events::Channel channel) {
  const auto found = state.attempts.find({cause, channel});
  return found == state.attempts.end() ? nullptr : &found->second;
}

void evolve(State& state, const events::DeliveryEvent& event, const Happened& happened) {
  std::visit(
      Overloaded{
          [&](const events::DeliveryClaimed& e) {
            auto& attempt = attempt_at(state, e);
            attempt.standing = Standing::claimed;
            attempt.claimed_at_us = happened.recorded_at_us;
            ++attempt.count;
          },
          [&](const events::DeliverySent& e) { attempt_at(state, e).standing = Standing::sent; },
          [&](const events::DeliveryFailed& e) {
            attempt_at(state, e).standing = e.final ? Standing::given_up : Standing::failed;
          },
      },
      event);
}

Decision decide(const events::ClaimDelivery& command, const State& state, const Context& context) {
  if (const Attempt* attempt = attempt_of(state, command.cause, command.channel)) {
    if (const auto refused = refuse_claim(*attempt, context.now_us)) {
      return std::unexpected(*refused);
    }
  }
  events::DeliveryClaimed event;
  event.cause = command.cause;
  event.channel = command.channel;
  event.message = command.message;
  return on_stream(events::delivery_stream(command.account), event);
}

Decision decide(const events::RecordDelivery& command, const State& state,
                const Context& /*context*/) {
  const Attempt* attempt = attempt_of(state, command.cause, command.channel);
  if (attempt == nullptr || attempt->standing != Standing::claimed) {
    return std::unexpected(Rejection::delivery_not_claimed);
  }
  const auto stream = events::delivery_stream(command.account);
  if (command.outcome == events::DeliveryOutcome::sent) {
    events::DeliverySent event;
    event.cause = command.cause;
    event.channel = command.channel;
    return on_stream(stream, event);
  }
  events::DeliveryFailed event;
  event.cause = command.cause;
  event.channel = command.channel;
  event.fault = command.fault;
  event.final = command.final;
  return on_stream(stream, event);
}

}  // namespace klasboek::aggregates::delivery
