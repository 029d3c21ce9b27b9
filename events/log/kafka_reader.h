#pragma once
// Reads one partition from an offset of one's own choice, never from a committed one.
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "events/log/kafka_client.h"
#include "events/log/partition_port.h"

struct rd_kafka_message_s;
struct rd_kafka_queue_s;

namespace klasboek::log {

/// One thread at a time. Each start of reading has a consumer of its own: librdkafka 2.0.2 may
/// abort when a partition is assigned anew while the assignment before is still being undone.
class PartitionReader final : public RecordReader {
 public:
  /// Names a setting that is wrong. REQUIRES: client outlives this.
  static std::expected<std::unique_ptr<PartitionReader>, LogFault> open(const KafkaClient& client,
                                                                        std::uint32_t partition);
  ~PartitionReader() override;

  void start_at(Position offset) override;
  PartitionRead read(std::chrono::milliseconds wait_max) override;
  std::expected<Watermarks, std::string> watermarks(std::chrono::milliseconds wait_max) override;

 private:
  struct Callbacks;
  struct EndMessage {
    void operator()(rd_kafka_message_s* message) const;
  };
  struct EndQueue {
    void operator()(rd_kafka_queue_s* queue) const;
  };
  using Message = std::unique_ptr<rd_kafka_message_s, EndMessage>;

  PartitionReader(const KafkaClient& client, std::uint32_t partition)
      : client_(client), partition_(partition) {}
  std::expected<void, LogFault> renew_consumer();
  void drop_consumer();
  void take(Message message, PartitionRead& read);

  const KafkaClient& client_;
  std::uint32_t partition_;
  /// Empty where none could be made; interruption_ says why.
  KafkaHandle consumer_;
  std::unique_ptr<rd_kafka_queue_s, EndQueue> queue_;
  /// The records that were given last point into these.
  std::vector<Message> messages_;
  /// Consumers that never ended.
  int unended_ = 0;
  /// Not empty: a callback heard of an error since the last read.
  std::string interruption_;
};

}  // namespace klasboek::log
