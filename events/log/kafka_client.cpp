#include "events/log/kafka_client.h"

#include <librdkafka/rdkafka.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

namespace klasboek::log {

namespace {

using Setting = std::pair<const char*, const char*>;

constexpr std::array kCommonSettings = {
    Setting{"client.id", "klasboek"},
    Setting{"socket.nagle.disable", "true"},
    Setting{"reconnect.backoff.ms", "20"},
    Setting{"reconnect.backoff.max.ms", "1000"},
    // A leader that moved or a topic that was just made is asked for again soon.
    Setting{"topic.metadata.refresh.fast.interval.ms", "50"},
};

constexpr std::array kProducerSettings = {
    // Implies acks=all, and order in spite of retries.
    Setting{"enable.idempotence", "true"},
    Setting{"linger.ms", "0"},
    Setting{"retry.backoff.ms", "5"},
    Setting{"compression.type", "lz4"},
    Setting{"message.max.bytes", "1000000"},
    // Bounds the memory that a broker's absence costs.
    Setting{"queue.buffering.max.kbytes", "65536"},
};

constexpr std::array kConsumerSettings = {
    // Names nobody's group: partitions are assigned by hand and offsets are never committed.
    Setting{"group.id", "klasboek-reader"},
    Setting{"enable.auto.commit", "false"},
    Setting{"enable.auto.offset.store", "false"},
    Setting{"auto.offset.reset", "error"},
    Setting{"enable.partition.eof", "true"},
    Setting{"check.crcs", "true"},
    // An open transaction of somebody else must not hold up the log; the ledger's rule, not Kafka's
    // markers, says what counts.
    Setting{"isolation.level", "read_uncommitted"},
    Setting{"allow.auto.create.topics", "false"},
    Setting{"fetch.wait.max.ms", "10"},
    Setting{"fetch.error.backoff.ms", "50"},
};

constexpr std::array kOwnSettings = {"bootstrap.servers", "message.timeout.ms", "acks",
                                     "request.required.acks"};

constexpr int kServeWaitMs = 100;
constexpr int kLogNoticeMax = 5;  // syslog's numbers: from here on it isn't worth a warning

struct EndConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, EndConf>;

bool is_own_setting(const std::string& name) {
  const auto same = [&](const Setting& setting) { return name == setting.first; };
  return std::ranges::any_of(kProducerSettings, same) ||
         std::ranges::any_of(kConsumerSettings, same) ||
         std::ranges::find(kOwnSettings, name) != kOwnSettings.end();
}

LogFault settings_fault(const std::string& what) {
  return {LogFaultKind::settings, "kafka: " + what};
}

std::expected<void, LogFault> set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) == RD_KAFKA_CONF_OK) {
    return {};
  }
  return std::unexpected(settings_fault(reason.data()));
}

template <std::size_t N>
std::expected<void, LogFault> set_all(rd_kafka_conf_t* conf,
                                      const std::array<Setting, N>& settings) {
  for (const auto& [name, value] : settings) {
    if (auto done = set(conf, name, value); !done) return done;
  }
  return {};
}

void write_log(const rd_kafka_t* /*handle*/, int level, const char* facility, const char* text) {
  if (level >= kLogNoticeMax) {
    spdlog::debug("kafka: {}: {}", facility, text);
  } else {
    spdlog::warn("kafka: {}: {}", facility, text);
  }
}

std::expected<Conf, LogFault> common_conf(const KafkaOptions& options) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), &write_log);
  if (auto done = set_all(conf.get(), kCommonSettings); !done) {
    return std::unexpected(done.error());
  }
  for (const auto& [name, value] : options.settings) {
    if (is_own_setting(name)) {
      return std::unexpected(settings_fault(
          "the setting " + name + " can't be changed: the log rests on it. Leave it out"));
    }
    if (auto done = set(conf.get(), name.c_str(), value.c_str()); !done) {
      return std::unexpected(done.error());
    }
  }
  if (auto done = set(conf.get(), "bootstrap.servers", options.brokers.c_str()); !done) {
    return std::unexpected(done.error());
  }
  return conf;
}

std::expected<KafkaHandle, LogFault> new_handle(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> reason{};
  KafkaHandle handle(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
  if (!handle) return std::unexpected(settings_fault(reason.data()));
  static_cast<void>(conf.release());  // The handle owns it now.
  return handle;
}

SendFault send_fault_of(rd_kafka_resp_err_t error) {
  const std::string reason = rd_kafka_err2str(error);
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return {SendFaultKind::queue_full, reason};
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) return {SendFaultKind::too_large, reason};
  if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
      error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
    return {SendFaultKind::forbidden, reason};
  }
  return {SendFaultKind::other, reason};
}

}  // namespace

void EndKafkaHandle::operator()(rd_kafka_s* handle) const {
  rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/// The handle and its topic, which keeps what was learned of the topic's leaders.
struct KafkaClient::Producer {
  KafkaHandle handle;
  rd_kafka_topic_t* topic = nullptr;

  Producer() = default;
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() {
    if (topic != nullptr) rd_kafka_topic_destroy(topic);
    // What wasn't sent yet must not be sent by a producer that nobody listens to any more.
    if (handle) rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  }
};

struct KafkaClient::Callbacks {
  static void on_delivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    auto& client = *static_cast<KafkaClient*>(opaque);
    spdlog::warn("kafka: a commit to partition {} wasn't confirmed: {}", message->partition,
                 rd_kafka_err2str(message->err));
    const std::lock_guard lock(client.listeners_mutex_);
    const auto listener = client.listeners_.find(static_cast<std::uint32_t>(message->partition));
    if (listener == client.listeners_.end()) return;
    listener->second({static_cast<const std::uint8_t*>(message->payload), message->len},
                     send_fault_of(message->err));
  }

  static void on_error(rd_kafka_t* /*handle*/, int error, const char* reason, void* opaque) {
    spdlog::warn("kafka: producer: {}", reason);
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
      static_cast<KafkaClient*>(opaque)->producer_failed_ = true;
    }
  }
};

std::expected<std::unique_ptr<KafkaClient>, LogFault> KafkaClient::open(KafkaOptions options) {
  std::unique_ptr<KafkaClient> client(new KafkaClient(std::move(options)));
  auto producer = client->new_producer();
  if (!producer) return std::unexpected(producer.error());
  client->producer_ = *std::move(producer);
  client->server_ = std::thread([raw = client.get()] { raw->serve_until_closed(); });
  return client;
}

KafkaClient::~KafkaClient() {
  closing_ = true;
  if (server_.joinable()) server_.join();
}

std::expected<std::shared_ptr<KafkaClient::Producer>, LogFault> KafkaClient::new_producer() {
  auto conf = common_conf(options_);
  if (!conf) return std::unexpected(conf.error());
  if (auto done = set_all(conf->get(), kProducerSettings); !done) {
    return std::unexpected(done.error());
  }
  const auto timeout_ms = std::to_string(options_.message_wait_max.count());
  if (auto done = set(conf->get(), "message.timeout.ms", timeout_ms.c_str()); !done) {
    return std::unexpected(done.error());
  }
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &Callbacks::on_delivery);
  rd_kafka_conf_set_error_cb(conf->get(), &Callbacks::on_error);
  auto handle = new_handle(RD_KAFKA_PRODUCER, *std::move(conf));
  if (!handle) return std::unexpected(handle.error());
  auto producer = std::make_shared<Producer>();
  producer->handle = *std::move(handle);
  producer->topic = rd_kafka_topic_new(producer->handle.get(), options_.topic.c_str(), nullptr);
  if (producer->topic == nullptr) {
    return std::unexpected(settings_fault("the topic " + options_.topic + ": " +
                                          rd_kafka_err2str(rd_kafka_last_error())));
  }
  return producer;
}

std::shared_ptr<KafkaClient::Producer> KafkaClient::producer() const {
  const std::lock_guard lock(producer_mutex_);
  return producer_;
}

std::shared_ptr<rd_kafka_s> KafkaClient::handle() const {
  const auto current = producer();
  return {current, current->handle.get()};
}

void KafkaClient::serve_until_closed() {
  while (!closing_) {
    rd_kafka_poll(producer()->handle.get(), kServeWaitMs);
    if (producer_failed_.exchange(false)) replace_producer();
  }
}

/// After a fatal error a producer sends nothing any more. What it had is unknown to those who wait.
void KafkaClient::replace_producer() {
  std::array<char, 512> reason{};
  rd_kafka_fatal_error(producer()->handle.get(), reason.data(), reason.size());
  spdlog::error("kafka: the producer failed and is made anew: {}", reason.data());
  auto fresh = new_producer();
  if (!fresh) {
    spdlog::critical("kafka: no new producer: {}", fresh.error().message);
    return;
  }
  const std::lock_guard lock(producer_mutex_);
  producer_ = *std::move(fresh);
}

std::expected<void, SendFault> KafkaClient::send(std::uint32_t partition, std::string_view key,
                                                 std::span<const std::uint8_t> record) {
  const auto current = producer();
  // librdkafka copies the bytes and takes them as not const.
  auto* const value = const_cast<std::uint8_t*>(record.data());
  const int failed = rd_kafka_produce(current->topic, static_cast<std::int32_t>(partition),
                                      RD_KAFKA_MSG_F_COPY, value, record.size(),
                                      key.empty() ? nullptr : key.data(), key.size(), nullptr);
  if (failed == 0) return {};
  return std::unexpected(send_fault_of(rd_kafka_last_error()));
}

void KafkaClient::on_delivery_failed(std::uint32_t partition, DeliveryFailed failed) {
  const std::lock_guard lock(listeners_mutex_);
  if (failed) {
    listeners_[partition] = std::move(failed);
  } else {
    listeners_.erase(partition);
  }
}

std::expected<KafkaHandle, LogFault> KafkaClient::new_consumer(
    void* opaque, void (*on_error)(rd_kafka_s*, int, const char*, void*)) const {
  auto conf = common_conf(options_);
  if (!conf) return std::unexpected(conf.error());
  if (auto done = set_all(conf->get(), kConsumerSettings); !done) {
    return std::unexpected(done.error());
  }
  rd_kafka_conf_set_opaque(conf->get(), opaque);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  auto handle = new_handle(RD_KAFKA_CONSUMER, *std::move(conf));
  if (!handle) return std::unexpected(handle.error());
  rd_kafka_poll_set_consumer(handle->get());
  return handle;
}

}  // namespace klasboek::log
