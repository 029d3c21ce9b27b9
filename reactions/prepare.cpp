#include "reactions/prepare.h"

#include "aggregates/decide.h"

namespace klasboek::reactions {

std::expected<log::Prepared, log::Declined> prepare(const Order& order,
                                                    const events::CommandBody& command,
                                                    const SealedTexts& sealed, std::int64_t now_us,
                                                    aggregates::FoldCache& folds,
                                                    events::StreamSource& streams) {
  aggregates::Context context;
  context.school = order.school;
  context.now_us = now_us;
  context.actor = order.actor;
  context.texts = sealed.texts;
  aggregates::Facts facts(order.school, streams, &folds);
  const auto declined = [&](aggregates::Rejection rejection) {
    return std::unexpected(
        log::Declined{std::string(aggregates::row_of(rejection).name), context.now_us});
  };
  if (order.as_read && facts.version_of(order.as_read->stream) != order.as_read->expected_version) {
    return declined(aggregates::Rejection::changed_since_read);
  }
  // Reading a key's stream makes it a condition: what hangs on a key that is erased meanwhile
  // doesn't get in. decide looks at the keys of the texts; that of the fingerprint is used too.
  for (const auto& key : sealed.key_ids) {
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
  prepared.minted_keys = sealed.minted;
  return prepared;
}

}  // namespace klasboek::reactions
