#include "reactions/mail_addressee.h"

#include "aggregates/absence.h"
#include "aggregates/account.h"
#include "aggregates/calendar.h"
#include "aggregates/child.h"
#include "aggregates/preferences.h"
#include "projections/directory.h"
#include "reactions/person_text.h"
#include "vault/email.h"

namespace klasboek::reactions {

namespace {

using aggregates::Facts;

/// The newest invitation alone lets in, once.
bool invitation_stands(Facts& facts, const MailOrder& order) {
  const auto& account = facts.account(order.account);
  const auto found = account.invitations.find(order.invitation);
  return account.newest_invitation == order.invitation && found != account.invitations.end() &&
         !found->second.accepted;
}

/// The same of a link for a new password.
bool reset_stands(Facts& facts, const MailOrder& order) {
  const auto& account = facts.account(order.account);
  const auto found = account.resets.find(order.invitation);
  return account.newest_reset == order.invitation && found != account.resets.end() &&
         !found->second.used;
}

bool is_told_of_child(Facts& facts, const MailOrder& order) {
  return facts.account(order.account).admitted && facts.preferences(order.account).mail &&
         aggregates::child::has_authority(facts.child(order.child), order.account) &&
         !aggregates::child::is_shielded_from(facts.child(order.child), order.account);
}

bool absence_stands(Facts& facts, const MailOrder& order) {
  const auto* absence = aggregates::absence::absence_of(facts.absence(order.child), order.absence);
  return absence != nullptr && !absence->withdrawn;
}

bool is_to_be_told(Facts& facts, const MailOrder& order, std::int64_t now_us) {
  const auto today = aggregates::today(facts.school(), now_us);
  if (!aggregates::account::is_active(facts.account(order.account), today, now_us)) return false;
  switch (order.message) {
    case events::MessageKind::invitation:
      return invitation_stands(facts, order);
    case events::MessageKind::password_reset:
      return reset_stands(facts, order);
    case events::MessageKind::leave_decision:
      return is_told_of_child(facts, order);
    case events::MessageKind::absence_notice:
      return is_told_of_child(facts, order) && absence_stands(facts, order);
  }
  return false;  // a kind that a newer klasboek left in the outbox
}

MailAddressee with_address(const Node& node, const MailOrder& order) {
  const auto views = node.shards.of(order.school).views();
  const auto account = projections::directory::account(views, order.school, order.account);
  if (!account) return {MailVerdict::not_now, {}};
  if (!account->contact) return {MailVerdict::no_address, {}};
  const auto card =
      node.vault.unseal(order.school, account->contact->command, account->contact->sealed);
  if (!card) {
    const bool erased = card.error() == vault::UnsealFault::erased;
    return {erased ? MailVerdict::never : MailVerdict::not_now, {}};
  }
  // What isn't an address to log in by isn't one to send to: no line breaks, no second address.
  if (!vault::normalise_email(contact_card_of(*card).email)) return {MailVerdict::no_address, {}};
  std::string email = contact_card_of(*card).email;
  email.erase(0, email.find_first_not_of(" \t\r\n\v\f"));
  email.erase(email.find_last_not_of(" \t\r\n\v\f") + 1);
  return {MailVerdict::tell, std::move(email)};
}

}  // namespace

MailAddressee addressee_of(const Node& node, Facts& facts, const MailOrder& order,
                           std::int64_t now_us) {
  if (!is_to_be_told(facts, order, now_us)) return {MailVerdict::never, {}};
  if (order.expires_at_us <= now_us) return {MailVerdict::expired, {}};
  return with_address(node, order);
}

}  // namespace klasboek::reactions
