#pragma once
// Three brokers on one machine: topics that are replicated three times, and what is left when one
// or two of them are gone.
#include <array>
#include <memory>
#include <string>

#include "tests/support/kafka_broker.h"

namespace klasboek::tests {

/// Number 1 is their controller too, so that it should stay: without it no partition finds another
/// leader. REQUIRES: as of KafkaBroker.
class KafkaCluster {
 public:
  static constexpr int kBrokers = 3;

  KafkaCluster();
  [[nodiscard]] KafkaBroker& broker(int number) {
    return *brokers_.at(static_cast<std::size_t>(number - 1));
  }
  /// "HOST:PORT,HOST:PORT,HOST:PORT".
  [[nodiscard]] std::string bootstrap() const;
  /// A partition of the topic that isn't led by number 1; fails the test where it leads all.
  [[nodiscard]] int partition_led_by_another(const std::string& topic) const;
  /// The number of the broker that leads it.
  [[nodiscard]] int leader_of(const std::string& topic, int partition) const;
  /// Waits until so many replicas are in sync; false where they don't get there.
  [[nodiscard]] bool wait_for_in_sync(const std::string& topic, int partition, int replicas) const;

 private:
  std::array<std::unique_ptr<KafkaBroker>, kBrokers> brokers_;
};

}  // namespace klasboek::tests
