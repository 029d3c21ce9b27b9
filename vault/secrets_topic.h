#pragma once
// The vault on several nodes: a compacted topic with one partition, `klasboek.secrets`, holds every
// shared row, wrapped. What stands in it, in its order, is what all nodes have; each node's own
// database follows it.
//
// A write is produced (acks=all, idempotent), and returns when its delivery reports are there and
// the own database has read it back, so that whoever was first has won before anybody is answered.
//
// At the start the whole topic is read anew: what was removed while this node was away may have
// left no trace. Keys are the exception: they go by a row that says so (destroyed_key), never by
// being absent nor by a bare removal, which anybody who can write to the brokers could forge.
// Every row is unwrapped before it is taken in; one that doesn't open is passed over and counted.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "vault/kafka_client.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

inline constexpr const char* kSecretsTopicName = "klasboek.secrets";

/// Thread-safe. Has two threads of its own: one polls the producer, one follows the topic.
class SecretsTopic final : public SecretWriter {
 public:
  enum class State : std::uint8_t {
    following,
    waiting,  // the own database has no room or is held; tried again
    broken    // it can't go on; the explanation is in the log, and every write says broken
  };

  /// Makes or checks the topic and reads it to its end. A vault that never followed a topic and
  /// meets an empty one puts its rows there: this is how a single machine becomes several.
  /// REQUIRES: store and wrapping outlive it.
  static std::expected<std::unique_ptr<SecretsTopic>, OpenError> open(SecretStore& store,
                                                                      const Wrapping& wrapping,
                                                                      KafkaPlace place);
  ~SecretsTopic() override;

  /// unreachable: not confirmed and read back in time. Rows of kinds that aren't shared go straight
  /// into the database.
  std::expected<void, VaultFault> write(std::span<const SecretRow> rows) override;

  [[nodiscard]] State state() const { return state_.load(); }
  /// Records that were passed over, since nobody with the master key wrote them.
  [[nodiscard]] std::uint64_t refused() const { return refused_.load(); }

 private:
  struct Delivery;

  SecretsTopic(SecretStore& store, const Wrapping& wrapping, KafkaPlace place);
  static void on_delivery(rd_kafka_t* producer, const rd_kafka_message_t* message, void* opaque);

  std::expected<void, OpenError> connect();
  std::expected<void, OpenError> replay();
  std::expected<void, OpenError> read_to_end(std::int64_t end);
  std::expected<void, OpenError> end_replay(const std::vector<SecretRow>& own,
                                            const std::vector<SecretRow>& standing);
  std::expected<void, OpenError> publish_own_rows();

  std::expected<std::shared_ptr<Delivery>, VaultFault> produce(std::span<const SecretRow> rows);
  static std::optional<std::int64_t> delivered(Delivery& delivery,
                                               std::chrono::steady_clock::time_point until);
  bool produce_one(const SecretRow& row, const std::shared_ptr<Delivery>& delivery);
  std::expected<void, VaultFault> wait_until_read_back(std::int64_t next_offset,
                                                       std::chrono::steady_clock::time_point until);

  struct Batch {
    std::vector<SecretRow> rows;
    /// After the last record looked at; nothing where none was.
    std::optional<std::int64_t> next_offset;
    bool is_at_end = false;
    /// Why it can't go on after these rows.
    std::optional<OpenError> error;
  };
  Batch read_batch(int wait_ms);
  void take(const rd_kafka_message_t& message, Batch& batch);
  void follow(const std::stop_token& stop);
  bool store_batch(const Batch& batch, const std::stop_token& stop);

  SecretStore& store_;
  const Wrapping& wrapping_;
  const KafkaPlace place_;
  KafkaClient producer_;
  KafkaTopic topic_;
  KafkaClient consumer_;

  std::atomic<State> state_{State::following};
  std::atomic<std::uint64_t> refused_{0};
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::int64_t read_until_ = 0;

  std::jthread poller_;
  std::jthread follower_;
};

}  // namespace klasboek::vault
