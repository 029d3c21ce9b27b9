#pragma once
// What the log says after all the kills, beside what people were told.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "events/log/ledger.h"
#include "tests/support/crash_client.h"

namespace klasboek::tests {

/// The position after the last record. REQUIRES: nobody has the place open.
log::Position end_of_log(const Place& place);

/// Reads the whole log once. REQUIRES: nobody else has the place open while this lives.
class CrashLedger {
 public:
  explicit CrashLedger(const Place& place);

  /// Positions, sequences and the versions of each stream count up from their first without a gap.
  void check_density() const;
  /// Each is there, where the answer said; that it is there once, the ctor has seen.
  void check_acknowledged(const std::string& school, const CrashPerson& person,
                          const std::vector<AcknowledgedRequest>& requests);
  /// From this position on, people have nothing in the log but what check_acknowledged has seen.
  void check_nothing_else(log::Position from) const;
  /// No mail went out oftener than the log claims it, and what the log says was sent, was.
  void check_mails(const std::vector<std::string>& mails) const;

 private:
  struct Commit {
    log::Position position = 0;
    std::vector<events::RecordedEvent> events;
    bool was_acknowledged = false;
  };
  std::map<events::CommandId, Commit> commits_;
};

}  // namespace klasboek::tests
