#include "reactions/password_reset.h"

#include <variant>

#include "reactions/invitation_code.h"

namespace klasboek::reactions {

namespace {

constexpr events::Actor kProgram{{}, events::Role::system, {}};

/// The same for each try, so that after a crash there is one request and not two.
events::CommandId command_of(const events::Uuid& asking) {
  return events::command_id_of_reaction("password reset", events::EventId{asking});
}

log::SubmitOutcome ask_in(const Node& node, const vault::Membership& membership,
                          const events::Uuid& asking) {
  Order order;
  order.school = membership.school;
  order.actor = kProgram;
  order.command = command_of(asking);
  order.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::AskPasswordReset body;
    body.account = membership.account;
    body.reset = events::InvitationId{events::uuid_v8(order.command)};
    body.code_digest = code_digest(reset_code(node.vault, membership.school, body.reset));
    body.expires_at_us = node.now_us() + kResetLinkTermUs;
    return body;
  };
  return carry_out(node, order);
}

/// Whether it is settled: asked in one school, or nowhere to be asked.
bool settle(const Node& node, vault::IdentityId identity, const events::Uuid& asking) {
  const auto memberships = node.vault.logins().memberships_of(identity);
  if (!memberships) return false;
  for (const auto& membership : *memberships) {
    const auto outcome = ask_in(node, membership, asking);
    if (std::holds_alternative<log::Done>(outcome)) return true;
    const auto* refused = std::get_if<log::Refused>(&outcome);
    if (refused == nullptr) return false;
    // One link for one person: a link that was just sent is enough, wherever it came from.
    if (refused->rejection == "reset_asked_recently") return true;
    // Blocked or gone in this school; he may be well in another one.
  }
  return true;
}

}  // namespace

std::expected<void, vault::VaultFault> ask_for_reset(const Node& node, vault::IdentityId identity) {
  const auto asking = node.new_id<events::EventId>().value;
  return node.vault.transit().put(vault::TransitKind::password_reset, asking,
                                  events::to_text(identity));
}

void take_up_resets(const Node& node) {
  auto& transit = node.vault.transit();
  const auto waiting = transit.list(vault::TransitKind::password_reset);
  if (!waiting) return;
  for (const auto& asking : *waiting) {
    const auto text = transit.take(vault::TransitKind::password_reset, asking);
    if (!text || !*text) continue;
    const auto identity = events::parse_id<vault::IdentityId>(**text);
    if (identity && !settle(node, *identity, asking)) continue;
    // Where it can't be removed now it is asked again, under the same command: once, after all.
    static_cast<void>(transit.remove(vault::TransitKind::password_reset, asking));
  }
}

}  // namespace klasboek::reactions
