#pragma once
// What the vault needs of Kafka: clients, and a topic made and checked. Values of librdkafka own
// themselves.
#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>

#include "vault/fault.h"
#include "vault/secret_record.h"

namespace klasboek::vault {

struct KafkaPlace {
  /// `host:port`, several with commas.
  std::string bootstrap;
  std::string topic;
  /// What else librdkafka is told, by its names: TLS, SASL.
  std::map<std::string, std::string> client_settings;
  /// So long one question to the brokers waits.
  int wait_ms_max = 10'000;
};

struct DestroyKafka {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using KafkaClient = std::unique_ptr<rd_kafka_t, DestroyKafka>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, DestroyKafka>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, DestroyKafka>;

/// Called on the thread that polls the producer, once for each record; the opaque is the one it was
/// produced with.
using DeliveryReport = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);

std::expected<KafkaClient, OpenError> make_producer(const KafkaPlace& place, DeliveryReport report);
/// The place's topic, to produce to; goes before its producer.
KafkaTopic topic_of(const KafkaPlace& place, rd_kafka_t* producer);
/// Hands a record for partition 0 to the producer, waiting while its queue is full. False: it
/// wasn't taken, and no report will come.
bool produce(rd_kafka_topic_t* topic, const SecretRecord& record, void* opaque);

std::expected<KafkaClient, OpenError> make_consumer(const KafkaPlace& place);

/// Makes the topic where it isn't there: one partition, compacted, on three brokers where there are
/// so many. Then checks that it is as it must be, whoever made it.
std::expected<void, OpenError> make_and_check_topic(const KafkaPlace& place, rd_kafka_t* client);

/// The offset after the last record of partition 0.
std::expected<std::int64_t, OpenError> end_of_topic(const KafkaPlace& place, rd_kafka_t* client);

/// Reads partition 0 from this offset on.
std::expected<void, OpenError> read_from(const KafkaPlace& place, rd_kafka_t* consumer,
                                         std::int64_t offset);

/// A removed secret leaves the topic within this time (R15).
inline constexpr std::int64_t kCompactionLagMsMax = 24LL * 3600 * 1000;
inline constexpr std::int64_t kSegmentMsMax = 12LL * 3600 * 1000;

}  // namespace klasboek::vault
