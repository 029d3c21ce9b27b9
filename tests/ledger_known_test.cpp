// What a ledger remembers between batches never changes a verdict.
#include <catch2/catch.hpp>

#include "events/log/ledger.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {
namespace {

/// A ledger and the position that comes next; one batch for each call.
class OneLedger {
 public:
  OneLedger() {
    auto opened = log::Ledger::open(directory_ / "ledger", {});
    REQUIRE(opened);
    ledger_ = *std::move(opened);
  }

  log::Verdict take(const events::NewCommit& commit) { return apply(commit, true); }
  /// As where the program stops before the batch is written.
  log::Verdict take_and_lose(const events::NewCommit& commit) { return apply(commit, false); }
  [[nodiscard]] log::SchoolHead head(events::SchoolId school) const {
    return ledger_->school_head(school);
  }

 private:
  log::Verdict apply(const events::NewCommit& commit, bool is_written) {
    log::Ledger::Batch batch(*ledger_);
    auto verdict = batch.apply(events::encode_frame(commit), position_, std::nullopt);
    if (!is_written) return verdict;
    REQUIRE(batch.write(false));
    if (std::holds_alternative<log::Applied>(verdict)) ++position_;
    return verdict;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<log::Ledger> ledger_;
  log::Position position_ = 0;
};

const events::SchoolId kHere = school_number(1);

}  // namespace

TEST_CASE("what a batch took in that was never written is forgotten") {
  OneLedger ledger;
  REQUIRE(std::holds_alternative<log::Applied>(ledger.take(small_commit(kHere, "first", 0))));
  CHECK(std::holds_alternative<log::Applied>(ledger.take_and_lose(small_commit(kHere, "lost", 1))));
  const auto again = ledger.take(small_commit(kHere, "again", 1));
  REQUIRE(std::holds_alternative<log::Applied>(again));
  CHECK(std::get<log::Applied>(again).first_sequence == 1);
  CHECK(ledger.head(kHere).tree.size() == 2);
}

TEST_CASE("a stream that moved in one batch has moved for the next") {
  OneLedger ledger;
  for (std::uint64_t version = 0; version < 20; ++version) {
    const auto name = std::to_string(version);
    REQUIRE(std::holds_alternative<log::Applied>(
        ledger.take(small_commit(kHere, "in time " + name, version))));
    const auto late = ledger.take(small_commit(kHere, "late " + name, version));
    REQUIRE(std::holds_alternative<log::MovedStream>(late));
    CHECK(std::get<log::MovedStream>(late).actual_version == version + 1);
  }
  CHECK(ledger.head(kHere).next_sequence == 20);
}

TEST_CASE("verdicts stay the same when there are more streams than are remembered") {
  OneLedger ledger;
  REQUIRE(std::holds_alternative<log::Applied>(ledger.take(small_commit(kHere, "first", 0))));
  constexpr std::uint64_t kStreamsEach = 1'000;
  constexpr std::uint64_t kCommits = 70;
  for (std::uint64_t n = 0; n < kCommits; ++n) {
    auto commit = small_commit(kHere, "wide " + std::to_string(n), n + 1);
    for (std::uint64_t i = 0; i < kStreamsEach; ++i) {
      commit.conditions.push_back(
          {events::child_stream(child_number(n * kStreamsEach + i + 1)), 0});
    }
    REQUIRE(std::holds_alternative<log::Applied>(ledger.take(commit)));
  }
  CHECK(
      std::holds_alternative<log::MovedStream>(ledger.take(small_commit(kHere, "late", kCommits))));
  CHECK(std::holds_alternative<log::Applied>(
      ledger.take(small_commit(kHere, "in time", kCommits + 1))));
}

}  // namespace klasboek::tests
