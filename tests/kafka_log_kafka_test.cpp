// The log on a real Kafka: the contract of every log, and how long one commit takes.
#include "events/log/kafka_log.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <vector>

#include "tests/support/kafka_node.h"
#include "tests/support/log_contract.h"

namespace klasboek::tests {
namespace {

class KafkaUnderTest final : public LogUnderTest {
 public:
  KafkaUnderTest() : node_(KafkaBroker::shared(), KafkaBroker::unique_topic("commits")) {}
  log::EventLog& log() override { return node_.log(); }
  void reopen() override { node_.reopen(); }
  std::int64_t now_us() override { return real_now_us(); }

 private:
  KafkaNode node_;
};

}  // namespace

TEST_CASE("the Kafka log keeps the contract of a log") {
  check_log_contract([] { return std::make_unique<KafkaUnderTest>(); });
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
