#include "events/log/moments.h"

namespace klasboek::log {

std::optional<std::uint64_t> sequence_at(const Ledger& ledger, const events::SchoolId& school,
                                         std::int64_t at_us) {
  // recorded_at never runs back within a school: the events up to the moment are a prefix. `later`
  // is the first sequence that is surely after it.
  std::uint64_t earlier = 0;
  std::uint64_t later = ledger.school_head(school).next_sequence;
  while (earlier < later) {
    const std::uint64_t middle = earlier + (later - earlier) / 2;
    const auto commit = ledger.commit_of_sequence(school, middle);
    if (!commit) throw LedgerDamaged("a sequence of the school's log is missing");
    // All events of a commit have one recorded_at: look past it at once.
    if (commit->recorded_at_us <= at_us) {
      earlier = commit->first_sequence + commit->frame.events.size();
    } else {
      later = commit->first_sequence;
    }
  }
  if (earlier == 0) return std::nullopt;
  return earlier - 1;
}

}  // namespace klasboek::log
