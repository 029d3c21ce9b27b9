#pragma once
// The projector of one shard: follows the ledger and carries every commit into every view, the rows
// of all views and how far they got in one write. It also makes views anew beside the ones that
// serve: those stay where readers find them and go on following the log until the new ones stand at
// the same position, are compared and take their place.
#include <chrono>
#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "events/log/ledger.h"
#include "events/log/surroundings.h"
#include "projections/rebuild.h"
#include "projections/view_store.h"

namespace klasboek::projections {

/// What a rebuild found.
struct RebuildReport {
  std::string view;
  ViewDigest live;
  ViewDigest rebuilt;
  /// Both were compared just before this position of the log.
  log::Position position = 0;
  /// Of the log, once for all views that were made together; what an earlier rebuild had done when
  /// it was cut off isn't read again.
  std::uint64_t events_read = 0;
  [[nodiscard]] bool equal() const { return live == rebuilt; }
};

/// Commits in one write: enough to be quick, few enough that a waiting request isn't late.
inline constexpr std::size_t kCommitsPerWriteMax = 256;

class Projector {
 public:
  /// Opens the views in `directory`, builds those that are missing or of another version, and
  /// catches up with the ledger before it returns. REQUIRES: ledger outlives this.
  static std::expected<std::unique_ptr<Projector>, log::LogFault> open(
      const std::filesystem::path& directory, const log::Ledger& ledger,
      const Progress& progress = {}, const log::Surroundings& surroundings = {},
      RebuildOptions rebuilding = {});
  /// The same, but it follows the ledger no further until it is started, or stepped.
  static std::expected<std::unique_ptr<Projector>, log::LogFault> open_still(
      const std::filesystem::path& directory, const log::Ledger& ledger,
      const Progress& progress = {}, const log::Surroundings& surroundings = {},
      RebuildOptions rebuilding = {});
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

  /// From now on a thread of its own follows the ledger. Once.
  void start();
  /// Carries the next commits into the views, in one write, for whoever drives it by a thread of
  /// his own: false where there was nothing to do. Throws log::LedgerDamaged where the ledger can't
  /// be read or the views can't be written. REQUIRES: it isn't started, and nobody rebuilds.
  bool step() { return project_some(); }

  /// Makes views anew from one reading of the log beside those that serve, compares both at one
  /// position, and puts the new ones in their place. Goes on where an earlier one was cut off.
  /// Blocks; one at a time.
  std::expected<std::vector<RebuildReport>, log::LogFault> rebuild(
      std::span<const View* const> views, const Progress& progress = {});
  std::expected<RebuildReport, log::LogFault> rebuild(const View& view,
                                                      const Progress& progress = {});

 private:
  /// A family that is being filled, and how far.
  struct Target {
    const View* view = nullptr;
    ViewState state;
    std::shared_ptr<ViewFamily> family;
  };

  /// Views that were made anew, on their way to the place of those that serve.
  struct Candidates {
    enum class Phase : std::uint8_t {
      catching_up,  // the follower carries commits into them
      caught_up,    // they stood where the live ones did, at the snapshot
      compared,     // waits for the follower to switch
      over          // the outcome is known
    };
    Phase phase = Phase::catching_up;
    std::vector<Target> targets;
    /// What they stand beside, in the same order.
    std::vector<std::shared_ptr<ViewFamily>> live;
    std::shared_ptr<const rocksdb::Snapshot> snapshot;
    log::Position position = 0;
    std::optional<log::LogFault> fault;
  };
  struct Built {
    std::vector<Target> targets;
    std::uint64_t events_read = 0;
  };

  Projector(const log::Ledger& ledger, std::unique_ptr<ViewStore> store,
            log::Surroundings surroundings, RebuildOptions rebuilding);
  std::expected<Built, log::LogFault> build(std::span<const View* const> views,
                                            const Progress& progress);
  std::expected<std::pair<Target, BuildPlace>, log::LogFault> begin_or_go_on(const View& view,
                                                                             log::Position end);
  std::vector<RebuildReport> compare(const Candidates& candidates) const;
  void follow();
  /// Carries some commits into the live views, and some into those that are made anew and behind
  /// them; false where there was nothing to do.
  bool project_some();
  /// Carries commits before `stop` from the furthest-behind target on, all of them in one write.
  std::size_t project(const std::vector<Target*>& targets, log::Position stop);
  void tell_projected(log::Position told_end, bool is_all);
  /// On the thread that follows: the next step of the candidates, when nothing is left to project.
  void go_on_with_candidates();
  void switch_candidates();
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
  RebuildOptions rebuilding_;
  /// The targets are of the thread that follows alone until it is over.
  std::optional<Candidates> candidates_;
  std::mutex one_rebuild_;

  /// Of the thread that follows alone.
  std::vector<Target> targets_;
  std::thread follower_;
};

}  // namespace klasboek::projections
