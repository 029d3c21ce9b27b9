// Sending: what is due is claimed, handed over, and its outcome recorded.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "aggregates/delivery.h"
#include "aggregates/school.h"
#include "reactions/invitation_code.h"
#include "reactions/mail.h"

namespace klasboek::reactions {

namespace {

using aggregates::delivery::kClaimTermUs;
using aggregates::delivery::Standing;

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kMinuteUs = 60 * kSecondUs;
/// A mail that can't go for a reason of this node is looked at again after this.
constexpr std::int64_t kLookAgainUs = 10 * kMinuteUs;
/// A server that is away is asked again after 10 s, then twice as long each time up to this.
constexpr std::int64_t kFirstPauseUs = 10 * kSecondUs;
constexpr std::int64_t kPauseMaxUs = 5 * kMinuteUs;

const events::Actor kMailReaction{{}, events::Role::system, {}};

/// The next mail needn't be tried.
bool is_away(SendOutcome outcome) {
  return outcome == SendOutcome::no_answer || outcome == SendOutcome::not_served ||
         outcome == SendOutcome::stopped;
}

Order order_in_log(const MailOrder& mail, events::CommandId command, events::CommandBody body) {
  Order order;
  order.school = mail.school;
  order.actor = kMailReaction;
  order.command = command;
  order.causation = mail.cause;
  order.build = [body = std::move(body)](
                    vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return body;
  };
  return order;
}

}  // namespace

std::int64_t retry_pause_us(std::uint32_t claims) {
  constexpr std::array<std::int64_t, 6> kMinutes = {1, 5, 15, 60, 180, 360};
  const std::size_t nth = claims == 0 ? 0 : claims - 1;
  return kMinutes.at(std::min(nth, kMinutes.size() - 1)) * kMinuteUs;
}

void MailRoom::send_due(const std::stop_token& stop) {
  const auto now_us = node_.now_us();
  std::vector<events::Uuid> due;
  for (const auto& [id, mail] : mails_) {
    if (mail.next_look_at_us <= now_us) due.push_back(id);
  }
  if (due.empty() || now_us < paused_until_us_) return;
  if (sender_ != nullptr) {
    const auto reached = sender_->reach(stop);
    if (is_away(reached)) return pause(reached);
    pauses_ = 0;
  }
  for (const auto& id : due) {
    if (stop.stop_requested()) return;
    const auto came = attend(id, stop);
    if (is_away(came)) return pause(came);
  }
}

void MailRoom::pause(SendOutcome why) {
  if (why == SendOutcome::stopped) return;
  const auto doubled = kFirstPauseUs << std::min(pauses_, 10U);
  paused_until_us_ = node_.now_us() + std::min(doubled, kPauseMaxUs);
  if (pauses_++ == 0) {
    spdlog::warn("mail: the server {}; {} mails wait",
                 why == SendOutcome::not_served ? "refuses us: look at mail.server and mail.from"
                                                : "doesn't answer",
                 mails_.size());
  }
}

SendOutcome MailRoom::attend(const events::Uuid& id, const std::stop_token& stop) {
  auto& mail = mails_.at(id);
  const auto streams = node_.shards.of(mail.order.school).ledger().snapshot(mail.order.school);
  aggregates::Facts facts(mail.order.school, *streams, &node_.folds);
  const auto& delivery = facts.delivery(mail.order.account);
  if (const auto* attempt =
          aggregates::delivery::attempt_of(delivery, mail.order.cause, events::Channel::mail)) {
    mail.claims = attempt->count;
    switch (attempt->standing) {
      case Standing::sent:
      case Standing::given_up:
        forget(id);
        return SendOutcome::sent;
      case Standing::claimed:
        if (const auto at_us = attempt->claimed_at_us + kClaimTermUs; node_.now_us() < at_us) {
          wait_until(mail, MailState::sending, at_us);
          return SendOutcome::sent;
        }
        break;
      case Standing::failed:
        if (const auto at_us = attempt->claimed_at_us + retry_pause_us(attempt->count);
            node_.now_us() < at_us) {
          wait_until(mail, MailState::retrying, at_us);
          return SendOutcome::sent;
        }
        break;
    }
  }
  return try_now(mail, facts, stop);
}

SendOutcome MailRoom::try_now(WaitingMail& mail, aggregates::Facts& facts,
                              const std::stop_token& stop) {
  const auto addressee = addressee_of(node_, facts, mail.order, node_.now_us());
  switch (addressee.verdict) {
    case MailVerdict::never:
      forget(mail_id_of(mail.order));
      return SendOutcome::sent;
    case MailVerdict::expired:
      give_up(mail, events::DeliveryFault::expired);
      return SendOutcome::sent;
    case MailVerdict::no_address:
      give_up(mail, events::DeliveryFault::no_address);
      return SendOutcome::sent;
    case MailVerdict::not_now:
      wait_until(mail, mail.state, node_.now_us() + kLookAgainUs);
      return SendOutcome::sent;
    case MailVerdict::tell:
      break;
  }
  if (sender_ == nullptr) {
    wait_until(mail, mail.state, node_.now_us() + kLookAgainUs);
    return SendOutcome::sent;
  }
  const auto letter = letter_of(mail.order, facts, addressee.email);
  if (!claim(mail)) return SendOutcome::sent;
  return hand_over(mail, letter, stop);
}

Mail MailRoom::letter_of(const MailOrder& order, aggregates::Facts& facts,
                         const std::string& email) const {
  MailLetter letter;
  letter.message = order.message;
  letter.school_name = facts.school().name;
  letter.time_zone = facts.school().time_zone;
  letter.from = settings_.from;
  letter.to = email;
  letter.link = settings_.public_url + "/";
  if (order.message == events::MessageKind::invitation) {
    letter.link += "invitations/" + invitation_code(node_.vault, order.school, order.invitation);
  }
  if (order.message == events::MessageKind::password_reset) {
    letter.link += "password-resets/" + reset_code(node_.vault, order.school, order.invitation);
  }
  letter.expires_at_us = order.expires_at_us;
  letter.id = events::to_type_id("mail", mail_id_of(order));
  letter.sent_at_us = node_.now_us();
  return compose(letter);
}

bool MailRoom::claim(WaitingMail& mail) {
  events::ClaimDelivery body;
  body.account = mail.order.account;
  body.cause = mail.order.cause;
  body.channel = events::Channel::mail;
  body.message = mail.order.message;
  const auto order = order_in_log(mail.order, claim_command_of(mail.order, mail.claims), body);
  node_.surroundings.reached(log::Step::before_claim);
  const auto outcome = carry_out(node_, order);
  const auto* done = std::get_if<log::Done>(&outcome);
  if (done == nullptr || done->repeated) {
    // Another node's, or this one's before it lost track: its outcome comes by the log, or the
    // claim runs out.
    wait_until(mail, MailState::sending, node_.now_us() + kClaimTermUs);
    return false;
  }
  node_.surroundings.reached(log::Step::after_claim);
  ++mail.claims;
  wait_until(mail, MailState::sending, node_.now_us() + kClaimTermUs);
  return true;
}

SendOutcome MailRoom::hand_over(const WaitingMail& mail, const Mail& letter,
                                const std::stop_token& stop) {
  Outcome outcome;
  outcome.order = mail.order;
  outcome.claim = mail.claims - 1;
  const auto came = sender_->send(letter, stop);
  switch (came) {
    case SendOutcome::sent:
      node_.surroundings.reached(log::Step::handed_over);
      finish(outcome);
      return came;
    case SendOutcome::stopped:
      return came;  // it may be there: the claim stands, and runs out
    case SendOutcome::refused:
      outcome.final = true;
      [[fallthrough]];
    case SendOutcome::refused_for_now:
    case SendOutcome::not_served:
      outcome.fault = events::DeliveryFault::refused;
      break;
    case SendOutcome::no_answer:
      outcome.fault = events::DeliveryFault::no_answer;
      break;
  }
  outcome.outcome = events::DeliveryOutcome::failed;
  finish(outcome);
  return came;
}

void MailRoom::give_up(WaitingMail& mail, events::DeliveryFault fault) {
  if (!claim(mail)) return;
  finish({mail.order, mail.claims - 1, events::DeliveryOutcome::failed, fault, true});
}

void MailRoom::finish(const Outcome& outcome) {
  const auto id = mail_id_of(outcome.order);
  const bool over = outcome.outcome == events::DeliveryOutcome::sent || outcome.final;
  if (!record(outcome)) {
    // It must not be done again for want of a record: it stays in the outbox until the log has it.
    outstanding_.push_back(outcome);
    return;
  }
  spdlog::debug("mail: {} {}", events::to_type_id("mail", id),
                outcome.outcome == events::DeliveryOutcome::sent ? "was sent"
                : outcome.final                                  ? "was given up"
                                                                 : "is to be tried again");
  if (over) return forget(id);
  // When, the log says.
  if (const auto found = mails_.find(id); found != mails_.end()) {
    wait_until(found->second, MailState::retrying, 0);
  }
}

bool MailRoom::record(const Outcome& outcome) {
  events::RecordDelivery body;
  body.account = outcome.order.account;
  body.cause = outcome.order.cause;
  body.channel = events::Channel::mail;
  body.outcome = outcome.outcome;
  body.fault = outcome.fault;
  body.final = outcome.final;
  const auto command = outcome_command_of(outcome.order, outcome.claim);
  const auto recorded = carry_out(node_, order_in_log(outcome.order, command, body));
  // Refused: the claim ran out meanwhile, and another one has its outcome.
  return std::holds_alternative<log::Done>(recorded) ||
         std::holds_alternative<log::Refused>(recorded);
}

void MailRoom::record_outstanding() {
  for (const auto& outcome : std::exchange(outstanding_, {})) finish(outcome);
}

void MailRoom::wait_until(WaitingMail& mail, MailState state, std::int64_t at_us) {
  const bool is_news = mail.state != state;
  mail.state = state;
  mail.next_look_at_us = at_us;
  // Of use to who looks only: the log knows better.
  if (is_news && !outbox_.change(mail)) {
    spdlog::debug("mail: the outbox can't take in that one is {}", name_of(state));
  }
}

void MailRoom::forget(const events::Uuid& id) {
  // Where it can't be removed now, a next start finds it and the log says that it is done.
  if (outbox_.remove(id)) mails_.erase(id);
}

}  // namespace klasboek::reactions
