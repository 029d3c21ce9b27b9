#include "aggregates/account.h"

#include <algorithm>

#include "aggregates/fold.h"

namespace klasboek::aggregates::account {

namespace {

bool holds_after(const RoleTerm& term, events::Day day) {
  return !term.last_day || *term.last_day > day;
}

/// The account holds the role no longer than that day; what would begin later doesn't begin.
void end_role(State& state, events::Role role, events::Day last_day) {
  std::erase_if(state.roles, [&](const RoleTerm& term) {
    return term.role == role && term.first_day > last_day;
  });
  for (auto& term : state.roles) {
    if (term.role == role && holds_after(term, last_day)) term.last_day = last_day;
  }
}

void end_audit_grant(State& state, events::ChildId child) {
  std::erase_if(state.audit_grants, [&](const AuditGrant& grant) { return grant.child == child; });
}

bool is_blocked(const State& state, std::int64_t now_us) {
  return state.blocked && (state.blocked_until_us == 0 || now_us < state.blocked_until_us);
}

std::optional<events::Day> last_day_of(const auto& term) {
  if (term.open_ended) return std::nullopt;
  return term.last_day;
}

events::Stream stream_of(const auto& command) { return events::account_stream(command.account); }

}  // namespace

void evolve(State& state, const events::AccountEvent& event, const Happened& happened) {
  std::visit(
      Overloaded{
          [&](const events::AccountOpened&) { state.open = true; },
          [](const events::AccountNameCorrected&) {},
          [](const events::AccountContactChanged&) {},
          [&](const events::AccountInvited& e) {
            state.invitations[e.invitation] = {e.code_digest, e.expires_at_us, false};
            state.newest_invitation = e.invitation;
          },
          [&](const events::InvitationAccepted& e) {
            state.invitations[e.invitation].accepted = true;
            state.admitted = true;
          },
          [&](const events::RoleGiven& e) {
            state.roles.push_back({e.role, e.first_day, last_day_of(e)});
          },
          [&](const events::RoleEnded& e) { end_role(state, e.role, e.last_day); },
          [&](const events::AccountBlocked& e) {
            state.blocked = true;
            state.blocked_until_us = e.until_us;
          },
          [&](const events::AccountUnblocked&) {
            state.blocked = false;
            state.blocked_until_us = 0;
          },
          [&](const events::AccountClosed& e) { state.closed_after = e.last_day; },
          [&](const events::SessionsEnded& e) { state.sessions_not_before_us = e.not_before_us; },
          [&](const events::MandateGiven& e) {
            state.roles.push_back({events::Role::deputy, e.first_day, last_day_of(e), e.powers});
          },
          [&](const events::AuditGranted& e) {
            end_audit_grant(state, e.child);
            state.audit_grants.push_back({e.child, e.first_day, e.last_day, e.readable_text});
          },
          [&](const events::AuditGrantEnded& e) { end_audit_grant(state, e.child); },
          [&](const events::PasswordResetAsked& e) {
            state.resets[e.reset] = {e.code_digest, happened.recorded_at_us, e.expires_at_us,
                                     false};
            state.newest_reset = e.reset;
          },
          [&](const events::PasswordReset& e) {
            state.resets[e.reset].used = true;
            state.sessions_not_before_us = std::max(state.sessions_not_before_us, e.not_before_us);
          },
      },
      event);
}

bool is_open(const State& state, events::Day today) {
  return state.open && (!state.closed_after || today <= *state.closed_after);
}

bool is_active(const State& state, events::Day today, std::int64_t now_us) {
  return is_open(state, today) && !is_blocked(state, now_us);
}

std::optional<Rejection> refuse_unless_open(const State& state, events::Day today) {
  if (!state.open) return Rejection::account_not_found;
  if (!is_open(state, today)) return Rejection::account_closed;
  return std::nullopt;
}

bool can_be_given(events::Role role) {
  switch (role) {
    case events::Role::pupil:
    case events::Role::teacher:
    case events::Role::class_parent:
    case events::Role::care:
    case events::Role::office:
    case events::Role::director:
    case events::Role::deputy:
    case events::Role::board:
    case events::Role::reporter:
    case events::Role::auditor:
      return true;
    case events::Role::none:
    case events::Role::guardian:
    case events::Role::operator_:
    case events::Role::system:
      return false;
  }
  return false;
}

bool holds_role(const State& state, events::Role role, events::Day today) {
  if (role == events::Role::auditor &&
      std::ranges::any_of(state.audit_grants, [&](const AuditGrant& grant) {
        return grant.first_day <= today && today <= grant.last_day;
      })) {
    return true;
  }
  return std::ranges::any_of(state.roles, [&](const RoleTerm& term) {
    return term.role == role && term.first_day <= today &&
           (!term.last_day || today <= *term.last_day);
  });
}

Decision decide(const events::OpenAccount& command, const State& state, const Context& context) {
  if (!context.has_text(command.name)) return std::unexpected(Rejection::name_empty);
  if (state.open) return std::unexpected(Rejection::account_exists);
  events::AccountOpened event;
  event.account = command.account;
  event.name = context.text(command.name);
  event.contact = context.text(command.contact);
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::CorrectAccount& command, const State& state, events::Day today,
                const Context& context) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  std::vector<events::NewEvent> corrections;
  if (context.has_text(command.name)) {
    events::AccountNameCorrected event;
    event.name = context.text(command.name);
    corrections.push_back({stream_of(command), std::move(event)});
  }
  if (context.has_text(command.contact)) {
    events::AccountContactChanged event;
    event.contact = context.text(command.contact);
    corrections.push_back({stream_of(command), std::move(event)});
  }
  if (corrections.empty()) return std::unexpected(Rejection::nothing_to_change);
  return corrections;
}

Decision decide(const events::Invite& command, const State& state, events::Day today,
                const Context& context) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  if (is_blocked(state, context.now_us)) return std::unexpected(Rejection::account_blocked);
  // R16: a password is set first only by an invitation, and later by the old one or a reset code.
  if (state.admitted) return std::unexpected(Rejection::account_already_admitted);
  if (state.invitations.contains(command.invitation)) {
    return std::unexpected(Rejection::invitation_used);
  }
  if (command.expires_at_us <= context.now_us ||
      command.expires_at_us - context.now_us > kInvitationTermUsMax) {
    return std::unexpected(Rejection::invitation_expiry_invalid);
  }
  if (command.code_digest.size() != kCodeDigestBytes) return std::unexpected(Rejection::code_wrong);
  events::AccountInvited event;
  event.invitation = command.invitation;
  event.code_digest = command.code_digest;
  event.expires_at_us = command.expires_at_us;
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::AcceptInvitation& command, const State& state,
                const Context& context) {
  const auto found = state.invitations.find(command.invitation);
  if (found == state.invitations.end()) return std::unexpected(Rejection::invitation_not_found);
  if (state.admitted) return std::unexpected(Rejection::invitation_used);
  if (command.invitation != state.newest_invitation) {
    return std::unexpected(Rejection::invitation_replaced);
  }
  if (context.now_us >= found->second.expires_at_us) {
    return std::unexpected(Rejection::invitation_expired);
  }
  if (command.code_digest != found->second.code_digest) {
    return std::unexpected(Rejection::code_wrong);
  }
  events::InvitationAccepted event;
  event.invitation = command.invitation;
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::GiveRole& command, const State& state, events::Day today,
                const Context& /*context*/) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  const auto last_day = last_day_of(command);
  const bool overlaps = std::ranges::any_of(state.roles, [&](const RoleTerm& term) {
    return term.role == command.role && (!last_day || term.first_day <= *last_day) &&
           (!term.last_day || command.first_day <= *term.last_day);
  });
  if (overlaps) return std::unexpected(Rejection::role_already_given);
  if (!can_be_given(command.role)) return std::unexpected(Rejection::role_invalid);
  if (last_day && *last_day < command.first_day) return std::unexpected(Rejection::term_invalid);
  events::RoleGiven event;
  event.role = command.role;
  event.first_day = command.first_day;
  event.last_day = last_day.value_or(events::Day{});
  event.open_ended = command.open_ended;
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::EndRole& command, const State& state, const Context& /*context*/) {
  if (!state.open) return std::unexpected(Rejection::account_not_found);
  const bool holds = std::ranges::any_of(state.roles, [&](const RoleTerm& term) {
    return term.role == command.role && holds_after(term, command.last_day);
  });
  if (!holds) return std::unexpected(Rejection::role_not_given);
  events::RoleEnded event;
  event.role = command.role;
  event.last_day = command.last_day;
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::BlockAccount& command, const State& state, events::Day today,
                const Context& context) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  if (is_blocked(state, context.now_us)) return std::unexpected(Rejection::account_blocked);
  if (!context.has_text(command.reason)) return std::unexpected(Rejection::reason_missing);
  if (command.until_us != 0 && command.until_us <= context.now_us) {
    return std::unexpected(Rejection::term_invalid);
  }
  events::AccountBlocked event;
  event.reason = context.text(command.reason);
  event.until_us = command.until_us;
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::UnblockAccount& command, const State& state, const Context& context) {
  if (!state.open) return std::unexpected(Rejection::account_not_found);
  if (!is_blocked(state, context.now_us)) return std::unexpected(Rejection::account_not_blocked);
  events::AccountUnblocked event;
  event.reason = context.text(command.reason);
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::CloseAccount& command, const State& state, events::Day today,
                const Context& /*context*/) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  events::AccountClosed event;
  event.last_day = command.last_day;
  return on_stream(stream_of(command), std::move(event));
}

Decision decide(const events::EndSessions& command, const State& state, const Context& context) {
  if (!state.open) return std::unexpected(Rejection::account_not_found);
  events::SessionsEnded event;
  event.not_before_us = context.now_us;
  return on_stream(stream_of(command), std::move(event));
}

}  // namespace klasboek::aggregates::account
