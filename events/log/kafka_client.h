#pragma once
// The way to the brokers that all shards of a node share: one producer, and the settings that every
// reader is made with. What it sends is at the mercy of the brokers: a delivery is never an
// acknowledgement, only reading back is.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "events/log/ledger.h"
#include "events/log/partition_port.h"

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_topic_s;

namespace klasboek::log {

struct KafkaOptions {
  /// "HOST:PORT,HOST:PORT": some brokers, from which the others are learned.
  std::string brokers;
  std::string topic = "klasboek.commits";
  /// When the topic is made; afterwards its first record says how many there are.
  std::uint32_t partition_count = 4;
  std::uint16_t replication_factor = 1;
  /// Settings of librdkafka that depend on the brokers: security.protocol, sasl.*, ssl.*. Those
  /// that the log rests on can't be set.
  std::map<std::string, std::string> settings;
  /// How long opening waits for an answer of a broker.
  std::chrono::milliseconds answer_wait_max{30'000};
  /// How long the producer keeps trying; above a broker's restart.
  std::chrono::milliseconds message_wait_max{30'000};
};

/// Ends a handle of librdkafka without waiting for a broker.
struct EndKafkaHandle {
  void operator()(rd_kafka_s* handle) const;
};
using KafkaHandle = std::unique_ptr<rd_kafka_s, EndKafkaHandle>;

/// Thread safe.
class KafkaClient final : public RecordSender {
 public:
  /// Names a setting that is wrong; doesn't wait for a broker.
  static std::expected<std::unique_ptr<KafkaClient>, LogFault> open(KafkaOptions options);
  ~KafkaClient() override;

  [[nodiscard]] const KafkaOptions& options() const { return options_; }

  std::expected<void, SendFault> send(std::uint32_t partition, std::string_view key,
                                      std::span<const std::uint8_t> record) override;
  void on_delivery_failed(std::uint32_t partition, DeliveryFailed failed) override;

  /// A consumer that is assigned nothing yet. `opaque` is what its callbacks get.
  [[nodiscard]] std::expected<KafkaHandle, LogFault> new_consumer(
      void* opaque, void (*on_error)(rd_kafka_s*, int, const char*, void*)) const;
  /// The handle for questions to the cluster (metadata, topics); as long as it is held.
  [[nodiscard]] std::shared_ptr<rd_kafka_s> handle() const;

 private:
  struct Producer;
  struct Callbacks;
  friend struct Callbacks;

  explicit KafkaClient(KafkaOptions options) : options_(std::move(options)) {}
  std::expected<std::shared_ptr<Producer>, LogFault> new_producer();
  [[nodiscard]] std::shared_ptr<Producer> producer() const;
  void serve_until_closed();
  void replace_producer();

  KafkaOptions options_;
  mutable std::mutex producer_mutex_;
  std::shared_ptr<Producer> producer_;
  std::mutex listeners_mutex_;
  std::map<std::uint32_t, DeliveryFailed> listeners_;
  std::atomic<bool> producer_failed_{false};
  std::atomic<bool> closing_{false};
  std::thread server_;
};

}  // namespace klasboek::log
