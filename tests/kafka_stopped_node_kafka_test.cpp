// Two nodes that write to the same schools through a real Kafka, one of them stopped in the middle
// of it and continued, or killed and started again: who is stopped holds up nobody, who goes on
// finds its place, and both have the same ledger afterwards.
#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

#include "tests/support/kafka_node.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/writing_node.h"

namespace klasboek::tests {
namespace {

// Run by the next tests, in a program of its own.
TEST_CASE("writes as a node of its own", "[.writing-node]") { run_writing_node(); }

constexpr int kTheirs = 120;
constexpr int kOurs = 120;

struct Rivals {
  std::string topic = KafkaBroker::unique_topic("commits");
  KafkaNode ours{KafkaBroker::shared(), topic};
  TemporaryDirectory directory;
  Acknowledgements acknowledgements;

  [[nodiscard]] WritingNodeWords words(int from) const {
    return {KafkaBroker::shared().bootstrap(), topic, shard(), "theirs", from, kTheirs};
  }
  [[nodiscard]] std::filesystem::path shard() const { return directory.path() / "shard-0"; }
  /// All that both were told is in both ledgers, which are the same to the byte.
  void check_agreement() {
    CHECK(acknowledgements.count() == kTheirs + kOurs);
    // Theirs ended when it had read its own last commit; let it read what came behind.
    KafkaNode::Options options = KafkaNode::options_for(KafkaBroker::shared(), topic);
    options.log.directory = shard();
    KafkaNode theirs(options);
    const auto end = theirs.log().ledger().tail()->position;
    REQUIRE(ours.wait_for(end));
    REQUIRE(theirs.wait_for(ours.log().ledger().tail()->position));
    acknowledgements.check_against(ours.log().ledger());
    acknowledgements.check_against(theirs.log().ledger());
    ours.close();
    theirs.close();
    CHECK((dump_ledger(ours.ledger_directory()) == dump_ledger(shard() / "ledger")));
  }
};

TEST_CASE("a node that is stopped and goes on has the same ledger, and all that it was told") {
  Rivals rivals;
  auto& told = rivals.acknowledgements;
  WritingNode theirs(rivals.words(0), told);
  auto writing = std::async(std::launch::async, [&] {
    return write_persistently(rivals.ours.log(), "ours", 0, kOurs, told);
  });
  // Stopped three times in the middle of a write, while the other one goes on without it.
  for (const int round : {1, 2, 3}) {
    REQUIRE(told.wait_for("theirs", static_cast<std::size_t>(round * kTheirs / 4)));
    theirs.stop();
    const auto ours_by_then = told.count_of("ours");
    CHECK(told.wait_for("ours", std::min<std::size_t>(ours_by_then + kOurs / 8, kOurs)));
    theirs.go_on();
  }
  CHECK(writing.get());
  CHECK(theirs.finish());
  rivals.check_agreement();
}

TEST_CASE("a node that is killed and started again finds what it was told, and settles the rest") {
  Rivals rivals;
  auto& told = rivals.acknowledgements;
  auto writing = std::async(std::launch::async, [&] {
    return write_persistently(rivals.ours.log(), "ours", 0, kOurs, told);
  });
  int from = 0;
  for (const int round : {1, 2}) {
    WritingNode killed(rivals.words(from), told);
    REQUIRE(told.wait_for("theirs", static_cast<std::size_t>(round * kTheirs / 3)));
    killed.kill9();
    // Whatever it was about to do may be done: it asks again with the same key.
    from = static_cast<int>(told.count_of("theirs"));
  }
  WritingNode last(rivals.words(from), told);
  CHECK(last.finish());
  CHECK(writing.get());
  rivals.check_agreement();
}

}  // namespace
}  // namespace klasboek::tests
