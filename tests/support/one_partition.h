#pragma once
// The ledger of one partition, and the log's records one after the other: what the rule makes of
// each, without the log that they lie in.
#include <optional>

#include "events/log/ledger.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

inline constexpr log::LogId kTestLogId = {0xA0, 1, 2,  3,  4,  5,  6,  7,
                                          8,    9, 10, 11, 12, 13, 14, 0xAF};

class OnePartition {
 public:
  /// A partition that begins with a genesis (Kafka), or a log that has none (embedded).
  explicit OnePartition(bool begins_with_genesis = true, std::uint32_t partition_count = 1);
  void reopen();
  /// Closes the ledger; nothing but directory() may be asked afterwards, until reopen().
  void close() { ledger_.reset(); }
  /// The next record; in a batch of its own.
  log::Verdict read(const events::Bytes& record,
                    std::optional<std::int64_t> log_stamp_us = kTestNowUs);
  /// The same in a batch of the caller's.
  log::Verdict read(log::Ledger::Batch& batch, const events::Bytes& record,
                    std::optional<std::int64_t> log_stamp_us = kTestNowUs);
  /// The genesis of this log and partition, with this program's format.
  void begin();

  log::Ledger& ledger() { return *ledger_; }
  [[nodiscard]] const log::LogIdentity& identity() const { return identity_; }
  [[nodiscard]] std::filesystem::path directory() const { return directory_.path() / "ledger"; }

 private:
  TemporaryDirectory directory_;
  log::LogIdentity identity_;
  std::unique_ptr<log::Ledger> ledger_;
  log::Position next_position_ = 0;
};

/// The verdict's public name: `applied`, `settled`, `duplicate`, `conflict`, `control`,
/// `newer_format`, `other_log`, or the reason why the record is void.
std::string_view name_of(const log::Verdict& verdict);

}  // namespace klasboek::tests
