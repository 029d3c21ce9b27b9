#pragma once
// One node's end of a Kafka log, and hands that reach into the topic behind its back.
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "events/log/kafka_client.h"
#include "events/log/kafka_log.h"
#include "tests/support/kafka_broker.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

/// The clock of the machine: records on Kafka are stamped by it.
std::int64_t real_now_us();

/// A client, a directory and the log of one partition. Closing and opening keep the directory.
class KafkaNode {
 public:
  struct Options {
    std::uint32_t partition = 0;
    log::KafkaOptions kafka;
    log::KafkaLogOptions log;
  };
  /// One partition, short waits, nothing asked of the disk.
  static Options options_for(const KafkaBroker& broker, const std::string& topic);

  /// Opens it and waits until it is ready; fails the test where it isn't. Without a directory it
  /// has one of its own.
  explicit KafkaNode(Options options);
  /// Stays closed until it is opened.
  struct Unopened {};
  KafkaNode(Unopened closed, Options options);
  KafkaNode(const KafkaBroker& broker, const std::string& topic)
      : KafkaNode(options_for(broker, topic)) {}

  log::KafkaLog& log() { return *log_; }
  CountingKeySink& keys() { return keys_; }
  /// May be changed until it is opened (again).
  Options& options() { return options_; }
  [[nodiscard]] std::filesystem::path ledger_directory() const {
    return options_.log.directory / "ledger";
  }
  void close();
  /// Closes and opens it, and waits until it is ready.
  void reopen();
  /// Opens it and says what came of it, ready or not. REQUIRES: closed.
  std::expected<void, log::LogFault> try_open();
  /// Waits until the ledger has read this far; false where it doesn't get there.
  [[nodiscard]] bool wait_for(log::Position position);
  /// Waits until its health's reason holds these words; false where it never says so.
  [[nodiscard]] bool wait_for_reason(const std::string& words) const;

 private:
  Options options_;
  TemporaryDirectory directory_;
  CountingKeySink keys_;
  std::mutex mutex_;
  std::condition_variable advanced_;
  std::unique_ptr<log::KafkaClient> client_;
  std::unique_ptr<log::KafkaLog> log_;
};

/// Appends a record as any program might, and returns its offset once the broker has it.
std::uint64_t put_record(const KafkaBroker& broker, const std::string& topic,
                         std::span<const std::uint8_t> record, std::int32_t partition = 0);
/// Appends records one after the other as any program might, and returns the last one's offset once
/// the broker has them all.
std::uint64_t put_records(const KafkaBroker& broker, const std::string& topic,
                          const std::vector<events::Bytes>& records);
void delete_topic(const KafkaBroker& broker, const std::string& topic);
/// Deletes the records of partition 0 before an offset.
void delete_records(const KafkaBroker& broker, const std::string& topic, std::int64_t before);

}  // namespace klasboek::tests
