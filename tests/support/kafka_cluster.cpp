#include "tests/support/kafka_cluster.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <vector>

namespace klasboek::tests {

namespace {

constexpr std::chrono::seconds kPatience{120};
constexpr int kAnswerWaitMs = 1000;

struct Partition {
  int leader = -1;
  int in_sync = 0;
};

/// Asks number 1, which knows them all.
class Watch {
 public:
  explicit Watch(const std::string& broker) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", broker.c_str(), nullptr, 0);
    rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    if (handle_ == nullptr) throw std::runtime_error("kafka: no handle");
  }
  ~Watch() { rd_kafka_destroy(handle_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Empty where there was no answer about the topic.
  std::vector<Partition> partitions(const std::string& topic) {
    std::vector<Partition> partitions;
    const rd_kafka_metadata_t* found = nullptr;
    if (rd_kafka_metadata(handle_, 1, nullptr, &found, kAnswerWaitMs) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      return partitions;
    }
    for (int t = 0; t < found->topic_cnt; ++t) {
      const auto& told = found->topics[t];
      if (topic != told.topic) continue;
      partitions.resize(static_cast<std::size_t>(told.partition_cnt));
      for (int p = 0; p < told.partition_cnt; ++p) {
        const auto& one = told.partitions[p];
        partitions.at(static_cast<std::size_t>(one.id)) = {one.leader, one.isr_cnt};
      }
    }
    rd_kafka_metadata_destroy(found);
    return partitions;
  }

 private:
  rd_kafka_t* handle_ = nullptr;
};

}  // namespace

KafkaCluster::KafkaCluster() {
  std::string controller;
  for (int number = 1; number <= kBrokers; ++number) {
    auto& broker = brokers_.at(static_cast<std::size_t>(number - 1));
    broker = std::make_unique<KafkaBroker>(KafkaBroker::Seat{number, kBrokers, controller});
    controller = broker->controller();
  }
}

std::string KafkaCluster::bootstrap() const {
  std::string all;
  for (const auto& broker : brokers_) all += (all.empty() ? "" : ",") + broker->bootstrap();
  return all;
}

int KafkaCluster::partition_led_by_another(const std::string& topic) const {
  const auto partitions = Watch(brokers_[0]->bootstrap()).partitions(topic);
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    if (partitions[p].leader > 1) return static_cast<int>(p);
  }
  throw std::runtime_error("kafka: number 1 leads every partition of " + topic);
}

int KafkaCluster::leader_of(const std::string& topic, int partition) const {
  return Watch(brokers_[0]->bootstrap())
      .partitions(topic)
      .at(static_cast<std::size_t>(partition))
      .leader;
}

bool KafkaCluster::wait_for_in_sync(const std::string& topic, int partition, int replicas) const {
  Watch watch(brokers_[0]->bootstrap());
  const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < give_up_at) {
    const auto partitions = watch.partitions(topic);
    const auto at = static_cast<std::size_t>(partition);
    if (at < partitions.size() && partitions[at].in_sync == replicas) return true;
  }
  return false;
}

}  // namespace klasboek::tests
