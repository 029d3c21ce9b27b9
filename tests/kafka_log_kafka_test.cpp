// The log on a real Kafka: the contract of every log, and how long one commit takes.
#include "events/log/kafka_log.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <vector>

#include "tests/support/kafka_under_test.h"

namespace klasboek::tests {
TEST_CASE("the Kafka log keeps the contract of a log") {
  check_log_contract([] { return std::make_unique<KafkaUnderTest>(); });
}

TEST_CASE("nodes that begin a log at the same moment begin one log") {
  constexpr std::uint8_t kNodes = 3;
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    const auto topic = KafkaBroker::unique_topic("commits");
    std::vector<std::unique_ptr<KafkaNode>> nodes;
    for (std::uint8_t n = 0; n < kNodes; ++n) {
      auto options = KafkaNode::options_for(KafkaBroker::shared(), topic);
      options.kafka.partition_count = 2;
      options.log.new_log_id = {n};
      // Not the one whose genesis names the log for all of them.
      options.partition = 1;
      nodes.push_back(std::make_unique<KafkaNode>(KafkaNode::Unopened{}, options));
    }
    std::vector<std::future<std::expected<void, log::LogFault>>> openings;
    for (auto& node : nodes) {
      openings.push_back(std::async(std::launch::async, [&node] { return node->try_open(); }));
    }
    for (auto& opening : openings) {
      const auto opened = opening.get();
      INFO((opened ? std::string() : opened.error().message));
      REQUIRE(opened.has_value());
    }
    for (auto& node : nodes) {
      REQUIRE(node->log().wait_until_ready(std::chrono::seconds(60)));
      CHECK(node->log().ledger().identity() == nodes[0]->log().ledger().identity());
    }
  }
}

TEST_CASE("how long one commit takes", "[.bench]") {
  constexpr std::uint64_t kCommits = 2000;
  KafkaNode node(KafkaBroker::shared(), KafkaBroker::unique_topic("commits"));
  const auto school = school_number(1);
  std::vector<std::chrono::microseconds> took;
  for (std::uint64_t n = 0; n < kCommits; ++n) {
    const auto begin = std::chrono::steady_clock::now();
    const auto outcome =
        append(node.log(), small_commit(school, std::to_string(n), n, real_now_us()));
    took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin));
    REQUIRE(std::holds_alternative<log::Committed>(outcome));
  }
  const auto first = took.front();
  std::ranges::sort(took);
  std::cout << "first " << first.count() << " µs, p50 " << took[kCommits / 2].count() << " µs, p95 "
            << took[kCommits * 95 / 100].count() << " µs, max " << took.back().count() << " µs\n";
  CHECK(first < std::chrono::milliseconds(500));
}

}  // namespace klasboek::tests
