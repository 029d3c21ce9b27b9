#include "tests/support/kafka_node.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>

namespace klasboek::tests {

namespace {

constexpr std::chrono::milliseconds kReadyWaitMax{60'000};
constexpr int kAnswerWaitMs = 30'000;

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("kafka: " + what); }

/// opaque: where deliveries tell their offset, or a negative number.
Client producer_of(const KafkaBroker& broker, std::int64_t* offset) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> reason{};
  rd_kafka_conf_set(conf, "bootstrap.servers", broker.bootstrap().c_str(), nullptr, 0);
  rd_kafka_conf_set(conf, "enable.idempotence", "true", nullptr, 0);
  rd_kafka_conf_set(conf, "linger.ms", "0", nullptr, 0);
  rd_kafka_conf_set_opaque(conf, offset);
  rd_kafka_conf_set_dr_msg_cb(
      conf, [](rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
        *static_cast<std::int64_t*>(opaque) = message->err != 0 ? -1 : message->offset;
      });
  Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size()),
                &rd_kafka_destroy);
  if (client == nullptr) fail(reason.data());
  return client;
}

/// The offset of the last one.
std::uint64_t put_all(const KafkaBroker& broker, const std::string& topic,
                      std::span<const std::span<const std::uint8_t>> records,
                      std::int32_t partition) {
  std::int64_t offset = -1;
  const Client client = producer_of(broker, &offset);
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(
      rd_kafka_topic_new(client.get(), topic.c_str(), nullptr), &rd_kafka_topic_destroy);
  for (const auto& record : records) {
    // Copied, though librdkafka takes the bytes as not const.
    auto* const value = const_cast<std::uint8_t*>(record.data());
    if (rd_kafka_produce(handle.get(), partition, RD_KAFKA_MSG_F_COPY, value, record.size(),
                         nullptr, 0, nullptr) != 0) {
      fail(rd_kafka_err2str(rd_kafka_last_error()));
    }
  }
  rd_kafka_flush(client.get(), kAnswerWaitMs);
  if (offset < 0) fail("a record wasn't delivered");
  return static_cast<std::uint64_t>(offset);
}

void wait_for_answer(const Queue& queue, const std::string& what) {
  const Event event(rd_kafka_queue_poll(queue.get(), kAnswerWaitMs), &rd_kafka_event_destroy);
  if (event == nullptr) fail(what + ": no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail(what + ": " + rd_kafka_event_error_string(event.get()));
  }
}

}  // namespace

std::int64_t real_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

KafkaNode::Options KafkaNode::options_for(const KafkaBroker& broker, const std::string& topic) {
  Options options;
  options.kafka.brokers = broker.bootstrap();
  options.kafka.topic = topic;
  options.kafka.partition_count = 1;
  options.log.new_log_id = {1, 2, 3};
  options.log.free_bytes_min = 0;
  options.log.follower.shorter_log_wait_max = std::chrono::milliseconds(500);
  return options;
}

KafkaNode::KafkaNode(Options options) : KafkaNode(Unopened{}, std::move(options)) { reopen(); }

KafkaNode::KafkaNode(Unopened /*closed*/, Options options) : options_(std::move(options)) {
  if (options_.log.directory.empty()) {
    options_.log.directory = log::shard_directory(directory_.path(), options_.partition);
  }
}

void KafkaNode::close() {
  log_.reset();
  client_.reset();
}

std::expected<void, log::LogFault> KafkaNode::try_open() {
  auto client = log::KafkaClient::open(options_.kafka);
  if (!client) return std::unexpected(client.error());
  client_ = *std::move(client);
  auto opened = log::open_kafka_log(*client_, options_.partition, options_.log, keys_);
  if (!opened) return std::unexpected(opened.error());
  log_ = *std::move(opened);
  log_->listen([this](log::Position) {
    const std::lock_guard lock(mutex_);
    advanced_.notify_all();
  });
  return {};
}

void KafkaNode::reopen() {
  close();
  const auto opened = try_open();
  INFO((opened ? std::string() : opened.error().message));
  REQUIRE(opened.has_value());
  const bool ready = log_->wait_until_ready(kReadyWaitMax);
  INFO(log_->health().reason);
  REQUIRE(ready);
}

bool KafkaNode::wait_for(log::Position position) {
  std::unique_lock lock(mutex_);
  return advanced_.wait_for(lock, kReadyWaitMax, [&] {
    const auto tail = log_->ledger().tail();
    return tail && tail->position >= position;
  });
}

bool KafkaNode::wait_for_reason(const std::string& words) const {
  return log_->wait_until(
      [&](const log::LogHealth& health) {
        return !health.ready && health.reason.find(words) != std::string::npos;
      },
      kReadyWaitMax);
}

std::uint64_t put_record(const KafkaBroker& broker, const std::string& topic,
                         std::span<const std::uint8_t> record, std::int32_t partition) {
  const std::array records = {record};
  return put_all(broker, topic, records, partition);
}

std::uint64_t put_records(const KafkaBroker& broker, const std::string& topic,
                          const std::vector<events::Bytes>& records) {
  const std::vector<std::span<const std::uint8_t>> spans(records.begin(), records.end());
  return put_all(broker, topic, spans, 0);
}

void delete_topic(const KafkaBroker& broker, const std::string& topic) {
  std::int64_t offset = 0;
  const Client client = producer_of(broker, &offset);
  const Queue queue(rd_kafka_queue_new(client.get()), &rd_kafka_queue_destroy);
  rd_kafka_DeleteTopic_t* wanted = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_DeleteTopics(client.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy(wanted);
  wait_for_answer(queue, "deleting a topic");
}

void delete_records(const KafkaBroker& broker, const std::string& topic, std::int64_t before) {
  std::int64_t offset = 0;
  const Client client = producer_of(broker, &offset);
  const Queue queue(rd_kafka_queue_new(client.get()), &rd_kafka_queue_destroy);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = before;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_DeleteRecords(client.get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(wanted);
  wait_for_answer(queue, "deleting records");
}

}  // namespace klasboek::tests
