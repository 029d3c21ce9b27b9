#pragma once
// Reads one partition from an offset of one's own choice, never from a committed one.
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/log/kafka_client.h"

struct rd_kafka_message_s;
struct rd_kafka_queue_s;

namespace klasboek::log {

/// One record as it lies in the partition.
struct PartitionRecord {
  Position offset = 0;
  /// LogAppendTime, or what a mirror kept of it.
  std::int64_t stamp_us = 0;
  /// Until the reader is asked for more.
  std::span<const std::uint8_t> bytes;
};

struct PartitionRead {
  /// In the order of the log.
  std::vector<PartitionRecord> records;
  /// Reading came to the end of the partition: the offset that the next record will have.
  std::optional<Position> end;
  /// There is nothing at the offset that was asked for, nor is it the end.
  bool out_of_range = false;
  /// The connection broke, or the brokers answered with an error: what comes next may be another
  /// log than what came before.
  bool interrupted = false;
  /// What interrupted it.
  std::string reason;
};

/// The first offset that is there, and the one after the last.
struct Watermarks {
  Position low = 0;
  Position high = 0;
};

/// One thread at a time. Each start of reading has a consumer of its own: librdkafka 2.0.2 may
/// abort when a partition is assigned anew while the assignment before is still being undone.
class PartitionReader {
 public:
  /// Names a setting that is wrong; doesn't wait for a broker. REQUIRES: client outlives this.
  static std::expected<std::unique_ptr<PartitionReader>, LogFault> open(const KafkaClient& client,
                                                                        std::uint32_t partition);
  ~PartitionReader();
  PartitionReader(const PartitionReader&) = delete;
  PartitionReader& operator=(const PartitionReader&) = delete;

  /// Reads from here on. What was fetched before is never given.
  void start_at(Position offset);
  /// Waits up to wait_max for something to tell, then takes what else is there.
  /// REQUIRES: start_at was called.
  PartitionRead read(std::chrono::milliseconds wait_max);
  /// Asks the brokers, for no longer than wait_max; the error says why there is no answer. What was
  /// read last stays. REQUIRES: start_at was called.
  std::expected<Watermarks, std::string> watermarks(std::chrono::milliseconds wait_max);

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
  /// Not empty: a callback heard of an error since the last read.
  std::string interruption_;
};

}  // namespace klasboek::log
