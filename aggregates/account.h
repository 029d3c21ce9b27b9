#pragma once
// An account: one person's membership of one school. Invitation, roles with dates, blocks: what
// rights rest on, and nothing else.
#include <map>
#include <optional>
#include <vector>

#include "aggregates/decision.h"
#include "events/command.h"

namespace klasboek::aggregates::account {

struct RoleTerm {
  events::Role role = events::Role::none;
  events::Day first_day;
  /// nullopt: until further notice.
  std::optional<events::Day> last_day;
  /// Of a deputy: what his mandate covers; nullopt: all of it.
  std::optional<std::vector<events::MandatePower>> powers = std::nullopt;
  bool operator==(const RoleTerm&) const = default;
};

struct Invitation {
  std::vector<std::uint8_t> code_digest;
  std::int64_t expires_at_us = 0;
  bool accepted = false;
  bool operator==(const Invitation&) const = default;
};

/// What an auditor may read: all of the school where child is zero, else of that child.
struct AuditGrant {
  events::ChildId child;
  events::Day first_day;
  events::Day last_day;
  bool readable_text = false;
  bool operator==(const AuditGrant&) const = default;
};

/// A request for a new password.
struct Reset {
  std::vector<std::uint8_t> code_digest;
  std::int64_t asked_at_us = 0;
  std::int64_t expires_at_us = 0;
  bool used = false;
  bool operator==(const Reset&) const = default;
};

struct State {
  using Event = events::AccountEvent;
  bool open = false;
  std::map<events::InvitationId, Invitation> invitations;
  /// Only this one can be accepted: a newer invitation voids those before it.
  std::optional<events::InvitationId> newest_invitation;
  /// An invitation was accepted: the person has come in.
  bool admitted = false;
  std::vector<RoleTerm> roles;
  /// One for each child, and one for the school.
  std::vector<AuditGrant> audit_grants;
  std::map<events::InvitationId, Reset> resets;
  /// Only this one can be used.
  std::optional<events::InvitationId> newest_reset;
  bool blocked = false;
  /// With blocked: 0 is until somebody ends it.
  std::int64_t blocked_until_us = 0;
  std::optional<events::Day> closed_after;
  std::int64_t sessions_not_before_us = 0;
  bool operator==(const State&) const = default;
};

void evolve(State& state, const events::AccountEvent& event, const Happened& happened);

/// An invitation is good for at most this long.
inline constexpr std::int64_t kInvitationTermUsMax = 60LL * 24 * 3600 * 1'000'000;
/// A link for a new password is good for at most this long, and another one isn't sent sooner than
/// that after it.
inline constexpr std::int64_t kResetTermUsMax = 24LL * 3600 * 1'000'000;
inline constexpr std::int64_t kResetPauseUs = 5LL * 60 * 1'000'000;
/// Of every code: SHA-256.
inline constexpr std::size_t kCodeDigestBytes = 32;

/// Opened, and not closed on that day.
bool is_open(const State& state, events::Day today);
/// Open, not closed on that day, not blocked at that moment. (Admission is asked at log-in.)
bool is_active(const State& state, events::Day today, std::int64_t now_us);
/// Open on that day, or why not.
std::optional<Rejection> refuse_unless_open(const State& state, events::Day today);
/// Roles that a person holds by a term on his account. The others are nobody's to give: guardians
/// hold theirs by their children, the operator and the program itself by what they run on.
bool can_be_given(events::Role role);
/// A role given by name on that day, by mandate, or an auditor's by a grant. Guardians hold theirs
/// by their children, not here.
bool holds_role(const State& state, events::Role role, events::Day today);
/// A deputy's mandate on that day covers it.
bool mandate_covers(const State& state, events::MandatePower power, events::Day today);
/// The grant by which the account may read of this child on that day (zero: of the whole school);
/// nullptr: there is none. A grant for the school covers every child.
const AuditGrant* audit_grant_for(const State& state, events::ChildId child, events::Day today);

// today: the school's own day.
Decision decide(const events::OpenAccount& command, const State& state, const Context& context);
Decision decide(const events::CorrectAccount& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::Invite& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::AcceptInvitation& command, const State& state,
                const Context& context);
Decision decide(const events::GiveRole& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::EndRole& command, const State& state, const Context& context);
Decision decide(const events::BlockAccount& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::UnblockAccount& command, const State& state, const Context& context);
Decision decide(const events::CloseAccount& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::EndSessions& command, const State& state, const Context& context);
Decision decide(const events::GiveMandate& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::GrantAudit& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::EndAuditGrant& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::AskPasswordReset& command, const State& state, events::Day today,
                const Context& context);
Decision decide(const events::ResetPassword& command, const State& state, const Context& context);
Decision decide(const events::RecordAuditRead& command, const State& state, events::Day today,
                const Context& context);

}  // namespace klasboek::aggregates::account
