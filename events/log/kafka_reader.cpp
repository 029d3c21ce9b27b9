#include "events/log/kafka_reader.h"

#include <librdkafka/rdkafka.h>

#include <array>

namespace klasboek::log {

namespace {

/// Records that are given at once: they become visible together, so not too many.
constexpr std::size_t kRecordsPerReadMax = 512;
constexpr std::int64_t kUsPerMs = 1000;

struct EndPartitions {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};

}  // namespace

void PartitionReader::EndMessage::operator()(rd_kafka_message_s* message) const {
  rd_kafka_message_destroy(message);
}
void PartitionReader::EndQueue::operator()(rd_kafka_queue_s* queue) const {
  rd_kafka_queue_destroy(queue);
}

struct PartitionReader::Callbacks {
  /// Called by read, on its thread, in the order of the queue: after what came over the connection
  /// that broke.
  static void on_error(rd_kafka_t* /*handle*/, int error, const char* reason, void* opaque) {
    static_cast<PartitionReader*>(opaque)->interruption_ =
        std::string(rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error))) + ": " + reason;
  }
};

std::expected<std::unique_ptr<PartitionReader>, LogFault> PartitionReader::open(
    const KafkaClient& client, std::uint32_t partition) {
  std::unique_ptr<PartitionReader> reader(new PartitionReader(client.options().topic, partition));
  auto consumer = client.new_consumer(reader.get(), &Callbacks::on_error);
  if (!consumer) return std::unexpected(consumer.error());
  reader->consumer_ = *std::move(consumer);
  reader->queue_.reset(rd_kafka_queue_get_consumer(reader->consumer_.get()));
  return reader;
}

PartitionReader::~PartitionReader() {
  messages_.clear();
  queue_.reset();
}

void PartitionReader::start_at(Position offset) {
  messages_.clear();
  const std::unique_ptr<rd_kafka_topic_partition_list_t, EndPartitions> wanted(
      rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(wanted.get(), topic_.c_str(),
                                    static_cast<std::int32_t>(partition_))
      ->offset = static_cast<std::int64_t>(offset);
  const auto error = rd_kafka_assign(consumer_.get(), wanted.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) interruption_ = rd_kafka_err2str(error);
}

PartitionRead PartitionReader::read(std::chrono::milliseconds wait_max) {
  messages_.clear();
  PartitionRead read;
  // A batch would wait until it is full: one is waited for, and then those that are there taken.
  if (Message first{rd_kafka_consumer_poll(consumer_.get(), static_cast<int>(wait_max.count()))}) {
    take(std::move(first), read);
    std::array<rd_kafka_message_t*, kRecordsPerReadMax - 1> more{};
    const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, more.data(), more.size());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      take(Message(more[static_cast<std::size_t>(i)]), read);
    }
  }
  if (!interruption_.empty()) {
    read.interrupted = true;
    read.reason = std::exchange(interruption_, {});
  }
  return read;
}

void PartitionReader::take(Message message, PartitionRead& read) {
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      read.end = static_cast<Position>(message->offset);
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      read.out_of_range = true;
      return;
    default:
      read.interrupted = true;
      read.reason = rd_kafka_message_errstr(message.get());
      return;
  }
  // Whichever kind of stamp: a mirror keeps the stamps of its original as those of a producer. That
  // the brokers give them is checked when the log is opened.
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const auto stamp_ms = rd_kafka_message_timestamp(message.get(), &kind);
  read.records.push_back({static_cast<Position>(message->offset),
                          stamp_ms * kUsPerMs,
                          {static_cast<const std::uint8_t*>(message->payload), message->len}});
  messages_.push_back(std::move(message));
}

std::expected<Watermarks, std::string> PartitionReader::watermarks(
    std::chrono::milliseconds wait_max) {
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto error = rd_kafka_query_watermark_offsets(consumer_.get(), topic_.c_str(),
                                                      static_cast<std::int32_t>(partition_), &low,
                                                      &high, static_cast<int>(wait_max.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_err2str(error));
  return Watermarks{static_cast<Position>(low), static_cast<Position>(high)};
}

}  // namespace klasboek::log
