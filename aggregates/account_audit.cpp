// What an auditor may read, and that he read it.
#include <algorithm>

#include "aggregates/account.h"
#include "aggregates/fold.h"

namespace klasboek::aggregates::account {

const AuditGrant* audit_grant_for(const State& state, events::ChildId child, events::Day today) {
  const AuditGrant* found = nullptr;
  for (const auto& grant : state.audit_grants) {
    const bool holds = grant.first_day <= today && today <= grant.last_day;
    const bool covers = grant.child.is_zero() || grant.child == child;
    if (!holds || !covers) continue;
    // Where two cover it, the one that reads more.
    if (found == nullptr || grant.readable_text) found = &grant;
  }
  return found;
}

Decision decide(const events::GrantAudit& command, const State& state, events::Day today,
                const Context& context) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  if (command.last_day < command.first_day || command.last_day < today) {
    return std::unexpected(Rejection::term_invalid);
  }
  if (!context.has_text(command.purpose)) return std::unexpected(Rejection::reason_missing);
  events::AuditGranted event;
  event.child = command.of_child;
  event.first_day = command.first_day;
  event.last_day = command.last_day;
  event.readable_text = command.readable_text;
  event.purpose = context.text(command.purpose);
  return on_stream(events::account_stream(command.account), std::move(event));
}

Decision decide(const events::EndAuditGrant& command, const State& state, events::Day today,
                const Context& /*context*/) {
  if (!state.open) return std::unexpected(Rejection::account_not_found);
  const auto found = std::ranges::find(state.audit_grants, command.of_child, &AuditGrant::child);
  if (found == state.audit_grants.end() || found->last_day < today) {
    return std::unexpected(Rejection::audit_grant_not_found);
  }
  events::AuditGrantEnded event;
  event.child = command.of_child;
  return on_stream(events::account_stream(command.account), std::move(event));
}

Decision decide(const events::RecordAuditRead& command, const State& state, events::Day today,
                const Context& /*context*/) {
  if (audit_grant_for(state, command.of_child, today) == nullptr) {
    return std::unexpected(Rejection::audit_not_granted);
  }
  events::AuditReadRecorded event;
  event.operation = command.operation;
  event.child = command.of_child;
  return on_stream(events::reading_stream(command.account), std::move(event));
}

}  // namespace klasboek::aggregates::account
