// A new password for who has come in before: a link, asked for and used.
#include "aggregates/account.h"
#include "aggregates/fold.h"

namespace klasboek::aggregates::account {

Decision decide(const events::AskPasswordReset& command, const State& state, events::Day today,
                const Context& context) {
  if (const auto refused = refuse_unless_open(state, today)) return std::unexpected(*refused);
  if (!is_active(state, today, context.now_us)) return std::unexpected(Rejection::account_blocked);
  if (!state.admitted) return std::unexpected(Rejection::account_not_admitted);
  if (state.newest_reset) {
    const auto& newest = state.resets.at(*state.newest_reset);
    if (context.now_us - newest.asked_at_us < kResetPauseUs) {
      return std::unexpected(Rejection::reset_asked_recently);
    }
  }
  if (command.expires_at_us <= context.now_us ||
      command.expires_at_us - context.now_us > kResetTermUsMax) {
    return std::unexpected(Rejection::reset_expiry_invalid);
  }
  if (command.code_digest.size() != kCodeDigestBytes) return std::unexpected(Rejection::code_wrong);
  events::PasswordResetAsked event;
  event.reset = command.reset;
  event.code_digest = command.code_digest;
  event.expires_at_us = command.expires_at_us;
  return on_stream(events::account_stream(command.account), std::move(event));
}

Decision decide(const events::ResetPassword& command, const State& state, const Context& context) {
  const auto found = state.resets.find(command.reset);
  if (found == state.resets.end()) return std::unexpected(Rejection::reset_not_found);
  if (found->second.used) return std::unexpected(Rejection::reset_used);
  if (command.reset != state.newest_reset) return std::unexpected(Rejection::reset_replaced);
  if (context.now_us >= found->second.expires_at_us) {
    return std::unexpected(Rejection::reset_expired);
  }
  if (command.code_digest != found->second.code_digest) {
    return std::unexpected(Rejection::code_wrong);
  }
  events::PasswordReset event;
  event.reset = command.reset;
  event.not_before_us = context.now_us;
  return on_stream(events::account_stream(command.account), std::move(event));
}

}  // namespace klasboek::aggregates::account
