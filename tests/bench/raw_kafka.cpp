#include "tests/bench/raw_kafka.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <charconv>
#include <map>
#include <stdexcept>
#include <string_view>

namespace klasboek::bench {

namespace {

constexpr int kPollMs = 100;
/// As long as the text of a school's id, which is the key of the product's records.
constexpr std::size_t kKeyBytes = 33;

using Settings = std::map<std::string, std::string>;
using Handle = std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)>;

void on_delivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* /*message*/, void* /*opaque*/) {}

Handle open(rd_kafka_type_t type, const Settings& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> reason{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      throw std::runtime_error(reason.data());
    }
  }
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, &on_delivery);
  Handle handle(rd_kafka_new(type, conf, reason.data(), reason.size()), &rd_kafka_destroy);
  if (!handle) throw std::runtime_error(reason.data());
  return handle;
}

}  // namespace

// The settings are the product's (events/log/kafka_client.cpp), as far as they cost or save time.
RawKafka::RawKafka(const std::string& brokers, const std::string& topic, std::uint32_t partitions,
                   std::size_t clients)
    : partitions_(partitions),
      producer_(open(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers},
                                         {"socket.nagle.disable", "true"},
                                         {"enable.idempotence", "true"},
                                         {"linger.ms", "0"},
                                         {"compression.type", "lz4"}})),
      consumer_(open(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                         {"socket.nagle.disable", "true"},
                                         {"group.id", "raw"},
                                         {"enable.auto.commit", "false"},
                                         {"enable.auto.offset.store", "false"},
                                         {"check.crcs", "true"},
                                         {"isolation.level", "read_uncommitted"},
                                         {"fetch.wait.max.ms", "10"}})),
      topic_(rd_kafka_topic_new(producer_.get(), topic.c_str(), nullptr), &rd_kafka_topic_destroy) {
  for (std::size_t i = 0; i < clients; ++i) {
    read_back_.push_back(std::make_unique<std::binary_semaphore>(0));
  }
  rd_kafka_poll_set_consumer(consumer_.get());
  auto* const list = rd_kafka_topic_partition_list_new(static_cast<int>(partitions));
  for (std::uint32_t partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), static_cast<std::int32_t>(partition))
        ->offset = 0;
  }
  const auto assigned = rd_kafka_assign(consumer_.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  if (assigned != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(assigned));
  reader_ = std::jthread([this](const std::stop_token& stop) { read_until_closed(stop); });
  server_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) rd_kafka_poll(producer_.get(), kPollMs);
  });
}

RawKafka::~RawKafka() {
  server_ = {};
  reader_ = {};
}

void RawKafka::produce(std::size_t client, std::span<const std::uint8_t> record) {
  std::string key = std::to_string(client);
  key.resize(kKeyBytes, '.');
  auto* const bytes = const_cast<std::uint8_t*>(record.data());
  if (rd_kafka_produce(topic_.get(), static_cast<std::int32_t>(client % partitions_),
                       RD_KAFKA_MSG_F_COPY, bytes, record.size(), key.data(), key.size(),
                       nullptr) != 0) {
    throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
  }
  constexpr std::chrono::seconds kReadBackMax{30};
  if (!read_back_[client]->try_acquire_for(kReadBackMax)) {
    throw std::runtime_error("a record wasn't read back from Kafka");
  }
}

void RawKafka::read_until_closed(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer_.get(), kPollMs);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string_view key(static_cast<const char*>(message->key), message->key_len);
      std::size_t client = 0;
      std::from_chars(key.data(), key.data() + key.size(), client);
      read_back_.at(client)->release();
    }
    rd_kafka_message_destroy(message);
  }
}

}  // namespace klasboek::bench
