// Following: from events to mails that wait. Sending is in mail_round.cpp.
#include "reactions/mail.h"

#include <spdlog/spdlog.h>

#include "aggregates/delivery.h"
#include "reactions/password_reset.h"

namespace klasboek::reactions {

namespace {

constexpr std::string_view kFollower = "mail";
constexpr std::chrono::milliseconds kViewsWaitMax{500};
/// Of one round, so that a long history doesn't hold up what is due.
constexpr std::size_t kCommitsPerRoundMax = 2'000;
/// The cursor is written once in so many positions: reading a few of them again costs less.
constexpr log::Position kPositionsPerSave = 256;

vault::CursorName cursor_of(const projections::Shard& shard) {
  const auto& identity = shard.ledger().identity();
  return {events::uuid_from_bytes(identity.log_id), identity.partition, kFollower};
}

bool is_settled(aggregates::Facts& facts, const MailOrder& order) {
  namespace delivery = aggregates::delivery;
  const auto* attempt =
      delivery::attempt_of(facts.delivery(order.account), order.cause, events::Channel::mail);
  return attempt != nullptr && (attempt->standing == delivery::Standing::sent ||
                                attempt->standing == delivery::Standing::given_up);
}

}  // namespace

MailRoom::MailRoom(const Node& node, MailSettings settings, MailSender* sender)
    : node_(node), settings_(std::move(settings)), sender_(sender), outbox_(node.vault.transit()) {}

std::expected<void, vault::VaultFault> MailRoom::open() {
  auto waiting = outbox_.list();
  if (!waiting) return std::unexpected(waiting.error());
  for (auto& mail : *waiting) {
    // A server may have come since, or another clock.
    mail.next_look_at_us = 0;
    mails_.emplace(mail_id_of(mail.order), mail);
  }
  for (const auto& shard : node_.shards.all()) {
    const auto cursor = node_.vault.cursors().next_position(cursor_of(*shard));
    if (!cursor) return std::unexpected(cursor.error());
    const auto tail = shard->ledger().tail();
    const log::Position end = tail ? tail->position + 1 : 0;
    // A cursor past the end is of a log that was put back from a backup: begin anew, and what was
    // sent is known by the log.
    const log::Position next = cursor->value_or(0) <= end ? cursor->value_or(0) : 0;
    followed_.push_back({shard.get(), next, next});
  }
  return {};
}

void MailRoom::round(const std::stop_token& stop) {
  take_up_resets(node_);
  for (auto& followed : followed_) follow(followed, stop);
  record_outstanding();
  send_due(stop);
}

void MailRoom::close() {
  for (auto& followed : followed_) save(followed);
}

void MailRoom::follow(Followed& followed, const std::stop_token& stop) {
  const auto& ledger = followed.shard->ledger();
  const auto tail = ledger.tail();
  if (!tail || tail->position < followed.next) return;
  // Addresses are read from the views.
  if (!followed.shard->projector->wait_for(tail->position, kViewsWaitMax)) return;
  std::size_t commits = 0;
  bool to_the_end = true;
  ledger.read_log(followed.next, [&](const log::StoredCommit& commit) {
    to_the_end =
        ++commits <= kCommitsPerRoundMax && !stop.stop_requested() && take_in(ledger, commit);
    if (to_the_end) followed.next = commit.position + 1;
    return to_the_end;
  });
  // Past records that took no place, too.
  if (to_the_end) followed.next = std::max(followed.next, tail->position + 1);
  if (followed.next - followed.saved >= kPositionsPerSave) save(followed);
}

void MailRoom::save(Followed& followed) {
  if (followed.next == followed.saved) return;
  if (node_.vault.cursors().set(cursor_of(*followed.shard), followed.next)) {
    followed.saved = followed.next;
  }
}

/// False where the outbox couldn't take a mail in: the commit is read again in the next round.
bool MailRoom::take_in(const log::Ledger& ledger, const log::StoredCommit& commit) {
  const auto now_us = node_.now_us();
  for (std::uint32_t i = 0; i < commit.frame.events.size(); ++i) {
    auto event = commit.event(i);
    if (const auto* sent = std::get_if<events::DeliverySent>(&event.body)) {
      look_again(event, sent->cause);
    } else if (const auto* failed = std::get_if<events::DeliveryFailed>(&event.body)) {
      look_again(event, failed->cause);
    }
    const auto streams = ledger.snapshot(event.school, event.sequence + 1);
    aggregates::Facts facts(event.school, *streams);
    for (const auto& order : mail_orders_of(event, facts)) {
      if (!take_up(order, now_us)) return false;
    }
  }
  return true;
}

bool MailRoom::take_up(const MailOrder& order, std::int64_t now_us) {
  const auto id = mail_id_of(order);
  // Old news: a log that is followed from its beginning is no reason to write to anybody.
  if (order.expires_at_us <= now_us || mails_.contains(id)) return true;
  const auto streams = node_.shards.of(order.school).ledger().snapshot(order.school);
  aggregates::Facts facts(order.school, *streams, &node_.folds);
  if (is_settled(facts, order)) return true;
  const WaitingMail mail{.order = order};
  if (const auto put = outbox_.put(mail); !put) {
    spdlog::warn("mail: the outbox can't take a mail in ({})", vault::name_of(put.error()));
    return false;
  }
  mails_.emplace(id, mail);
  return true;
}

void MailRoom::look_again(const events::RecordedEvent& event, events::EventId cause) {
  const auto found = mails_.find(mail_id_of(event.school, {event.stream.subject}, cause));
  if (found != mails_.end()) found->second.next_look_at_us = 0;
}

}  // namespace klasboek::reactions
