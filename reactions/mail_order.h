#pragma once
// What is to be told by mail, to whom and because of what: ids only. The words are made when the
// mail is sent, so that neither an address nor a text waits anywhere.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aggregates/facts.h"
#include "events/commit.h"

namespace klasboek::reactions {

struct MailOrder {
  events::SchoolId school;
  events::AccountId account;
  /// The event that the message tells of: one mail per account and cause.
  events::EventId cause;
  events::MessageKind message = events::MessageKind::invitation;
  /// Of an invitation, or of a request for a new password.
  events::InvitationId invitation;
  /// Whom a decision or an absence is about.
  events::ChildId child;
  events::AbsenceId absence;
  /// From here on the mail is of no use any more.
  std::int64_t expires_at_us = 0;
  bool operator==(const MailOrder&) const = default;
};

/// A decision is told for as long as an objection may be lodged (six weeks), an absence for as long
/// as it is news.
inline constexpr std::int64_t kLeaveMailTermUs = 42LL * 24 * 3600 * 1'000'000;
inline constexpr std::int64_t kAbsenceMailTermUs = 7LL * 24 * 3600 * 1'000'000;

/// The mails that follow from an event:
///   an invitation                    the account invited
///   a new password asked for         the account for which it was
///   a decision about leave, or that  who asked for it
///   it was forwarded
///   an absence reported              guardians with authority, but for who entered it himself
/// facts: of the moment just after the event, so that every node orders the same.
std::vector<MailOrder> mail_orders_of(const events::RecordedEvent& event, aggregates::Facts& facts);

/// By which name a mail waits and is known to mail programs: the same on every node and in every
/// try, and it tells nothing.
events::Uuid mail_id_of(events::SchoolId school, events::AccountId account, events::EventId cause);
inline events::Uuid mail_id_of(const MailOrder& order) {
  return mail_id_of(order.school, order.account, order.cause);
}

/// The n-th time that it is claimed (from 0), and what came of that: command ids that two nodes
/// share, so that the log lets one of them pass.
events::CommandId claim_command_of(const MailOrder& order, std::uint32_t n);
events::CommandId outcome_command_of(const MailOrder& order, std::uint32_t n);

}  // namespace klasboek::reactions
