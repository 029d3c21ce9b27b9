#pragma once
// Between times and sequences of one school. Only a sequence is repeatable: an answer as of a time
// names the sequence that it was taken at.
#include <cstdint>
#include <optional>

#include "events/log/ledger.h"

namespace klasboek::log {

/// The last sequence with recorded_at ≤ the moment (µs UTC); nullopt where there was none yet.
/// Takes a look at about log2(events) commits.
std::optional<std::uint64_t> sequence_at(const Ledger& ledger, const events::SchoolId& school,
                                         std::int64_t at_us);

}  // namespace klasboek::log
