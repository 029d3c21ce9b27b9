// The topic of a log: how it is begun, what must be true of it, and what is noticed when it isn't
// the one that was read before.
#include "events/log/kafka_topics.h"

#include <catch2/catch.hpp>
#include <map>

#include "events/log/control_record.h"
#include "tests/support/kafka_node.h"

namespace klasboek::tests {
namespace {

using log::Committed;
using log::LogFaultKind;

const std::map<std::string, std::string> kGoodSettings = {
    {"cleanup.policy", "delete"},
    {"retention.ms", "-1"},
    {"retention.bytes", "-1"},
    {"message.timestamp.type", "LogAppendTime"},
    {"unclean.leader.election.enable", "false"}};

/// A log that still hasn't stopped after so many tries never will.
constexpr int kTriesMax = 200;

events::NewCommit commit_now(const std::string& key, std::uint64_t expected_version) {
  return small_commit(school_number(1), key, expected_version, real_now_us());
}

log::LogFault fault_of(const std::expected<void, log::LogFault>& opened) {
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

/// Options of a node that looks often, and doesn't wait long for a verdict.
KafkaNode::Options watchful(const std::string& topic) {
  auto options = KafkaNode::options_for(KafkaBroker::shared(), topic);
  options.log.follower.check_every = std::chrono::milliseconds(100);
  options.log.outcome_wait_max = std::chrono::milliseconds(1000);
  return options;
}

/// A node whose log holds a genesis and three commits; then closed.
struct ThreeCommits {
  std::string topic = KafkaBroker::unique_topic("commits");
  KafkaNode node{watchful(topic)};
  events::Bytes genesis;

  ThreeCommits() {
    genesis = log::encode_control_record(log::Genesis{node.options().log.new_log_id, 0, 1});
    for (std::uint64_t n = 0; n < 3; ++n) {
      REQUIRE(
          std::holds_alternative<Committed>(append(node.log(), commit_now(std::to_string(n), n))));
    }
  }
  void put(std::span<const std::uint8_t> record) {
    put_record(KafkaBroker::shared(), topic, record);
  }
  void make_topic_anew() {
    delete_topic(KafkaBroker::shared(), topic);
    KafkaBroker::shared().create_topic(topic, 1, kGoodSettings);
  }
  /// Opens the node again; what its log says when it has stopped.
  std::string reason_of_stop() {
    REQUIRE(node.try_open().has_value());
    CHECK_FALSE(node.log().wait_until_ready(std::chrono::seconds(30)));
    CHECK(std::holds_alternative<log::Unavailable>(append(node.log(), commit_now("x", 3))));
    // Reads go on.
    CHECK(state_of(node.log().ledger(), school_number(1)).events == 3);
    return node.log().health().reason;
  }
};

/// Tries until the log has stopped for good, and says why; each try waits for its answer.
std::string append_until_stopped(log::KafkaLog& log) {
  for (int n = 0; n < kTriesMax; ++n) {
    const auto version = state_of(log.ledger(), school_number(1)).events;
    append(log, commit_now("again " + std::to_string(n), version));
    const auto reason = log.health().reason;
    if (reason.find("never go on from what is left") != std::string::npos) return reason;
  }
  return "never stopped";
}

}  // namespace

TEST_CASE("a topic is made with the settings of a log, and opening it again finds them") {
  const auto topic = KafkaBroker::unique_topic("commits");
  auto options = KafkaNode::options_for(KafkaBroker::shared(), topic).kafka;
  options.partition_count = 3;
  const auto client = log::KafkaClient::open(options);
  REQUIRE(client.has_value());
  CHECK(log::ensure_topic(**client) == 3U);
  CHECK(log::ensure_topic(**client) == 3U);
}

TEST_CASE("a topic whose settings could lose a log is refused, with what to change") {
  const std::map<std::string, std::string> changes = {{"cleanup.policy", "compact"},
                                                      {"retention.ms", "604800000"},
                                                      {"retention.bytes", "1000000"},
                                                      {"message.timestamp.type", "CreateTime"},
                                                      {"unclean.leader.election.enable", "true"},
                                                      {"max.message.bytes", "100000"}};
  for (const auto& [name, value] : changes) {
    CAPTURE(name);
    const auto topic = KafkaBroker::unique_topic("commits");
    auto settings = kGoodSettings;
    settings[name] = value;
    KafkaBroker::shared().create_topic(topic, 1, settings);
    const auto client =
        log::KafkaClient::open(KafkaNode::options_for(KafkaBroker::shared(), topic).kafka);
    REQUIRE(client.has_value());
    const auto checked = log::ensure_topic(**client);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().kind == LogFaultKind::settings);
    CHECK_THAT(checked.error().message, Catch::Contains(name + " is '" + value + "'"));
    CHECK_THAT(checked.error().message, Catch::Contains("--add-config " + name + "="));
  }
}

TEST_CASE("a setting that isn't known or that the log rests on is refused by name") {
  auto options = KafkaNode::options_for(KafkaBroker::shared(), "commits").kafka;
  for (const std::string name : {"no.such.setting", "acks", "enable.idempotence"}) {
    options.settings = {{name, "1"}};
    const auto client = log::KafkaClient::open(options);
    REQUIRE_FALSE(client.has_value());
    CHECK(client.error().kind == LogFaultKind::settings);
    CHECK_THAT(client.error().message, Catch::Contains(name));
  }
}

TEST_CASE("no broker where one was named is said so, with the name") {
  const TemporaryDirectory directory;
  CountingKeySink keys;
  log::KafkaOptions options;
  options.brokers = "127.0.0.1:9";
  options.answer_wait_max = std::chrono::milliseconds(1000);
  const auto client = log::KafkaClient::open(options);
  REQUIRE(client.has_value());
  log::KafkaLogOptions log_options;
  log_options.directory = directory.path();
  const auto opened = log::open_kafka_log(**client, 0, log_options, keys);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == LogFaultKind::unreachable);
  CHECK_THAT(opened.error().message, Catch::Contains("127.0.0.1:9"));
}

TEST_CASE(
    "R9 what somebody wrote before the genesis is void, and a later genesis changes nothing") {
  const auto topic = KafkaBroker::unique_topic("commits");
  auto& broker = KafkaBroker::shared();
  broker.create_topic(topic, 1, kGoodSettings);
  put_record(broker, topic, events::encode_frame(commit_now("early", 0)));
  put_record(broker, topic, events::Bytes{'h', 'e', 'l', 'l', 'o'});
  KafkaNode node(broker, topic);
  const auto log_id = node.log().ledger().identity().log_id;
  const auto later = log::encode_control_record(log::Genesis{{9, 9}, 0, 1});
  REQUIRE(node.wait_until_read(put_record(broker, topic, later)));
  REQUIRE(std::holds_alternative<Committed>(append(node.log(), commit_now("early", 0))));
  node.reopen();
  CHECK(node.log().ledger().identity().log_id == log_id);
  KafkaNode fresh(broker, topic);
  CHECK(fresh.log().ledger().identity().log_id == log_id);
  CHECK(state_of(fresh.log().ledger(), school_number(1)) ==
        state_of(node.log().ledger(), school_number(1)));
}

TEST_CASE("R5 a node announces the format that it writes, once") {
  const auto topic = KafkaBroker::unique_topic("commits");
  auto& broker = KafkaBroker::shared();
  broker.create_topic(topic, 1, kGoodSettings);
  put_record(broker, topic, log::encode_control_record(log::Genesis{{7}, 0, 1, 0}));
  KafkaNode node(broker, topic);
  CHECK(node.log().ledger().control_state() == log::ControlState{true, {0, events::kFrameFormat}});
  const auto tail = node.log().ledger().tail();
  node.reopen();
  CHECK(node.log().ledger().tail() == tail);
  CHECK(std::holds_alternative<Committed>(append(node.log(), commit_now("a", 0))));
}

TEST_CASE("R9 a topic with another number of partitions than it was begun with is refused") {
  const auto topic = KafkaBroker::unique_topic("commits");
  auto& broker = KafkaBroker::shared();
  broker.create_topic(topic, 1, kGoodSettings);
  put_record(broker, topic, log::encode_control_record(log::Genesis{{7}, 0, 2}));
  const TemporaryDirectory directory;
  CountingKeySink keys;
  const auto client = log::KafkaClient::open(KafkaNode::options_for(broker, topic).kafka);
  REQUIRE(client.has_value());
  log::KafkaLogOptions options;
  options.directory = directory.path();
  const auto opened = log::open_kafka_log(**client, 0, options, keys);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == LogFaultKind::settings);
  CHECK_THAT(opened.error().message, Catch::Contains("begun with 2 partitions"));
  const auto beyond = log::open_kafka_log(**client, 1, options, keys);
  REQUIRE_FALSE(beyond.has_value());
  CHECK_THAT(beyond.error().message, Catch::Contains("partition 1 doesn't exist"));
}

TEST_CASE("R9 a log whose first records were deleted isn't opened, by old nodes nor by new ones") {
  ThreeCommits three;
  three.node.close();
  delete_records(KafkaBroker::shared(), three.topic, 2);
  const auto fault = fault_of(three.node.try_open());
  CHECK(fault.kind == LogFaultKind::lost_tail);
  CHECK_THAT(fault.message, Catch::Contains("begins at offset 2"));
}

TEST_CASE("R9 records that are deleted under a running node stop it") {
  ThreeCommits three;
  delete_records(KafkaBroker::shared(), three.topic, 4);
  CHECK_THAT(append_until_stopped(three.node.log()), Catch::Contains("were deleted"));
  CHECK_FALSE(three.node.log().health().ready);
}

TEST_CASE("R9 a topic that was deleted and is empty isn't begun anew by a node that knew it") {
  ThreeCommits three;
  three.node.close();
  three.make_topic_anew();
  const auto fault = fault_of(three.node.try_open());
  CHECK(fault.kind == LogFaultKind::lost_tail);
  CHECK_THAT(fault.message, Catch::Contains("is empty"));
}

TEST_CASE("R9 a topic that was made anew and begun by another node is another log") {
  ThreeCommits three;
  three.node.close();
  three.make_topic_anew();
  three.put(log::encode_control_record(log::Genesis{{9, 9}, 0, 1}));
  const auto fault = fault_of(three.node.try_open());
  CHECK(fault.kind == LogFaultKind::other_log);
  CHECK_THAT(fault.message, Catch::Contains("made anew"));
}

TEST_CASE("R9 a log that is shorter than what was read from it stops the shard") {
  ThreeCommits three;
  three.node.close();
  three.make_topic_anew();
  three.put(three.genesis);
  SECTION("by much") {
    CHECK_THAT(three.reason_of_stop(), Catch::Contains("doesn't reach to offset 3"));
  }
  SECTION("by one record") {
    three.put(three.genesis);
    three.put(three.genesis);
    CHECK_THAT(three.reason_of_stop(), Catch::Contains("ends before offset 3"));
  }
}

TEST_CASE("R9 a log that grew again to another end stops the shard") {
  ThreeCommits three;
  three.node.close();
  three.make_topic_anew();
  three.put(three.genesis);
  for (std::uint64_t n = 0; n < 5; ++n) {
    three.put(events::encode_frame(commit_now("other " + std::to_string(n), n)));
  }
  CHECK_THAT(three.reason_of_stop(), Catch::Contains("another record"));
}

TEST_CASE("R9 a topic that is made anew under a running node stops it") {
  ThreeCommits three;
  three.make_topic_anew();
  three.put(three.genesis);
  for (std::uint64_t n = 0; n < 5; ++n) {
    three.put(events::encode_frame(commit_now("other " + std::to_string(n), n)));
  }
  CHECK_THAT(append_until_stopped(three.node.log()), Catch::Contains("another record"));
}

}  // namespace klasboek::tests
