// Three brokers, and a topic that demands two replicas of each record: what is acknowledged
// survives the disk of any one of them, and where two are gone nothing is acknowledged at all.
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "tests/support/kafka_cluster.h"
#include "tests/support/kafka_node.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/persistent_writer.h"

namespace klasboek::tests {
namespace {

constexpr std::uint32_t kPartitions = 3;
constexpr int kCommits = 20;

KafkaNode::Options options_on(const KafkaCluster& cluster, const std::string& topic) {
  KafkaNode::Options options;
  options.kafka.brokers = cluster.bootstrap();
  options.kafka.topic = topic;
  options.kafka.partition_count = kPartitions;
  options.kafka.replication_factor = KafkaCluster::kBrokers;
  options.kafka.message_wait_max = std::chrono::seconds(5);
  options.log.new_log_id = {1, 2, 3};
  options.log.free_bytes_min = 0;
  options.log.outcome_wait_max = std::chrono::seconds(3);
  options.log.follower.shorter_log_wait_max = std::chrono::seconds(60);
  return options;
}

/// A school whose events are in this partition.
events::SchoolId school_in(int partition) {
  std::uint64_t number = 1;
  while (log::partition_of(school_number(number), kPartitions) !=
         static_cast<std::uint32_t>(partition)) {
    ++number;
  }
  return school_number(number);
}

/// Renames of one school, `NAME-0` and so on, each asked for until it is done.
class Renames {
 public:
  explicit Renames(events::SchoolId school) : school_(school) {}
  void do_all(log::EventLog& log, const std::string& name) {
    const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds(240);
    for (int n = 0; n < kCommits; ++n) {
      const auto key = name + "-" + std::to_string(n);
      for (;;) {
        const auto outcome = log::submit(log, rename_request(school_, key, &real_now_us));
        if (const auto* done = std::get_if<log::Done>(&outcome)) {
          done_["School " + key] = done->first_sequence;
          break;
        }
        REQUIRE(std::chrono::steady_clock::now() < give_up_at);
      }
    }
  }
  /// Each is in the ledger at its place and nothing else is.
  void check_against(const log::Ledger& ledger) const {
    std::map<std::string, std::uint64_t> found;
    std::size_t events = 0;
    ledger.read_school(school_, 0, [&](const events::RecordedEvent& event) {
      found[std::get<events::SchoolRenamed>(event.body).name] = event.sequence;
      ++events;
      return true;
    });
    CHECK((found == done_));
    CHECK(events == done_.size());
  }

 private:
  events::SchoolId school_;
  std::map<std::string, std::uint64_t> done_;
};

TEST_CASE("what is acknowledged is on two brokers, and with one left nothing is acknowledged") {
  KafkaCluster cluster;
  const auto topic = KafkaBroker::unique_topic("commits");
  auto options = options_on(cluster, topic);
  {
    // Makes the topic, so that it can be seen who leads what.
    KafkaNode maker(options);
  }
  const int partition = cluster.partition_led_by_another(topic);
  options.partition = static_cast<std::uint32_t>(partition);
  KafkaNode node(options);
  REQUIRE(cluster.wait_for_in_sync(topic, partition, KafkaCluster::kBrokers));
  const auto school = school_in(partition);
  Renames renames(school);
  renames.do_all(node.log(), "three");
  // The leader's disk is gone for good, as far as this goes.
  const int leader = cluster.leader_of(topic, partition);
  REQUIRE(leader > 1);
  cluster.broker(leader).kill9();
  renames.do_all(node.log(), "two");
  {
    KafkaNode late(options);
    REQUIRE(late.wait_for(node.log().ledger().tail()->position));
    renames.check_against(late.log().ledger());
  }
  // One is left, and knows that it is alone: from now on it could say yes if it were allowed to.
  const int other = leader == 2 ? 3 : 2;
  cluster.broker(other).kill9();
  REQUIRE(cluster.wait_for_in_sync(topic, partition, 1));
  const auto before = node.log().ledger().school_head(school).next_sequence;
  for (int n = 0; n < 3; ++n) {
    const auto outcome =
        log::submit(node.log(), rename_request(school, "one-" + std::to_string(n), &real_now_us));
    CHECK((std::holds_alternative<log::UnknownOutcome>(outcome) ||
           std::holds_alternative<log::Unavailable>(outcome)));
  }
  CHECK(node.log().ledger().school_head(school).next_sequence == before);
  // Two again: what was unknown is settled by asking again, and done once.
  cluster.broker(other).restart();
  renames.do_all(node.log(), "one");
  renames.check_against(node.log().ledger());
  KafkaNode late(options);
  REQUIRE(late.wait_for(node.log().ledger().tail()->position));
  renames.check_against(late.log().ledger());
  const auto position = late.log().ledger().tail()->position;
  REQUIRE(node.wait_for(position));
  node.close();
  late.close();
  CHECK((dump_ledger(node.ledger_directory()) == dump_ledger(late.ledger_directory())));
}

}  // namespace
}  // namespace klasboek::tests
