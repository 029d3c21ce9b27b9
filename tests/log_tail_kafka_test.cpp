// R9 on a real Kafka: a log that isn't what it was (shorter, grown again to another end, without
// its beginning, deleted, made anew) stops the node that read it, at its start and while it runs,
// and is named; it is never gone on from what is left.
#include <catch2/catch.hpp>

#include "tests/support/kafka_node.h"

namespace klasboek::tests {
namespace {

using log::Committed;
using log::LogFaultKind;

const auto kTheSchool = school_number(1);

/// A node that has read a few commits, and the topic that it read them from.
struct ReadLog {
  std::string topic = KafkaBroker::unique_topic("commits");
  KafkaNode node;

  explicit ReadLog(int commits) : node(options_of(topic)) { append_to(node, "before", commits); }

  /// Looks at the log again after a moment, where a server lets half a minute go by.
  static KafkaNode::Options options_of(const std::string& topic) {
    auto options = KafkaNode::options_for(KafkaBroker::shared(), topic);
    options.log.follower.check_every = std::chrono::milliseconds(200);
    return options;
  }

  static void append_to(KafkaNode& to, const std::string& key, int commits) {
    const auto begun = to.log().ledger().school_head(kTheSchool).next_sequence;
    for (int n = 0; n < commits; ++n) {
      REQUIRE(std::holds_alternative<Committed>(
          append(to.log(), small_commit(kTheSchool, key + std::to_string(n),
                                        begun + static_cast<std::uint64_t>(n), real_now_us()))));
    }
  }
  void lose_topic() const { delete_topic(KafkaBroker::shared(), topic); }
  /// Another node, which knows nothing of the topic that is gone, makes it anew: by the same log
  /// id, so that only the records tell, or by another one.
  void make_anew(int commits, const log::LogId& log_id = {1, 2, 3}) const {
    auto options = KafkaNode::options_for(KafkaBroker::shared(), topic);
    options.log.new_log_id = log_id;
    KafkaNode other(options);
    append_to(other, "after", commits);
  }
  /// What opening says, or what the log says that it stopped of.
  std::string fault_of_opening(LogFaultKind kind) {
    const auto opened = node.try_open();
    if (!opened) {
      CHECK(opened.error().kind == kind);
      return opened.error().message;
    }
    return fault_of_running();
  }
  std::string fault_of_running() {
    CHECK(node.wait_for_reason("never go on from what is left"));
    const auto late = append(node.log(), small_commit(kTheSchool, "late", 0, real_now_us()));
    CHECK(std::holds_alternative<log::Unavailable>(late));
    return node.log().health().reason;
  }
};

TEST_CASE("R9 a topic that was deleted isn't begun anew by a node that read it") {
  ReadLog log(2);
  log.node.close();
  log.lose_topic();
  CHECK_THAT(log.fault_of_opening(LogFaultKind::lost_tail), Catch::Contains("is empty"));
}

TEST_CASE("R9 a topic that was made anew is another log") {
  ReadLog log(2);
  log.node.close();
  log.lose_topic();
  log.make_anew(4, {9, 9, 9});
  CHECK_THAT(log.fault_of_opening(LogFaultKind::other_log), Catch::Contains("made anew"));
}

TEST_CASE("R9 a log that is shorter than what was read isn't gone on from") {
  ReadLog log(4);
  log.node.close();
  const int left = GENERATE(0, 1, 3);
  CAPTURE(left);
  log.lose_topic();
  log.make_anew(left);
  CHECK_THAT(log.fault_of_opening(LogFaultKind::lost_tail), Catch::Contains("offset 4"));
}

TEST_CASE("R9 a log that grew again to another end isn't gone on from") {
  ReadLog log(2);
  log.node.close();
  // As long as before, and longer.
  const int grown = GENERATE(2, 5);
  CAPTURE(grown);
  log.lose_topic();
  log.make_anew(grown);
  CHECK_THAT(log.fault_of_opening(LogFaultKind::lost_tail), Catch::Contains("another record"));
}

TEST_CASE("R9 a log whose first records were deleted isn't gone on from") {
  ReadLog log(4);
  SECTION("by a node that read them") {
    log.node.close();
    delete_records(KafkaBroker::shared(), log.topic, 2);
    CHECK_THAT(log.fault_of_opening(LogFaultKind::lost_tail), Catch::Contains("were deleted"));
  }
  SECTION("by one that goes on running") {
    delete_records(KafkaBroker::shared(), log.topic, 2);
    CHECK_THAT(log.fault_of_running(), Catch::Contains("were deleted"));
  }
  SECTION("nor by one that comes new") {
    delete_records(KafkaBroker::shared(), log.topic, 2);
    KafkaNode late(KafkaNode::Unopened{}, KafkaNode::options_for(KafkaBroker::shared(), log.topic));
    const auto opened = late.try_open();
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind == LogFaultKind::lost_tail);
  }
}

TEST_CASE("R9 a running node whose topic is gone isn't ready, and sees what comes in its place") {
  ReadLog log(3);
  log.lose_topic();
  REQUIRE(log.node.wait_for_reason(""));
  // Shorter, as long as before, longer.
  const int grown = GENERATE(1, 3, 6);
  CAPTURE(grown);
  log.make_anew(grown);
  CHECK_THAT(log.fault_of_running(), Catch::Contains("offset "));
  CHECK(log.node.log().ledger().school_head(kTheSchool).next_sequence == 3);
}

TEST_CASE("R9 a commit that finds no topic isn't done") {
  ReadLog log(2);
  log.lose_topic();
  const auto outcome = append(log.node.log(), small_commit(kTheSchool, "c", 2, real_now_us()));
  CHECK((std::holds_alternative<log::UnknownOutcome>(outcome) ||
         std::holds_alternative<log::Unavailable>(outcome)));
  CHECK_FALSE(log.node.log().health().ready);
  CHECK(log.node.log().ledger().school_head(kTheSchool).next_sequence == 2);
}

}  // namespace
}  // namespace klasboek::tests
