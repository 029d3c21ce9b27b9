#include "events/log/kafka_topics.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace klasboek::log {

namespace {

using Clock = std::chrono::steady_clock;

/// Kafka's default: the largest frame, its key and what a batch adds.
constexpr std::int64_t kMessageBytesMin = 1'048'588;
constexpr std::uint16_t kReplicationForTwo = 3;
constexpr auto kAskAgain = std::chrono::milliseconds(50);
constexpr int kMetadataWaitMs = 2000;

template <auto End>
struct EndWith {
  template <class T>
  void operator()(T* it) const {
    End(it);
  }
};
template <class T, auto End>
using Owned = std::unique_ptr<T, EndWith<End>>;
using Queue = Owned<rd_kafka_queue_t, &rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, &rd_kafka_event_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, &rd_kafka_NewTopic_destroy>;
using Resource = Owned<rd_kafka_ConfigResource_t, &rd_kafka_ConfigResource_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, &rd_kafka_AdminOptions_destroy>;

/// What a setting of the topic must be: exactly this, or a number not below it.
struct TopicSetting {
  const char* name;
  std::string value;
  bool is_minimum = false;
};

std::array<TopicSetting, 7> topic_settings(std::uint32_t replication_factor) {
  return {TopicSetting{"cleanup.policy", "delete"},
          TopicSetting{"retention.ms", "-1"},
          TopicSetting{"retention.bytes", "-1"},
          TopicSetting{"message.timestamp.type", "LogAppendTime"},
          TopicSetting{"unclean.leader.election.enable", "false"},
          TopicSetting{"max.message.bytes", std::to_string(kMessageBytesMin), true},
          TopicSetting{"min.insync.replicas", replication_factor >= kReplicationForTwo ? "2" : "1",
                       true}};
}

LogFault unreachable(const KafkaClient& client, const std::string& why) {
  return {LogFaultKind::unreachable, "kafka: no answer from " + client.options().brokers + " (" +
                                         why + "): start the brokers, or name others"};
}
LogFault topic_fault(const KafkaClient& client, const std::string& what) {
  return {LogFaultKind::settings, "kafka: topic " + client.options().topic + ": " + what};
}

AdminOptions admin_options(rd_kafka_t* handle, const KafkaClient& client, rd_kafka_admin_op_t op) {
  AdminOptions options(rd_kafka_AdminOptions_new(handle, op));
  std::array<char, 256> reason{};
  rd_kafka_AdminOptions_set_request_timeout(
      options.get(), static_cast<int>(client.options().answer_wait_max.count()), reason.data(),
      reason.size());
  return options;
}

/// The one event that answers an admin request.
std::expected<Event, LogFault> answer_in(const KafkaClient& client, rd_kafka_queue_t* queue) {
  Event event(rd_kafka_queue_poll(queue, -1));
  if (!event) return std::unexpected(unreachable(client, "no event"));
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(unreachable(client, rd_kafka_event_error_string(event.get())));
  }
  return event;
}

/// Already there, or not allowed to make it, is fine: what there is is looked at afterwards.
std::expected<void, LogFault> make_topic(const KafkaClient& client, rd_kafka_t* handle) {
  const auto& options = client.options();
  std::array<char, 512> reason{};
  const NewTopic topic(
      rd_kafka_NewTopic_new(options.topic.c_str(), static_cast<int>(options.partition_count),
                            options.replication_factor, reason.data(), reason.size()));
  if (!topic) return std::unexpected(topic_fault(client, reason.data()));
  for (const auto& setting : topic_settings(options.replication_factor)) {
    rd_kafka_NewTopic_set_config(topic.get(), setting.name, setting.value.c_str());
  }
  const Queue queue(rd_kafka_queue_new(handle));
  auto* raw = topic.get();
  const auto admin = admin_options(handle, client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(handle, &raw, 1, admin.get(), queue.get());
  const auto answer = answer_in(client, queue.get());
  if (!answer) return std::unexpected(answer.error());
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(answer->get()), &count);
  if (count != 1) return std::unexpected(unreachable(client, "an empty answer"));
  const auto error = rd_kafka_topic_result_error(results[0]);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ||
      error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
      error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
    return {};
  }
  const char* said = rd_kafka_topic_result_error_string(results[0]);
  return std::unexpected(topic_fault(
      client, std::string("can't be made: ") + (said ? said : rd_kafka_err2str(error))));
}

using Settings = std::map<std::string, std::string>;

/// nullopt: the broker that was asked hasn't heard of the topic (yet).
std::expected<std::optional<Settings>, LogFault> ask_settings(const KafkaClient& client,
                                                              rd_kafka_t* handle) {
  const Resource resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, client.options().topic.c_str()));
  const Queue queue(rd_kafka_queue_new(handle));
  auto* raw = resource.get();
  const auto admin = admin_options(handle, client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(handle, &raw, 1, admin.get(), queue.get());
  const auto answer = answer_in(client, queue.get());
  if (!answer) return std::unexpected(answer.error());
  std::size_t count = 0;
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  if (count != 1) return std::unexpected(unreachable(client, "an empty answer"));
  const auto error = rd_kafka_ConfigResource_error(resources[0]);
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(
        topic_fault(client, std::string("its settings can't be read: ") + rd_kafka_err2str(error) +
                                ". Allow this user to describe its configuration"));
  }
  Settings settings;
  std::size_t entries = 0;
  const auto* const* entry = rd_kafka_ConfigResource_configs(resources[0], &entries);
  for (std::size_t i = 0; i < entries; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entry[i]);
    settings[rd_kafka_ConfigEntry_name(entry[i])] = value != nullptr ? value : "";
  }
  return settings;
}

std::expected<Settings, LogFault> read_settings(const KafkaClient& client, rd_kafka_t* handle) {
  const auto deadline = Clock::now() + client.options().answer_wait_max;
  for (;;) {
    auto settings = ask_settings(client, handle);
    if (!settings) return std::unexpected(settings.error());
    if (*settings) return **std::move(settings);
    if (Clock::now() > deadline) {
      return std::unexpected(
          topic_fault(client, "doesn't exist. Make it by hand, or allow this user to create it"));
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

bool holds(const TopicSetting& wanted, const std::string& found) {
  if (!wanted.is_minimum) return found == wanted.value;
  std::int64_t value = 0;
  std::int64_t minimum = 0;
  const auto read = std::from_chars(found.data(), found.data() + found.size(), value);
  std::from_chars(wanted.value.data(), wanted.value.data() + wanted.value.size(), minimum);
  return read.ec == std::errc() && value >= minimum;
}

std::expected<void, LogFault> check_settings(const KafkaClient& client, const Settings& found,
                                             std::uint32_t replication_factor) {
  std::string wrong;
  std::string cure;
  for (const auto& wanted : topic_settings(replication_factor)) {
    const auto setting = found.find(wanted.name);
    if (setting != found.end() && holds(wanted, setting->second)) continue;
    wrong += std::string(wrong.empty() ? "" : ", ") + wanted.name + " is " +
             (setting == found.end() ? "not told" : "'" + setting->second + "'") +
             (wanted.is_minimum ? " and not at least '" : " and not '") + wanted.value + "'";
    cure += std::string(cure.empty() ? "" : ",") + wanted.name + "=" + wanted.value;
  }
  if (wrong.empty()) return {};
  return std::unexpected(
      topic_fault(client, wrong +
                              ". A log in it could be lost. Set it right: kafka-configs.sh --alter "
                              "--entity-type topics --entity-name " +
                              client.options().topic + " --add-config " + cure));
}

struct EndMetadata {
  void operator()(const rd_kafka_metadata_t* found) const { rd_kafka_metadata_destroy(found); }
};

struct Layout {
  /// 0: some partition has no leader yet.
  std::uint32_t partition_count = 0;
  std::uint32_t replication_factor = 0;
};

std::expected<Layout, std::string> read_layout(rd_kafka_t* handle, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(handle, 0, topic, &raw, kMetadataWaitMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_err2str(error));
  const std::unique_ptr<const rd_kafka_metadata_t, EndMetadata> found(raw);
  if (found->topic_cnt != 1) return std::unexpected("no topic in the answer");
  const auto& told = found->topics[0];
  if (told.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(rd_kafka_err2str(told.err));
  Layout layout;
  for (int p = 0; p < told.partition_cnt; ++p) {
    if (told.partitions[p].leader < 0) return Layout{};
    layout.replication_factor = static_cast<std::uint32_t>(told.partitions[p].replica_cnt);
  }
  layout.partition_count = static_cast<std::uint32_t>(told.partition_cnt);
  return layout;
}

/// Asks until every partition has a leader: those of a new topic take a moment.
std::expected<Layout, LogFault> wait_for_leaders(const KafkaClient& client, rd_kafka_t* handle) {
  const Owned<rd_kafka_topic_t, &rd_kafka_topic_destroy> topic(
      rd_kafka_topic_new(handle, client.options().topic.c_str(), nullptr));
  const auto deadline = Clock::now() + client.options().answer_wait_max;
  for (;;) {
    const auto layout = read_layout(handle, topic.get());
    if (layout && layout->partition_count > 0) return *layout;
    if (Clock::now() > deadline) {
      return std::unexpected(unreachable(
          client, layout ? "a partition has no leader" : "about the topic: " + layout.error()));
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

}  // namespace

std::expected<std::uint32_t, LogFault> ensure_topic(const KafkaClient& client) {
  const auto handle = client.handle();
  if (auto made = make_topic(client, handle.get()); !made) return std::unexpected(made.error());
  const auto layout = wait_for_leaders(client, handle.get());
  if (!layout) return std::unexpected(layout.error());
  const auto settings = read_settings(client, handle.get());
  if (!settings) return std::unexpected(settings.error());
  if (auto checked = check_settings(client, *settings, layout->replication_factor); !checked) {
    return std::unexpected(checked.error());
  }
  return layout->partition_count;
}

}  // namespace klasboek::log
