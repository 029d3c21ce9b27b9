#include "reactions/mail_order.h"

#include <variant>

#include "aggregates/child.h"
#include "aggregates/leave.h"

namespace klasboek::reactions {

namespace {

using events::RecordedEvent;

MailOrder order_for(events::AccountId account, const RecordedEvent& event,
                    events::MessageKind message) {
  MailOrder order;
  order.school = event.school;
  order.account = account;
  order.cause = event.event;
  order.message = message;
  return order;
}

std::vector<MailOrder> of_decision(events::LeaveId leave, const RecordedEvent& event,
                                   aggregates::Facts& facts) {
  const events::ChildId child{event.stream.subject};
  const auto* decided = aggregates::leave::leave_of(facts.leave(child), leave);
  if (decided == nullptr) return {};
  auto order = order_for(decided->requested_by, event, events::MessageKind::leave_decision);
  order.child = child;
  order.expires_at_us = event.recorded_at_us + kLeaveMailTermUs;
  return {order};
}

std::vector<MailOrder> of_absence(events::AbsenceId absence, const RecordedEvent& event,
                                  aggregates::Facts& facts) {
  const events::ChildId child{event.stream.subject};
  std::vector<MailOrder> orders;
  for (const auto& [account, guardian] : facts.child(child).guardians) {
    if (guardian.authority != events::Authority::with || account == event.actor.account) continue;
    auto order = order_for(account, event, events::MessageKind::absence_notice);
    order.child = child;
    order.absence = absence;
    order.expires_at_us = event.recorded_at_us + kAbsenceMailTermUs;
    orders.push_back(order);
  }
  return orders;
}

std::vector<MailOrder> of_invitation(const events::AccountInvited& invited,
                                     const RecordedEvent& event) {
  auto order = order_for({event.stream.subject}, event, events::MessageKind::invitation);
  order.invitation = invited.invitation;
  order.expires_at_us = invited.expires_at_us;
  return {order};
}

std::vector<MailOrder> of_reset(const events::PasswordResetAsked& asked,
                                const RecordedEvent& event) {
  auto order = order_for({event.stream.subject}, event, events::MessageKind::password_reset);
  order.invitation = asked.reset;
  order.expires_at_us = asked.expires_at_us;
  return {order};
}

events::CommandId command_of(std::string_view what, const MailOrder& order, std::uint32_t n) {
  const auto reaction = std::string(what) + " " + events::to_text(order.account);
  return events::command_id_of_chunk(events::command_id_of_reaction(reaction, order.cause), n);
}

}  // namespace

std::vector<MailOrder> mail_orders_of(const RecordedEvent& event, aggregates::Facts& facts) {
  using Orders = std::vector<MailOrder>;
  return std::visit(
      [&](const auto& e) -> Orders {
        using Event = std::decay_t<decltype(e)>;
        constexpr bool kIsDecision = std::is_same_v<Event, events::LeaveGranted> ||
                                     std::is_same_v<Event, events::LeavePartlyGranted> ||
                                     std::is_same_v<Event, events::LeaveRefused> ||
                                     std::is_same_v<Event, events::LeaveForwarded> ||
                                     std::is_same_v<Event, events::BeliefLeaveAccepted> ||
                                     std::is_same_v<Event, events::BeliefLeaveContested>;
        if constexpr (kIsDecision) {
          return of_decision(e.leave, event, facts);
        } else if constexpr (std::is_same_v<Event, events::AbsenceReported>) {
          return of_absence(e.absence, event, facts);
        } else if constexpr (std::is_same_v<Event, events::AccountInvited>) {
          return of_invitation(e, event);
        } else if constexpr (std::is_same_v<Event, events::PasswordResetAsked>) {
          return of_reset(e, event);
        } else {
          return {};
        }
      },
      event.body);
}

events::Uuid mail_id_of(events::SchoolId school, events::AccountId account, events::EventId cause) {
  const auto name = "mail " + events::to_text(school) + " " + events::to_text(account);
  return events::uuid_v8(events::command_id_of_reaction(name, cause));
}

events::CommandId claim_command_of(const MailOrder& order, std::uint32_t n) {
  return command_of("mail claim", order, n);
}

events::CommandId outcome_command_of(const MailOrder& order, std::uint32_t n) {
  return command_of("mail outcome", order, n);
}

}  // namespace klasboek::reactions
