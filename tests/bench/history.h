#pragma once
// A long log of many schools, for what reads a log and doesn't serve.
#include <cstddef>
#include <memory>

#include "events/log/ledger.h"
#include "tests/bench/measures.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::bench {

/// One school lives a year on the product, at the speed of 64 clients.
District live_a_year(const Product& product, const Effort& effort);

struct Copied {
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
};

/// Appends what a school did to a ledger, once for each of `schools` others whose ids follow its
/// own from number `first` on: 0 is the school itself. Each commit by the ledger's own rule.
Copied copy_school(const log::Ledger& from, events::SchoolId school, std::size_t first,
                   std::size_t schools, log::Ledger& to);

class History {
 public:
  /// One school lives a year, and its log is then copied to so many schools.
  History(const Effort& effort, const Say& say);
  [[nodiscard]] const log::Ledger& ledger() const { return *ledger_; }
  [[nodiscard]] std::uint64_t events() const { return copied_.events; }
  [[nodiscard]] std::uint64_t commits() const { return copied_.commits; }

 private:
  tests::TemporaryDirectory directory_;
  std::unique_ptr<log::Ledger> ledger_;
  Copied copied_;
};

}  // namespace klasboek::bench
