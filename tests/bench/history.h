#pragma once
// A long log of many schools, for what reads a log and doesn't serve.
#include <cstddef>
#include <memory>

#include "events/log/ledger.h"
#include "tests/bench/measures.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::bench {

class History {
 public:
  /// One school lives a year on the product, and its log is then copied to so many schools, each
  /// commit by the ledger's own rule.
  History(const Effort& effort, const Say& say);
  [[nodiscard]] const log::Ledger& ledger() const { return *ledger_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

 private:
  void copy_year(const log::Ledger& from, events::SchoolId school, std::size_t schools);

  tests::TemporaryDirectory directory_;
  std::unique_ptr<log::Ledger> ledger_;
  std::uint64_t events_ = 0;
  std::uint64_t commits_ = 0;
};

}  // namespace klasboek::bench
