#include "reactions/node.h"

#include "reactions/prepare.h"

namespace klasboek::reactions {

namespace {

/// Whose key the fingerprint of a request hangs on: when the account is erased, requests of his
/// can't be compared any more.
events::SubjectRef fingerprint_subject(const Order& order) {
  return {events::SubjectKind::account, order.actor.account.value};
}

log::SubmitOutcome wait_until_seen(projections::Shard& shard, const log::SubmitOutcome& outcome,
                                   std::chrono::milliseconds wait_max) {
  const auto* done = std::get_if<log::Done>(&outcome);
  if (done == nullptr || done->count == 0) return outcome;
  if (shard.projector->wait_for(done->position, wait_max)) return outcome;
  // It is in the log; only that this node can't show it yet. A repeat finds it done.
  return log::UnknownOutcome{"the views of this node are behind"};
}

}  // namespace

log::SubmitOutcome carry_out(const Node& node, const Order& order) {
  auto& shard = node.shards.of(order.school);
  auto sealer = node.vault.sealer(order.school, order.command, node.now_us());
  const auto command = order.build(sealer);
  if (!command) return log::Unavailable{std::string(vault::name_of(command.error()))};

  log::SubmitRequest request;
  request.school = order.school;
  request.command = order.command;
  request.wait_max = order.wait_max;
  request.when_seen = [views = shard.projector.get()](log::Position position,
                                                      std::function<void()> call) {
    views->when_projected(position, std::move(call));
  };
  request.draw_attempt = [&] { return vault::draw<16>(node.random); };
  if (!order.canonical_body.empty() && !order.actor.account.is_zero()) {
    auto fingerprint =
        sealer.fingerprint(fingerprint_subject(order), events::RetentionClass::identity_attendance,
                           order.canonical_body);
    if (!fingerprint) return log::Unavailable{std::string(vault::name_of(fingerprint.error()))};
    request.fingerprint = *std::move(fingerprint);
    request.same_request = [&](std::span<const std::uint8_t> before) {
      // A key that is gone can't tell any more; then the command id alone counts.
      return node.vault.keys().matches(before, order.canonical_body).value_or(true);
    };
  }
  request.decide = [&](events::StreamSource& streams) {
    const SealedTexts sealed{sealer.texts(), sealer.key_ids(), sealer.minted()};
    return prepare(order, *command, sealed, node.now_us(), node.folds, streams);
  };
  return wait_until_seen(shard, log::submit(*shard.log, request), order.wait_max);
}

std::vector<events::RecordedEvent> events_of(const Node& node, events::SchoolId school,
                                             const log::Done& done) {
  if (done.count == 0) return {};
  const auto& ledger = node.shards.of(school).ledger();
  const auto commit = ledger.commit_of_sequence(school, done.first_sequence);
  return commit ? ledger.events_of(*commit) : std::vector<events::RecordedEvent>{};
}

}  // namespace klasboek::reactions
