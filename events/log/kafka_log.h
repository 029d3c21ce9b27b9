#pragma once
// The log of one shard on Kafka: one partition of the topic. A commit is sent as one record, read
// back like everybody else's, judged by the ledger's rule, and only then answered. Any number of
// nodes may write to a partition; who is first in the log wins, and all of them see the same.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "events/log/event_log.h"
#include "events/log/kafka_client.h"
#include "events/log/kafka_follower.h"
#include "events/log/kafka_waiting.h"

namespace klasboek::log {

struct KafkaLogOptions {
  /// The shard's own; see shard_directory.
  std::filesystem::path directory;
  /// Chosen once, when the log is begun; ignored where it exists.
  LogId new_log_id{};
  /// From append until the outcome counts as unknown.
  std::chrono::milliseconds outcome_wait_max{10'000};
  /// Free bytes on the disk below which commits are refused.
  std::uint64_t free_bytes_min = 64ULL << 20;
  FollowerOptions follower;
};

/// Where a node keeps what belongs to a partition.
std::filesystem::path shard_directory(const std::filesystem::path& root, std::uint32_t partition);

class KafkaLog final : public EventLog {
 public:
  /// Over a ledger that `follower` writes to. It does nothing until it is started, or stepped.
  /// sender, and keys, where minted keys become durable before the commits that use them, must
  /// outlive it.
  KafkaLog(RecordSender& sender, const KafkaLogOptions& options, std::unique_ptr<Ledger> ledger,
           std::unique_ptr<KafkaFollower> follower, events::KeySink& keys);
  ~KafkaLog() override;

  void append(PendingCommit pending, Completion done) override;
  [[nodiscard]] const Ledger& ledger() const override { return *ledger_; }
  [[nodiscard]] LogHealth health() const override;
  [[nodiscard]] bool settles_rejections() const override { return true; }
  void listen(Listener listener) override;
  void close() override;

  /// From now on threads of its own send and follow. Once.
  void start();
  /// One round of both, for whoever drives the log by a thread of his own: sends what waits, then
  /// reads, waiting up to wait_max, and answers. REQUIRES: it isn't started.
  void step(std::chrono::milliseconds wait_max);

  /// Waits until health() says ready: true. Past the deadline, or when the log has stopped: false.
  [[nodiscard]] bool wait_until_ready(std::chrono::milliseconds wait_max) const;
  /// Waits until health() is as wanted. Past the deadline: false. wanted is quick and never blocks.
  [[nodiscard]] bool wait_until(const std::function<bool(const LogHealth&)>& wanted,
                                std::chrono::milliseconds wait_max) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Outgoing {
    events::SchoolId school;
    events::AttemptId attempt{};
    events::Bytes frame;
    std::vector<events::MintedKey> minted_keys;
  };
  enum class Stage : std::uint8_t { opening, open, interrupted, stopped };

  [[nodiscard]] Clock::time_point now() const { return options_.follower.now(); }
  /// What can be said of a commit without the log; nullopt: send it.
  [[nodiscard]] std::optional<AppendOutcome> refusal_of(const PendingCommit& pending,
                                                        std::span<const std::uint8_t> frame) const;
  /// REQUIRES: mutex_ is held.
  [[nodiscard]] LogHealth health_locked() const;
  /// Why no commit is taken now; empty: it is. REQUIRES: mutex_ is held.
  [[nodiscard]] std::string why_not_taken() const;
  void send(const Outgoing& outgoing);
  void send_until_closed();
  [[nodiscard]] std::vector<Outgoing> take_outgoing();
  [[nodiscard]] std::vector<Outgoing> take_outgoing_locked();
  void send_group(std::vector<Outgoing> group);
  void follow_until_closed();
  void follow_once(std::chrono::milliseconds wait_max);
  /// True once closed, when nobody waits any more or has waited long enough.
  [[nodiscard]] bool may_end() const;
  void answer(std::vector<KafkaFollower::Judged>& judged);
  void answer_expired(std::vector<WaitingCommits::Expired> expired, const std::string& reason);
  [[nodiscard]] bool may_write();
  [[nodiscard]] Stage stage_now();
  void note_stage();
  void note_disk();
  void finish(const events::AttemptId& attempt, AppendOutcome outcome);

  RecordSender& sender_;
  KafkaLogOptions options_;
  std::unique_ptr<Ledger> ledger_;
  events::KeySink& keys_;
  /// The follower thread's alone.
  std::unique_ptr<KafkaFollower> follower_;
  bool may_write_ = false;
  Clock::time_point announced_at_;
  WaitingCommits waiting_;

  mutable std::mutex mutex_;
  /// Announces every change of stage_, outgoing_ and closed_.
  mutable std::condition_variable changed_;
  Stage stage_ = Stage::opening;
  std::string stage_reason_;
  /// Not empty: this node's clock is off; until a commit of its own is judged otherwise.
  std::string clock_reason_;
  std::string disk_reason_;
  std::deque<Outgoing> outgoing_;
  bool closed_ = false;
  Clock::time_point closed_at_;
  std::shared_ptr<const Listener> listener_;
  std::thread follower_thread_;
  std::thread sender_thread_;
};

/// Opens one partition's log: makes and checks the topic, begins the partition or reads how it
/// began, compares the shard's ledger with it, and starts reading. It is ready once it has read up
/// to the end. keys: where minted keys become durable before the commits that use them. Both it and
/// the client must outlive the log.
std::expected<std::unique_ptr<KafkaLog>, LogFault> open_kafka_log(KafkaClient& client,
                                                                  std::uint32_t partition,
                                                                  const KafkaLogOptions& options,
                                                                  events::KeySink& keys);

}  // namespace klasboek::log
