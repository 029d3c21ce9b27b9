#include "vault/kafka_client.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <utility>
#include <vector>

namespace klasboek::vault {

namespace {

constexpr int kTries = 100;
constexpr int kPauseMs = 50;

using Settings = std::initializer_list<std::pair<const char*, const char*>>;

struct DestroyPart {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_ConfigResource_t* resource) const {
    rd_kafka_ConfigResource_destroy(resource);
  }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
template <class Part>
using Owned = std::unique_ptr<Part, DestroyPart>;

std::unexpected<OpenError> error(OpenFault fault, const KafkaPlace& place,
                                 const std::string& text) {
  return std::unexpected(
      OpenError{fault, "topic " + place.topic + " at " + place.bootstrap + ": " + text});
}

std::unexpected<OpenError> unreachable(const KafkaPlace& place, rd_kafka_resp_err_t code) {
  return error(OpenFault::topic_unreachable, place,
               std::string(rd_kafka_err2str(code)) +
                   "; check the address and that the brokers run, and start again");
}

void log_client_error(rd_kafka_t* client, int code, const char* reason, void* /*opaque*/) {
  spdlog::warn("kafka {}: {} ({})", rd_kafka_name(client), reason,
               rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)));
}

void log_client_line(const rd_kafka_t* client, int level, const char* /*facility*/,
                     const char* text) {
  constexpr int kWarning = 4;  // of syslog
  const auto to = level <= kWarning ? spdlog::level::warn : spdlog::level::debug;
  spdlog::log(to, "kafka {}: {}", rd_kafka_name(client), text);
}

std::expected<KafkaClient, OpenError> make_client(rd_kafka_type_t type, const KafkaPlace& place,
                                                  Settings settings, DeliveryReport report) {
  Owned<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  std::array<char, 512> reason{};
  std::vector<std::pair<std::string, std::string>> all = {{"bootstrap.servers", place.bootstrap},
                                                          {"socket.nagle.disable", "true"}};
  all.insert(all.end(), settings.begin(), settings.end());
  all.insert(all.end(), place.client_settings.begin(), place.client_settings.end());
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      return error(OpenFault::topic_settings, place,
                   "the client doesn't take the setting " + name + ": " + reason.data());
    }
  }
  rd_kafka_conf_set_error_cb(conf.get(), log_client_error);
  rd_kafka_conf_set_log_cb(conf.get(), log_client_line);
  if (report != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), report);
  KafkaClient client(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
  if (!client) return error(OpenFault::topic_settings, place, reason.data());
  static_cast<void>(conf.release());  // the client's now
  return client;
}

struct Topology {
  int brokers = 0;
  int partitions = 0;
};

std::expected<Topology, OpenError> look(const KafkaPlace& place, rd_kafka_t* client) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &raw, place.wait_ms_max);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return unreachable(place, code);
  const Owned<const rd_kafka_metadata_t> metadata(raw);
  Topology found{.brokers = metadata->broker_cnt};
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (metadata->topics[i].topic == place.topic) {
      found.partitions = metadata->topics[i].partition_cnt;
    }
  }
  return found;
}

Owned<rd_kafka_AdminOptions_t> admin_options(const KafkaPlace& place, rd_kafka_t* client) {
  Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ANY));
  std::array<char, 256> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), place.wait_ms_max, reason.data(),
                                            reason.size());
  // Made everywhere before it is answered, not only accepted.
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), place.wait_ms_max, reason.data(),
                                              reason.size());
  return options;
}

std::expected<void, OpenError> make_topic(const KafkaPlace& place, rd_kafka_t* client,
                                          int brokers) {
  constexpr int kReplicasMax = 3;
  const int replicas = std::min(brokers, kReplicasMax);
  std::array<char, 256> reason{};
  const Owned<rd_kafka_NewTopic_t> wanted(
      rd_kafka_NewTopic_new(place.topic.c_str(), 1, replicas, reason.data(), reason.size()));
  if (!wanted) return error(OpenFault::topic_settings, place, reason.data());
  const std::string compaction_lag_ms = std::to_string(kCompactionLagMsMax);
  const std::string segment_ms = std::to_string(kSegmentMsMax);
  const Settings settings = {{"cleanup.policy", "compact"},
                             {"max.compaction.lag.ms", compaction_lag_ms.c_str()},
                             {"segment.ms", segment_ms.c_str()},
                             {"min.cleanable.dirty.ratio", "0.01"},
                             {"min.insync.replicas", replicas == kReplicasMax ? "2" : "1"},
                             {"unclean.leader.election.enable", "false"}};
  for (const auto& [name, value] : settings)
    rd_kafka_NewTopic_set_config(wanted.get(), name, value);
  const auto options = admin_options(place, client);
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  rd_kafka_NewTopic_t* topics[] = {wanted.get()};
  rd_kafka_CreateTopics(client, topics, 1, options.get(), queue.get());
  const Owned<rd_kafka_event_t> answer(rd_kafka_queue_poll(queue.get(), 2 * place.wait_ms_max));
  if (!answer) return unreachable(place, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const auto code = rd_kafka_event_error(answer.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return unreachable(place, code);
  }
  std::size_t count = 0;
  const auto* const* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
  const auto code = rd_kafka_topic_result_error(results[0]);
  // Another node was first; what it made is checked like any other.
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    return {};
  }
  return error(OpenFault::topic_settings, place,
               "can't be made: " + std::string(rd_kafka_topic_result_error_string(results[0])));
}

std::expected<std::map<std::string, std::string>, OpenError> settings_of_topic(
    const KafkaPlace& place, rd_kafka_t* client) {
  const Owned<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, place.topic.c_str()));
  const auto options = admin_options(place, client);
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  rd_kafka_DescribeConfigs(client, resources, 1, options.get(), queue.get());
  const Owned<rd_kafka_event_t> answer(rd_kafka_queue_poll(queue.get(), 2 * place.wait_ms_max));
  if (!answer) return unreachable(place, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const auto code = rd_kafka_event_error(answer.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return unreachable(place, code);
  }
  std::size_t count = 0;
  const auto* const* described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(answer.get()), &count);
  if (const auto code = rd_kafka_ConfigResource_error(described[0]);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return unreachable(place, code);
  }
  const auto* const* entries = rd_kafka_ConfigResource_configs(described[0], &count);
  std::map<std::string, std::string> settings;
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    settings[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return settings;
}

std::expected<void, OpenError> check_settings(const KafkaPlace& place, rd_kafka_t* client) {
  auto settings = settings_of_topic(place, client);
  if (!settings) return std::unexpected(settings.error());
  const auto refuse = [&](const std::string& name, const std::string& wanted) {
    return error(OpenFault::topic_settings, place,
                 name + " is " + (*settings)[name] + " and must be " + wanted +
                     "; set it with kafka-configs.sh and start again");
  };
  if ((*settings)["cleanup.policy"] != "compact") return refuse("cleanup.policy", "compact");
  if ((*settings)["unclean.leader.election.enable"] != "false") {
    return refuse("unclean.leader.election.enable", "false");
  }
  for (const auto& [name, ms_max] : {std::pair("max.compaction.lag.ms", kCompactionLagMsMax),
                                     std::pair("segment.ms", kCompactionLagMsMax)}) {
    const std::string& value = (*settings)[name];
    if (std::strtoll(value.c_str(), nullptr, 10) > ms_max || value.empty()) {
      return refuse(name, "at most " + std::to_string(ms_max));
    }
  }
  return {};
}

}  // namespace

std::expected<KafkaClient, OpenError> make_producer(const KafkaPlace& place,
                                                    DeliveryReport report) {
  return make_client(RD_KAFKA_PRODUCER, place,
                     {{"enable.idempotence", "true"},
                      {"linger.ms", "0"},
                      {"retry.backoff.ms", "5"},
                      // Above a broker's restart; whoever wrote stops waiting before.
                      {"message.timeout.ms", "60000"}},
                     report);
}

KafkaTopic topic_of(const KafkaPlace& place, rd_kafka_t* producer) {
  return KafkaTopic(rd_kafka_topic_new(producer, place.topic.c_str(), nullptr));
}

bool produce(rd_kafka_topic_t* topic, const SecretRecord& record, void* opaque) {
  // The flags say that the bytes are copied, so that nothing is written through this pointer.
  auto* const value =
      record.value ? const_cast<std::uint8_t*>(record.value->data()) : nullptr;  // NOLINT
  const std::size_t size = record.value ? record.value->size() : 0;
  return rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK, value, size,
                          record.key.data(), record.key.size(), opaque) == 0;
}

std::expected<KafkaClient, OpenError> make_consumer(const KafkaPlace& place) {
  return make_client(RD_KAFKA_CONSUMER, place,
                     {// Asked for by librdkafka, used for nothing: partitions are assigned by hand.
                      {"group.id", "klasboek.secrets"},
                      {"auto.offset.reset", "error"},
                      {"enable.auto.commit", "false"},
                      {"enable.auto.offset.store", "false"},
                      {"enable.partition.eof", "true"},
                      {"check.crcs", "true"},
                      {"fetch.wait.max.ms", "10"}},
                     nullptr);
}

std::expected<void, OpenError> make_and_check_topic(const KafkaPlace& place, rd_kafka_t* client) {
  auto found = look(place, client);
  if (!found) return std::unexpected(found.error());
  if (found->partitions == 0) {
    if (auto made = make_topic(place, client, found->brokers); !made) return made;
    // The answer comes from the controller; the broker that is asked next may learn of it later.
    for (int i = 0; i < kTries && found->partitions == 0; ++i) {
      rd_kafka_poll(client, kPauseMs);
      found = look(place, client);
      if (!found) return std::unexpected(found.error());
    }
  }
  if (found->partitions > 1) {
    return error(OpenFault::topic_settings, place,
                 "has " + std::to_string(found->partitions) +
                     " partitions and must have one, since the order of secrets counts");
  }
  return check_settings(place, client);
}

std::expected<std::int64_t, OpenError> end_of_topic(const KafkaPlace& place, rd_kafka_t* client) {
  // Right after it was made or a leader moved, the topic has no leader for a moment.
  std::int64_t low = 0;
  std::int64_t high = 0;
  auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int i = 0; i < kTries; ++i) {
    code = rd_kafka_query_watermark_offsets(client, place.topic.c_str(), 0, &low, &high,
                                            place.wait_ms_max);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return high;
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) break;
    rd_kafka_poll(client, kPauseMs);
  }
  return unreachable(place, code);
}

std::expected<void, OpenError> read_from(const KafkaPlace& place, rd_kafka_t* consumer,
                                         std::int64_t offset) {
  const Owned<rd_kafka_topic_partition_list_t> wanted(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(wanted.get(), place.topic.c_str(), 0)->offset = offset;
  const auto code = rd_kafka_assign(consumer, wanted.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return unreachable(place, code);
  return {};
}

}  // namespace klasboek::vault
