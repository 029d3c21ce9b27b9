#pragma once
// The projector of one shard: follows the ledger and carries every commit into every view, the rows
// of all views and how far they got in one write. It also makes views anew beside the ones that
// serve.
#include <chrono>
#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "events/log/ledger.h"
#include "events/log/surroundings.h"
#include "projections/view_store.h"

namespace klasboek::projections {

/// What a rebuild found.
struct RebuildReport {
  std::string view;
  ViewDigest live;
  ViewDigest rebuilt;
  /// Both were compared just before this position of the log.
  log::Position position = 0;
  [[nodiscard]] bool equal() const { return live == rebuilt; }
};

/// Commits done of those there are, for whoever shows progress.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

class Projector {
 public:
  /// Opens the views in `directory`, builds those that are missing or of another version, and
  /// catches up with the ledger before it returns. REQUIRES: ledger outlives this.
  static std::expected<std::unique_ptr<Projector>, log::LogFault> open(
      const std::filesystem::path& directory, const log::Ledger& ledger,
      const Progress& progress = {}, const log::Surroundings& surroundings = {});
  ~Projector();
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  /// Tells that the ledger has records up to this position. Any thread; never blocks.
  void notify(log::Position position);
  /// Waits until every view has the record at this position; false where it took too long or the
  /// projector stopped.
  [[nodiscard]] bool wait_for(log::Position position, std::chrono::milliseconds wait_max);
  /// Calls once every view has the record at this position, or never will because this stopped: at
  /// once, or on the projector's thread, where it must be quick. Whoever waits for it sleeps once,
  /// where waiting for the log and then for the views would be twice.
  void when_projected(log::Position position, std::function<void()> call);
  [[nodiscard]] const ViewStore& store() const { return *store_; }
  /// Empty while all is well; else why views stand still.
  [[nodiscard]] std::string fault() const;

  /// Makes a view anew from the log beside the one that serves, compares both at one position, and
  /// puts the new one in its place. Blocks; one at a time. nullopt where there is no such view.
  std::expected<RebuildReport, log::LogFault> rebuild(const View& view,
                                                      const Progress& progress = {});

 private:
  /// A family that is being filled, and how far.
  struct Target {
    const View* view = nullptr;
    ViewState state;
    std::shared_ptr<ViewFamily> family;
  };

  Projector(const log::Ledger& ledger, std::unique_ptr<ViewStore> store,
            log::Surroundings surroundings);
  std::expected<Target, log::LogFault> build(const View& view, const Progress& progress);
  void follow();
  /// Carries commits from the furthest-behind target on; false where there was nothing to do.
  bool project_some();
  void compare_and_switch();
  void stop_with(const std::string& reason);
  using Calls = std::vector<std::function<void()>>;
  /// Calls whose moment has come, to be made without the mutex. REQUIRES: the mutex is held.
  [[nodiscard]] Calls take_due_calls();
  /// Nobody waits for more than this. REQUIRES: the mutex is held.
  [[nodiscard]] bool is_over(log::Position position) const {
    return closed_ || !fault_.empty() || projected_end_ > position;
  }

  const log::Ledger& ledger_;
  std::unique_ptr<ViewStore> store_;
  log::Surroundings surroundings_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable projected_;
  std::vector<std::pair<log::Position, std::function<void()>>> waiting_calls_;
  log::Position notified_end_ = 0;
  log::Position projected_end_ = 0;
  bool closed_ = false;
  std::string fault_;
  /// A rebuilt view that waits to be caught up, compared and switched.
  struct Candidate {
    Target target;
    std::optional<std::expected<RebuildReport, log::LogFault>> outcome;
  };
  std::optional<Candidate> candidate_;
  std::mutex one_rebuild_;

  /// Of the thread that follows alone.
  std::vector<Target> targets_;
  std::thread follower_;
};

}  // namespace klasboek::projections
