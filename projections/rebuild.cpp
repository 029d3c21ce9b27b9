#include "projections/rebuild.h"

#include <algorithm>
#include <future>
#include <limits>
#include <optional>

#include "projections/fold_rows.h"
#include "projections/sorted_run.h"

namespace klasboek::projections {

namespace {

/// All events there are to fold, for progress.
std::uint64_t count_events(const log::Ledger& ledger) {
  std::uint64_t events = 0;
  for (const auto& school : ledger.schools()) events += ledger.school_head(school).next_sequence;
  return events;
}

/// Commits that are read and decoded in one go, on a thread beside the one that folds those before:
/// some milliseconds' work for either.
constexpr std::size_t kCommitsPerBatch = 512;

struct DecodedCommit {
  log::Position position = 0;
  std::uint64_t first_sequence = 0;
  std::vector<events::RecordedEvent> events;
};

struct DecodedBatch {
  std::vector<DecodedCommit> commits;
  /// Where the next one begins; nullopt: there is none.
  std::optional<std::uint64_t> next_sequence;
};

/// Of a school, from the commit on that holds this event, up to `end`.
DecodedBatch read_batch(const log::Ledger& ledger, const events::SchoolId& school,
                        std::uint64_t from, log::Position end) {
  DecodedBatch batch;
  ledger.read_commits(school, from, [&](const log::StoredCommit& commit) {
    if (commit.position >= end) return false;
    if (batch.commits.size() == kCommitsPerBatch) {
      batch.next_sequence = commit.first_sequence;
      return false;
    }
    batch.commits.push_back({commit.position, commit.first_sequence, ledger.events_of(commit)});
    return true;
  });
  return batch;
}

/// One view on its way.
class Building {
 public:
  Building(Build& build, ViewStore& store, const RebuildOptions& options)
      : build_(build),
        store_(store),
        options_(options),
        rows_(options.memory),
        run_(store, *build.view, build.family) {}

  [[nodiscard]] bool is_done_with(const events::SchoolId& school) const {
    return build_.place.is_whole || build_.place.school > school;
  }
  /// The first event of the school that it wants. REQUIRES: it isn't done with the school.
  std::uint64_t begin(const events::SchoolId& school) {
    if (build_.place.school != school) build_.place.next_sequence = 0;
    build_.place.school = school;
    if (build_.place.next_sequence > 0) stand_on_family();
    return build_.place.next_sequence;
  }
  [[nodiscard]] log::Position end() const { return build_.place.end; }
  [[nodiscard]] std::size_t bytes() const { return rows_.bytes(); }

  void fold(const DecodedCommit& commit) {
    // Another view may have wanted it; and the reading may begin with the commit before.
    if (commit.position >= end() || commit.first_sequence < build_.place.next_sequence) return;
    for (const auto& event : commit.events) build_.view->on(event, rows_);
    build_.place.next_sequence = commit.first_sequence + commit.events.size();
  }
  /// In the middle of a school: what is in memory goes out, and is read back from there.
  void let_go() {
    run_.add(build_.place.school, rows_);
    take_in();
    rows_.reset();
    stand_on_family();
  }
  void finish_school() {
    run_.add(build_.place.school, rows_);
    rows_.reset();
    stored_.reset();
  }
  [[nodiscard]] std::uint64_t run_bytes() const { return run_.bytes(); }
  void finish() {
    if (build_.place.is_whole) return;
    build_.place.is_whole = true;
    take_in();
  }
  /// What is out of memory is safe from here on.
  void take_in() {
    run_.finish();
    options_.reached(RebuildStep::run_written);
    run_.take_in(build_.place);
    options_.reached(RebuildStep::run_taken_in);
  }

 private:
  void stand_on_family() {
    stored_.emplace(store_.db(), build_.family);
    rows_.stand_on(*stored_, build_.place.school);
  }

  Build& build_;
  ViewStore& store_;
  const RebuildOptions& options_;
  /// The family as it was taken in last.
  std::optional<StoredRows> stored_;
  FoldRows rows_;
  SortedRun run_;
};

class Reading {
 public:
  Reading(std::span<Build> builds, const log::Ledger& ledger, ViewStore& store,
          const RebuildOptions& options, const Progress& progress)
      : ledger_(ledger), options_(options), progress_(progress), all_(count_events(ledger)) {
    for (auto& build : builds) {
      buildings_.push_back(std::make_unique<Building>(build, store, options));
      end_ = std::max(end_, build.place.end);
    }
  }

  std::uint64_t read() {
    // Schools come in the order of their ids, which is the order of their keys.
    for (const auto& school : ledger_.schools()) read_school(school);
    for (const auto& building : buildings_) building->finish();
    if (progress_) progress_(all_, all_);
    return read_;
  }

 private:
  void read_school(const events::SchoolId& school) {
    std::vector<Building*> wanting;
    auto from = std::numeric_limits<std::uint64_t>::max();
    for (const auto& building : buildings_) {
      if (building->is_done_with(school)) continue;
      wanting.push_back(building.get());
      from = std::min(from, building->begin(school));
    }
    const auto all_of_school = ledger_.school_head(school).next_sequence;
    if (wanting.empty()) {
      done_ += all_of_school;
      return;
    }
    done_ += std::min(from, all_of_school);
    fold_school(school, from, wanting);
    std::uint64_t run_bytes = 0;
    for (auto* building : wanting) {
      building->finish_school();
      run_bytes += building->run_bytes();
    }
    // All at once: the log is read again from where the first of them is.
    if (run_bytes < options_.run_bytes) return;
    for (auto* building : wanting) building->take_in();
  }

  void fold_school(const events::SchoolId& school, std::uint64_t from,
                   const std::vector<Building*>& wanting) {
    const auto read_from = [&](std::uint64_t sequence) {
      return std::async(std::launch::async, read_batch, std::cref(ledger_), school, sequence, end_);
    };
    auto coming = read_from(from);
    for (bool is_last = false; !is_last;) {
      const auto batch = coming.get();
      is_last = !batch.next_sequence;
      if (!is_last) coming = read_from(*batch.next_sequence);
      for (const auto& commit : batch.commits) {
        for (auto* building : wanting) building->fold(commit);
        count(commit.events.size());
        keep_within_limit(wanting);
      }
    }
  }

  void keep_within_limit(const std::vector<Building*>& wanting) {
    std::size_t bytes = 0;
    for (const auto* building : wanting) bytes += building->bytes();
    if (bytes <= options_.rows_bytes_max) return;
    for (auto* building : wanting) building->let_go();
  }

  void count(std::uint64_t events) {
    constexpr std::uint64_t kEventsPerReport = 4096;
    read_ += events;
    done_ += events;
    unreported_ += events;
    if (unreported_ < kEventsPerReport || !progress_) return;
    unreported_ = 0;
    progress_(std::min(done_, all_), all_);
  }

  const log::Ledger& ledger_;
  const RebuildOptions& options_;
  const Progress& progress_;
  std::vector<std::unique_ptr<Building>> buildings_;
  log::Position end_ = 0;
  std::uint64_t all_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t unreported_ = 0;
};

}  // namespace

log::Position end_of(const log::Ledger& ledger) {
  const auto tail = ledger.tail();
  return tail ? tail->position + 1 : 0;
}

std::expected<std::uint64_t, log::LogFault> build_views(std::span<Build> builds,
                                                        const log::Ledger& ledger, ViewStore& store,
                                                        const RebuildOptions& options,
                                                        const Progress& progress) {
  try {
    return Reading(builds, ledger, store, options, progress).read();
  } catch (const RunNotWritten& fault) {
    return std::unexpected(log::LogFault{log::LogFaultKind::disk, fault.what()});
  }
}

}  // namespace klasboek::projections
