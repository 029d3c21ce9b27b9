#pragma once
// Whether a ledger still holds what was written: every hash of it made again from the bytes. Much
// quicker than verifying a log (reactions/verification.h), and says less: nothing of rules and
// decisions.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "events/log/ledger.h"

namespace klasboek::log {

struct IntegrityReport {
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  /// What is wrong, each with its position or school; empty where all is well.
  std::vector<std::string> faults;
};

/// More faults than this aren't listed.
inline constexpr std::size_t kIntegrityFaultsMax = 100;

/// Looks at every record: the leaf of each event is hashed again from its bytes and compared with
/// the one that is kept, sequences of a school are dense, the tree that grows of the leaves has the
/// root that is kept, and the last record is the one that the tail names. Throws LedgerDamaged
/// where bytes can't be read at all. progress: position reached, and the last there is.
IntegrityReport check_integrity(
    const Ledger& ledger,
    const std::function<void(std::uint64_t done, std::uint64_t all)>& progress = {});

}  // namespace klasboek::log
