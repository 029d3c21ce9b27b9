#pragma once
// The raw side of commands on Kafka: a record is produced (idempotent producer, acks=all, no
// linger) and is done when one's own consumer has read it back. No rule, no event, no HTTP.
#include <cstdint>
#include <memory>
#include <semaphore>
#include <span>
#include <string>
#include <thread>
#include <vector>

struct rd_kafka_s;
struct rd_kafka_topic_s;

namespace klasboek::bench {

class RawKafka {
 public:
  /// REQUIRES: the topic is there and has so many partitions.
  RawKafka(const std::string& brokers, const std::string& topic, std::uint32_t partitions,
           std::size_t clients);
  ~RawKafka();
  RawKafka(const RawKafka&) = delete;
  RawKafka& operator=(const RawKafka&) = delete;

  /// Returns when the record was read back. Each client from a thread of its own.
  void produce(std::size_t client, std::span<const std::uint8_t> record);

 private:
  void read_until_closed(const std::stop_token& stop);

  std::uint32_t partitions_;
  std::vector<std::unique_ptr<std::binary_semaphore>> read_back_;
  std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> producer_;
  std::unique_ptr<rd_kafka_s, void (*)(rd_kafka_s*)> consumer_;
  std::unique_ptr<rd_kafka_topic_s, void (*)(rd_kafka_topic_s*)> topic_;
  std::jthread reader_;
  std::jthread server_;
};

}  // namespace klasboek::bench
