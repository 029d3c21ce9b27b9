#include "tests/fuzz/inputs.h"

namespace klasboek::tests::fuzz {

void commit(Input input) {
  static EmptyLedger ledger(false);
  const events::AlignedBytes record(with_header(input));
  const auto view = events::read_frame(record.bytes());
  if (view) check_frame(*view);

  log::Ledger::Batch batch(ledger.ledger());
  const auto verdict = batch.apply(record.bytes(), 0, std::nullopt);
  if (!view) {
    must(std::holds_alternative<log::VoidRecord>(verdict), "what can't be read is void");
    return;
  }
  const auto* applied = std::get_if<log::Applied>(&verdict);
  if (applied != nullptr) {
    must(applied->first_sequence == 0 && applied->count == view->events.size(),
         "events take the next sequences, each its own");
    must(view->rejection.empty(), "a settled rejection has no events");
  }
  if (applied != nullptr || std::holds_alternative<log::SettledRejection>(verdict)) {
    must(
        std::holds_alternative<log::DuplicateCommand>(batch.apply(record.bytes(), 1, std::nullopt)),
        "what comes a second time is a duplicate");
  }
}

}  // namespace klasboek::tests::fuzz
