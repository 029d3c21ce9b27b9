#pragma once
// The log of one machine: the ledger itself is the log. One committer thread takes what is waiting,
// applies it, writes it as one synced batch (group commit) and then answers all. An answer that
// says committed means that fdatasync returned.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "events/log/acknowledged_file.h"
#include "events/log/ballast.h"
#include "events/log/event_log.h"
#include "events/log/surroundings.h"

namespace klasboek::log {

struct EmbeddedLogOptions {
  std::filesystem::path directory;
  /// Chosen once, when the log is made; ignored where it exists.
  std::array<std::uint8_t, 16> new_log_id{};
  /// Free bytes on the disk below which commands are refused rather than half written.
  std::uint64_t free_bytes_min = 64ULL << 20;
  /// Kept in the file `ballast` and given back when a write failed; 0 is none.
  std::uint64_t ballast_bytes = 0;
  Surroundings surroundings;
};

class EmbeddedLog final : public EventLog {
 public:
  /// keys: where minted keys become durable before the commits that use them; must outlive the log.
  static std::expected<std::unique_ptr<EmbeddedLog>, LogFault> open(
      const EmbeddedLogOptions& options, events::KeySink& keys);
  /// The same, but nothing is committed until it is started, or stepped.
  static std::expected<std::unique_ptr<EmbeddedLog>, LogFault> open_still(
      const EmbeddedLogOptions& options, events::KeySink& keys);
  ~EmbeddedLog() override;

  void append(PendingCommit pending, Completion done) override;
  [[nodiscard]] const Ledger& ledger() const override { return *ledger_; }
  [[nodiscard]] LogHealth health() const override;
  [[nodiscard]] bool settles_rejections() const override { return false; }
  void listen(Listener listener) override { listener_ = std::move(listener); }
  void close() override;

  /// From now on a thread of its own commits. Once.
  void start();
  /// Commits the next group, if there is one, for whoever drives the log by a thread of his own:
  /// false where nothing waited. REQUIRES: it isn't started.
  bool step();

 private:
  struct Waiting {
    events::Bytes frame;
    std::vector<events::MintedKey> minted_keys;
    Completion done;
  };

  EmbeddedLog(const EmbeddedLogOptions& options, std::unique_ptr<Ledger> ledger,
              AcknowledgedFile acknowledged, events::KeySink& keys);
  void commit_until_closed();
  void commit_group(std::vector<Waiting> group);
  /// Empty: done; else why these commits must not be appended.
  [[nodiscard]] std::string make_keys_durable(std::vector<Waiting>& group);
  /// Nothing more is taken; who waits hears that the outcome is unknown.
  void stop_with(const std::string& reason, std::vector<Waiting>& group);
  [[nodiscard]] std::vector<Waiting> take_group();
  [[nodiscard]] std::vector<Waiting> take_group_locked();

  EmbeddedLogOptions options_;
  std::unique_ptr<Ledger> ledger_;
  events::KeySink& keys_;
  Listener listener_;
  AcknowledgedFile acknowledged_;
  Ballast ballast_;
  Position next_position_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Waiting> queue_;
  bool closed_ = false;
  /// Not empty: a write failed; nothing is taken any more, reads go on.
  std::string fault_;
  std::thread committer_;
};

}  // namespace klasboek::log
