#include <map>
#include <variant>

#include "tests/fuzz/inputs.h"

namespace klasboek::tests::fuzz {

namespace {

using log::Verdict;

/// After these a reader stops.
bool is_end(const Verdict& verdict) {
  return std::holds_alternative<log::NewerFormat>(verdict) ||
         std::holds_alternative<log::OtherLog>(verdict);
}

/// Enough of a verdict to tell it from another.
struct Said {
  std::size_t kind = 0;
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::int64_t third = 0;
  bool operator==(const Said&) const = default;
};

Said said(const Verdict& verdict) {
  Said said{verdict.index(), 0, 0, 0};
  if (const auto* applied = std::get_if<log::Applied>(&verdict)) {
    said = {said.kind, applied->first_sequence, applied->count, applied->recorded_at_us};
  } else if (const auto* voided = std::get_if<log::VoidRecord>(&verdict)) {
    said.first = static_cast<std::uint64_t>(voided->reason);
  } else if (const auto* moved = std::get_if<log::MovedStream>(&verdict)) {
    said.first = moved->actual_version;
  }
  return said;
}

/// A reader of the partition: what it says of each record. `repeats` reads each record twice.
std::vector<Said> read_all(const std::vector<Input>& records, bool repeats) {
  static EmptyLedger ledger(true);
  log::Ledger::Batch batch(ledger.ledger());
  std::vector<Said> all;
  std::map<events::SchoolId, std::int64_t> last_recorded_at_us;
  log::Position position = 0;
  for (const auto record : records) {
    const auto verdict = batch.apply(record, position++, kDecidedAtUs);
    all.push_back(said(verdict));
    if (is_end(verdict)) break;
    if (const auto* applied = std::get_if<log::Applied>(&verdict)) {
      must(applied->count > 0, "a commit that is in has events");
      const events::AlignedBytes aligned(record);
      auto& last = last_recorded_at_us[events::read_frame(aligned.bytes()).value().school];
      must(applied->recorded_at_us >= last, "the time of a school never runs back");
      last = applied->recorded_at_us;
    }
    if (!repeats) continue;
    const auto again = batch.apply(record, position++, kDecidedAtUs);
    const bool was_taken = std::holds_alternative<log::Applied>(verdict) ||
                           std::holds_alternative<log::SettledRejection>(verdict);
    must(!was_taken || std::holds_alternative<log::DuplicateCommand>(again),
         "a record that comes twice is done once");
    const bool was_void = std::holds_alternative<log::VoidRecord>(verdict);
    must(!was_void || said(again) == said(verdict), "a void record stays void");
  }
  return all;
}

}  // namespace

void records(Input input) {
  const auto all = parts_of(input);
  const auto first = read_all(all, false);
  must(read_all(all, false) == first, "two readers come to the same verdicts");
  must(read_all(all, true) == first, "a record that comes again changes nothing");
}

}  // namespace klasboek::tests::fuzz
