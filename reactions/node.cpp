#include "reactions/node.h"

#include "aggregates/decide.h"

namespace klasboek::reactions {

namespace {

/// Whose key the fingerprint of a request hangs on: when the account is erased, requests of his
/// can't be compared any more.
events::SubjectRef fingerprint_subject(const Order& order) {
  return {events::SubjectKind::account, order.actor.account.value};
}

std::expected<log::Prepared, log::Declined> prepare(const Node& node, const Order& order,
                                                    const events::CommandBody& command,
                                                    const vault::Sealer& sealer,
                                                    events::StreamSource& streams) {
  aggregates::Context context;
  context.school = order.school;
  context.now_us = node.now_us();
  context.actor = order.actor;
  context.texts = sealer.texts();
  aggregates::Facts facts(order.school, streams, &node.folds);
  const auto declined = [&](aggregates::Rejection rejection) {
    return std::unexpected(
        log::Declined{std::string(aggregates::row_of(rejection).name), context.now_us});
  };
  if (order.as_read && facts.version_of(order.as_read->stream) != order.as_read->expected_version) {
    return declined(aggregates::Rejection::changed_since_read);
  }
  // Reading a key's stream makes it a condition: what hangs on a key that is erased meanwhile
  // doesn't get in. decide looks at the keys of the texts; that of the fingerprint is used too.
  for (const auto& key : sealer.key_ids()) {
    if (!facts.key_lives(key)) return declined(aggregates::Rejection::key_retired);
  }
  auto decision = aggregates::decide(command, facts, context);
  if (!decision) return declined(decision.error());
  log::Prepared prepared;
  prepared.decided_at_us = context.now_us;
  prepared.actor = order.actor;
  prepared.causation = order.causation;
  prepared.conditions = facts.conditions();
  prepared.events = *std::move(decision);
  prepared.input = events::encode_input({command, order.actor});
  prepared.minted_keys = sealer.minted();
  return prepared;
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
    return prepare(node, order, *command, sealer, streams);
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
