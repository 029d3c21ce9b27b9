#include "events/log/kafka_reader.h"

#include <librdkafka/rdkafka.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <future>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

namespace klasboek::log {

namespace {

/// Records that are given at once: they become visible together, so not too many.
constexpr std::size_t kRecordsPerReadMax = 512;
constexpr std::int64_t kUsPerMs = 1000;
constexpr int kMetadataWaitMs = 1000;
/// A consumer ends within milliseconds, if it does.
constexpr std::chrono::milliseconds kEndWaitMax{2000};
/// Each takes a thread of its own for as long as the program runs.
constexpr int kUnendedMax = 8;
/// What librdkafka calls its way to the coordinator of the group, over which no record comes.
constexpr std::string_view kCoordinator = "GroupCoordinator";

struct EndPartitions {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, EndPartitions>;

/// One partition, with an offset or what stands for one.
Partitions one_partition(const std::string& topic, std::uint32_t partition, std::int64_t offset) {
  Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<std::int32_t>(partition))
      ->offset = offset;
  return list;
}

/// Asked as the offset of a time, since the question for the watermarks themselves has no deadline
/// in librdkafka 2.0.2: it waits until the request as such times out. which: RD_KAFKA_OFFSET_*.
std::expected<Position, std::string> ask_offset(rd_kafka_t* handle, const std::string& topic,
                                                std::uint32_t partition, std::int64_t which,
                                                std::chrono::milliseconds wait_max) {
  const auto list = one_partition(topic, partition, which);
  auto error = rd_kafka_offsets_for_times(handle, list.get(), static_cast<int>(wait_max.count()));
  const auto& answer = list->elems[0];
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = answer.err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_err2str(error));
  if (answer.offset < 0) return std::unexpected("no offset in the answer");
  return static_cast<Position>(answer.offset);
}

struct EndMetadata {
  void operator()(const rd_kafka_metadata_t* found) const { rd_kafka_metadata_destroy(found); }
};

/// Whether the cluster has this topic; true where it doesn't answer. All topics are asked for: the
/// question for a single one may make it.
bool may_have_topic(rd_kafka_t* handle, const std::string& topic) {
  const rd_kafka_metadata_t* raw = nullptr;
  if (rd_kafka_metadata(handle, 1, nullptr, &raw, kMetadataWaitMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return true;
  }
  const std::unique_ptr<const rd_kafka_metadata_t, EndMetadata> found(raw);
  return std::ranges::any_of(std::span(found->topics, static_cast<std::size_t>(found->topic_cnt)),
                             [&](const auto& each) { return topic == each.topic; });
}

/// False: it goes on ending for ever, on a thread of its own. librdkafka 2.0.2 doesn't get done
/// with a consumer that asked for an offset of a topic which was deleted meanwhile
/// (https://github.com/confluentinc/librdkafka/issues/3007).
bool end_in_time(KafkaHandle consumer) {
  auto ended = std::make_shared<std::promise<void>>();
  const auto is_over = ended->get_future();
  std::thread([ending = std::move(consumer), ended]() mutable {
    ending.reset();
    ended->set_value();
  }).detach();
  return is_over.wait_for(kEndWaitMax) == std::future_status::ready;
}

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
    if (std::string_view(reason).starts_with(kCoordinator)) return;
    static_cast<PartitionReader*>(opaque)->interruption_ =
        std::string(rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error))) + ": " + reason;
  }
};

std::expected<std::unique_ptr<PartitionReader>, LogFault> PartitionReader::open(
    const KafkaClient& client, std::uint32_t partition) {
  std::unique_ptr<PartitionReader> reader(new PartitionReader(client, partition));
  if (auto made = reader->renew_consumer(); !made) return std::unexpected(made.error());
  return reader;
}

PartitionReader::~PartitionReader() { drop_consumer(); }

void PartitionReader::drop_consumer() {
  messages_.clear();
  queue_.reset();
  if (!consumer_ || end_in_time(std::move(consumer_))) return;
  ++unended_;
  spdlog::warn("kafka: a connection to partition {} of {} can't be ended", partition_,
               client_.options().topic);
}

std::expected<void, LogFault> PartitionReader::renew_consumer() {
  drop_consumer();
  interruption_.clear();
  const auto& topic = client_.options().topic;
  if (unended_ >= kUnendedMax) {
    return std::unexpected(LogFault{
        LogFaultKind::unreachable,
        "kafka: too many connections to " + topic + " can't be ended: restart this program"});
  }
  auto consumer = client_.new_consumer(this, &Callbacks::on_error);
  if (!consumer) return std::unexpected(consumer.error());
  consumer_ = *std::move(consumer);
  queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
  return {};
}

void PartitionReader::start_at(Position offset) {
  // A consumer of a topic that isn't there would be one more that can't be ended.
  if (!may_have_topic(client_.handle().get(), client_.options().topic)) {
    drop_consumer();
    interruption_ = "the topic " + client_.options().topic + " isn't there";
    return;
  }
  if (const auto made = renew_consumer(); !made) {
    interruption_ = made.error().message;
    return;
  }
  const auto wanted =
      one_partition(client_.options().topic, partition_, static_cast<std::int64_t>(offset));
  const auto error = rd_kafka_assign(consumer_.get(), wanted.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) interruption_ = rd_kafka_err2str(error);
}

PartitionRead PartitionReader::read(std::chrono::milliseconds wait_max) {
  messages_.clear();
  PartitionRead read;
  if (!consumer_) {
    std::this_thread::sleep_for(wait_max);
    read.interrupted = true;
    read.reason = interruption_;
    return read;
  }
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
  if (!consumer_) return std::unexpected(interruption_);
  const auto deadline = std::chrono::steady_clock::now() + wait_max;
  const auto ask = [&](std::int64_t which) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return ask_offset(consumer_.get(), client_.options().topic, partition_, which,
                      std::max(left, std::chrono::milliseconds(1)));
  };
  const auto low = ask(RD_KAFKA_OFFSET_BEGINNING);
  if (!low) return std::unexpected(low.error());
  const auto high = ask(RD_KAFKA_OFFSET_END);
  if (!high) return std::unexpected(high.error());
  return Watermarks{*low, *high};
}

}  // namespace klasboek::log
