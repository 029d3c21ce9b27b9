#include "projections/projector.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "projections/live_rows.h"
#include "projections/rebuild.h"
#include "projections/row.h"

namespace klasboek::projections {

namespace {

/// Commits in one write: enough to be quick, few enough that a waiting request isn't late.
constexpr std::size_t kCommitsPerWriteMax = 256;

log::LogFault write_fault(const rocksdb::Status& status) {
  return {log::LogFaultKind::disk, "views can't be written: " + status.ToString()};
}

}  // namespace

std::expected<std::unique_ptr<Projector>, log::LogFault> Projector::open(
    const std::filesystem::path& directory, const log::Ledger& ledger, const Progress& progress,
    const log::Surroundings& surroundings) {
  auto store = ViewStore::open(directory, surroundings.disk);
  if (!store) return std::unexpected(store.error());
  std::unique_ptr<Projector> projector(new Projector(ledger, *std::move(store), surroundings));
  for (const auto& view : all_views()) {
    // A view that is ahead of the log comes from before a restore: it saw what no longer happened.
    const auto state = projector->store_->state_of(*view);
    if (state && state->next_position <= end_of(ledger)) {
      projector->targets_.push_back(
          {view.get(), *state, projector->store_->family_of(view->name())});
      continue;
    }
    auto built = projector->build(*view, progress);
    if (!built) return std::unexpected(built.error());
    const auto switched = projector->store_->switch_to(*view, built->state.family, built->family,
                                                       built->state.next_position);
    if (!switched) return std::unexpected(switched.error());
    projector->targets_.push_back(*std::move(built));
  }
  try {
    while (projector->project_some()) {
    }
  } catch (const std::exception& fault) {
    return std::unexpected(log::LogFault{log::LogFaultKind::damaged, fault.what()});
  }
  projector->follower_ = std::thread([raw = projector.get()] { raw->follow(); });
  return projector;
}

Projector::Projector(const log::Ledger& ledger, std::unique_ptr<ViewStore> store,
                     log::Surroundings surroundings)
    : ledger_(ledger), store_(std::move(store)), surroundings_(std::move(surroundings)) {}

Projector::~Projector() {
  Calls due;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    due = take_due_calls();
  }
  for (const auto& call : due) call();
  work_.notify_all();
  projected_.notify_all();
  if (follower_.joinable()) follower_.join();
}

void Projector::notify(log::Position position) {
  {
    const std::lock_guard lock(mutex_);
    notified_end_ = std::max(notified_end_, position + 1);
  }
  work_.notify_one();
}

bool Projector::wait_for(log::Position position, std::chrono::milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  projected_.wait_for(lock, wait_max, [&] { return is_over(position); });
  return projected_end_ > position;
}

void Projector::when_projected(log::Position position, std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_over(position)) {
      waiting_calls_.emplace_back(position, std::move(call));
      return;
    }
  }
  call();
}

Projector::Calls Projector::take_due_calls() {
  Calls due;
  std::erase_if(waiting_calls_, [&](auto& waiting) {
    if (!is_over(waiting.first)) return false;
    due.push_back(std::move(waiting.second));
    return true;
  });
  return due;
}

std::string Projector::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void Projector::stop_with(const std::string& reason) {
  spdlog::critical("views stand still: {}", reason);
  Calls due;
  {
    const std::lock_guard lock(mutex_);
    fault_ = reason;
    if (candidate_ && !candidate_->outcome) {
      candidate_->outcome = std::unexpected(log::LogFault{log::LogFaultKind::damaged, reason});
    }
    due = take_due_calls();
  }
  projected_.notify_all();
  for (const auto& call : due) call();
}

void Projector::follow() {
  for (;;) {
    bool is_rebuilt = false;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] {
        return closed_ || notified_end_ > projected_end_ || (candidate_ && !candidate_->outcome);
      });
      if (closed_) return;
      // One that comes in later hasn't been caught up by the loop below: it waits for the next one.
      is_rebuilt = candidate_ && !candidate_->outcome;
    }
    try {
      while (project_some()) {
      }
      if (is_rebuilt) compare_and_switch();
    } catch (const std::exception& fault) {
      return stop_with(fault.what());
    }
  }
}

bool Projector::project_some() {
  std::vector<Target*> targets;
  for (auto& target : targets_) targets.push_back(&target);
  log::Position told_end = 0;
  {
    // A candidate without an outcome is touched by this thread only.
    const std::lock_guard lock(mutex_);
    told_end = notified_end_;
    if (candidate_ && !candidate_->outcome) targets.push_back(&candidate_->target);
  }
  const auto behind = *std::ranges::min_element(
      targets, {}, [](const Target* target) { return target->state.next_position; });
  rocksdb::WriteBatchWithIndex batch(rocksdb::BytewiseComparator(), 0, true);
  std::size_t commits = 0;
  auto end = behind->state.next_position;
  ledger_.read_log(end, [&](const log::StoredCommit& commit) {
    for (const auto& event : ledger_.events_of(commit)) {
      for (const auto* target : targets) {
        if (target->state.next_position > commit.position) continue;
        LiveRows rows(store_->db(), target->family->handle(), batch, event.school);
        target->view->on(event, rows);
      }
    }
    end = commit.position + 1;
    return ++commits < kCommitsPerWriteMax;
  });
  if (commits > 0) {
    for (auto* target : targets) {
      target->state.next_position = std::max(target->state.next_position, end);
      if (store_->family_of(target->view->name()) == target->family) {
        store_->put_position(batch, *target->view, target->state);
      }
    }
    surroundings_.reached(log::Step::before_projection);
    // Not synced: what a power cut takes is read again from the log.
    const auto status = store_->db().Write({}, batch.GetWriteBatch());
    if (!status.ok()) throw log::LedgerDamaged(write_fault(status).message);
    surroundings_.reached(log::Step::after_projection);
  }
  Calls due;
  {
    const std::lock_guard lock(mutex_);
    const auto least = *std::ranges::min_element(
        targets_, {}, [](const Target& target) { return target.state.next_position; });
    projected_end_ = std::max(projected_end_, least.state.next_position);
    // The log may skip positions (void records): what was told before the log was read is done when
    // nothing was left. What was told since may be there by now.
    if (commits == 0) projected_end_ = std::max(projected_end_, told_end);
    due = take_due_calls();
  }
  projected_.notify_all();
  for (const auto& call : due) call();
  return commits > 0;
}

}  // namespace klasboek::projections
