// How the projector makes views anew: build beside the ones that serve, catch up with them, compare
// at one moment, switch.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "projections/projector.h"

namespace klasboek::projections {

namespace {

std::shared_ptr<const rocksdb::Snapshot> snapshot_of(rocksdb::DB& db) {
  return {db.GetSnapshot(), [&db](const rocksdb::Snapshot* one) { db.ReleaseSnapshot(one); }};
}

}  // namespace

std::expected<std::pair<Projector::Target, BuildPlace>, log::LogFault> Projector::begin_or_go_on(
    const View& view, log::Position end) {
  if (auto known = store_->unfinished(view)) {
    if (fits(known->place, view, ledger_)) {
      spdlog::info("view {}: its rebuild that was cut off goes on", view.name());
      return std::pair(Target{&view, {known->name, known->place.end}, known->family}, known->place);
    }
    store_->drop_family(known->name);
  }
  Target target{&view, {store_->new_family_name(view), end}, nullptr};
  auto family = store_->create_family(target.state.family);
  if (!family) return std::unexpected(family.error());
  target.family = *std::move(family);
  return std::pair(std::move(target), beginning(view, ledger_, end));
}

std::expected<Projector::Built, log::LogFault> Projector::build(std::span<const View* const> views,
                                                                const Progress& progress) {
  Built built;
  if (views.empty()) return built;
  std::vector<Build> builds;
  const auto fail = [&](log::LogFault fault) {
    for (const auto& target : built.targets) store_->drop_family(target.state.family);
    return std::unexpected(std::move(fault));
  };
  try {
    const auto end = end_of(ledger_);
    for (const auto* view : views) {
      auto begun = begin_or_go_on(*view, end);
      if (!begun) return fail(std::move(begun).error());
      builds.push_back({view, begun->first.family->handle(), begun->second});
      built.targets.push_back(std::move(begun->first));
    }
    auto read = build_views(builds, ledger_, *store_, rebuilding_, progress);
    if (!read) return fail(std::move(read).error());
    built.events_read = *read;
  } catch (const std::exception& fault) {
    return fail({log::LogFaultKind::damaged, fault.what()});
  }
  rebuilding_.reached(RebuildStep::built);
  return built;
}

std::expected<RebuildReport, log::LogFault> Projector::rebuild(const View& view,
                                                               const Progress& progress) {
  const std::array only{&view};
  auto reports = rebuild(only, progress);
  if (!reports) return std::unexpected(std::move(reports).error());
  return std::move(reports->front());
}

std::expected<std::vector<RebuildReport>, log::LogFault> Projector::rebuild(
    std::span<const View* const> views, const Progress& progress) {
  const std::lock_guard only_one(one_rebuild_);
  auto built = build(views, progress);
  if (!built) return std::unexpected(std::move(built).error());
  using Phase = Candidates::Phase;
  std::unique_lock lock(mutex_);
  Candidates begun;
  begun.targets = std::move(built->targets);
  candidates_ = std::move(begun);
  const auto comes = [&](Phase phase) {
    work_.notify_one();
    projected_.wait(lock,
                    [&] { return closed_ || !fault_.empty() || candidates_->phase == phase; });
    return candidates_->phase == phase;
  };
  // The follower may still have them in hand, so they stay until the next rebuild.
  const auto stopped = [&] {
    return std::unexpected(
        log::LogFault{log::LogFaultKind::disk, fault_.empty() ? "the program is closing" : fault_});
  };
  if (!comes(Phase::caught_up)) return stopped();
  lock.unlock();
  rebuilding_.reached(RebuildStep::caught_up);
  std::vector<RebuildReport> reports;
  std::optional<log::LogFault> fault;
  try {
    reports = compare(*candidates_);
  } catch (const std::exception& thrown) {
    fault = {log::LogFaultKind::damaged, thrown.what()};
  }
  for (auto& report : reports) report.events_read = built->events_read;
  rebuilding_.reached(RebuildStep::compared);
  lock.lock();
  candidates_->snapshot.reset();
  candidates_->fault = std::move(fault);
  candidates_->phase = Phase::compared;
  if (!comes(Phase::over)) return stopped();
  fault = std::move(candidates_->fault);
  candidates_.reset();
  lock.unlock();
  if (fault) return std::unexpected(*std::move(fault));
  rebuilding_.reached(RebuildStep::switched);
  return reports;
}

/// On the thread that rebuilds, beside the one that follows: both sides at the snapshot.
std::vector<RebuildReport> Projector::compare(const Candidates& candidates) const {
  const auto* snapshot = candidates.snapshot.get();
  std::vector<RebuildReport> reports;
  for (std::size_t i = 0; i < candidates.targets.size(); ++i) {
    RebuildReport report;
    report.view = candidates.targets[i].view->name();
    report.position = candidates.position;
    report.live = digest_of(store_->db(), candidates.live[i]->handle(), snapshot);
    report.rebuilt = digest_of(store_->db(), candidates.targets[i].family->handle(), snapshot);
    reports.push_back(std::move(report));
  }
  return reports;
}

void Projector::go_on_with_candidates() {
  using Phase = Candidates::Phase;
  std::unique_lock lock(mutex_);
  if (candidates_->phase == Phase::compared) {
    lock.unlock();
    return switch_candidates();
  }
  // Nothing was left to project: all stand at one position, and no write comes in between.
  for (const auto& candidate : candidates_->targets) {
    candidates_->live.push_back(store_->family_of(candidate.view->name()));
    candidates_->position = std::max(candidates_->position, candidate.state.next_position);
  }
  candidates_->snapshot = snapshot_of(store_->db());
  candidates_->phase = Phase::caught_up;
  projected_.notify_all();
}

void Projector::switch_candidates() {
  auto fault = candidates_->fault;
  for (auto& candidate : candidates_->targets) {
    if (!fault) {
      const auto switched = store_->switch_to(*candidate.view, candidate.state.family,
                                              candidate.family, candidate.state.next_position);
      if (!switched) fault = switched.error();
    }
    if (fault) {
      store_->drop_family(candidate.state.family);
    } else {
      *std::ranges::find(targets_, candidate.view, &Target::view) = candidate;
    }
  }
  const std::lock_guard lock(mutex_);
  candidates_->fault = std::move(fault);
  candidates_->phase = Candidates::Phase::over;
  projected_.notify_all();
}

}  // namespace klasboek::projections
