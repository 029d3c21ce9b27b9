#include "projections/projector.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <map>

#include "events/log/rocks.h"
#include "projections/fold_rows.h"

namespace klasboek::projections {

namespace {

log::LogFault write_fault(const rocksdb::Status& status) {
  return {log::LogFaultKind::disk, "views can't be written: " + status.ToString()};
}

void add_rows(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family,
              const events::SchoolId& school, const FoldRows& rows) {
  auto key = log::rocks::Key{}.uuid(school.value).str();
  const auto prefix_size = key.size();
  rows.for_each([&](std::string_view key_within, const std::string_view* value) {
    key.resize(prefix_size);
    key.append(key_within);
    if (value == nullptr) {
      batch.Delete(family, key);
    } else {
      batch.Put(family, key, rocksdb::Slice(value->data(), value->size()));
    }
  });
}

}  // namespace

std::expected<std::unique_ptr<Projector>, log::LogFault> Projector::open(
    const std::filesystem::path& directory, const log::Ledger& ledger, const Progress& progress,
    const log::Surroundings& surroundings, RebuildOptions rebuilding) {
  auto projector = open_still(directory, ledger, progress, surroundings, std::move(rebuilding));
  if (projector) (*projector)->start();
  return projector;
}

std::expected<std::unique_ptr<Projector>, log::LogFault> Projector::open_still(
    const std::filesystem::path& directory, const log::Ledger& ledger, const Progress& progress,
    const log::Surroundings& surroundings, RebuildOptions rebuilding) {
  auto store = ViewStore::open(directory, surroundings.disk);
  if (!store) return std::unexpected(store.error());
  std::unique_ptr<Projector> projector(
      new Projector(ledger, *std::move(store), surroundings, std::move(rebuilding)));
  std::vector<const View*> missing;
  for (const auto& view : all_views()) {
    // A view that is ahead of the log comes from before a restore: it saw what no longer happened.
    const auto state = projector->store_->state_of(*view);
    if (state && state->next_position <= end_of(ledger)) {
      projector->targets_.push_back(
          {view.get(), *state, projector->store_->family_of(view->name())});
    } else {
      missing.push_back(view.get());
    }
  }
  auto built = projector->build(missing, progress);
  if (!built) return std::unexpected(built.error());
  for (auto& target : built->targets) {
    const auto switched = projector->store_->switch_to(*target.view, target.state.family,
                                                       target.family, target.state.next_position);
    if (!switched) return std::unexpected(switched.error());
    projector->targets_.push_back(std::move(target));
  }
  try {
    while (projector->project_some()) {
    }
  } catch (const std::exception& fault) {
    return std::unexpected(log::LogFault{log::LogFaultKind::damaged, fault.what()});
  }
  return projector;
}

void Projector::start() {
  follower_ = std::thread([this] { follow(); });
}

Projector::Projector(const log::Ledger& ledger, std::unique_ptr<ViewStore> store,
                     log::Surroundings surroundings, RebuildOptions rebuilding)
    : ledger_(ledger),
      store_(std::move(store)),
      surroundings_(std::move(surroundings)),
      rebuilding_(std::move(rebuilding)) {}

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
    due = take_due_calls();
  }
  projected_.notify_all();
  for (const auto& call : due) call();
}

void Projector::follow() {
  const auto candidates_wait = [this] {
    return candidates_ && (candidates_->phase == Candidates::Phase::catching_up ||
                           candidates_->phase == Candidates::Phase::compared);
  };
  for (;;) {
    bool is_rebuilt = false;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock,
                 [&] { return closed_ || notified_end_ > projected_end_ || candidates_wait(); });
      if (closed_) return;
      // One that comes in later hasn't been caught up by the loop below: it waits for the next one.
      is_rebuilt = candidates_wait();
    }
    try {
      while (project_some()) {
      }
      if (is_rebuilt) go_on_with_candidates();
    } catch (const std::exception& fault) {
      return stop_with(fault.what());
    }
  }
}

bool Projector::project_some() {
  std::vector<Target*> targets;
  for (auto& target : targets_) targets.push_back(&target);
  const auto least_of = [](const auto& some) {
    return (*std::ranges::min_element(
                some, {}, [](const Target* target) { return target->state.next_position; }))
        ->state.next_position;
  };
  const auto live = least_of(targets);
  std::vector<Target*> behind;
  log::Position told_end = 0;
  {
    const std::lock_guard lock(mutex_);
    told_end = notified_end_;
    if (candidates_ && candidates_->phase != Candidates::Phase::over) {
      for (auto& target : candidates_->targets) {
        (target.state.next_position < live ? behind : targets).push_back(&target);
      }
    }
  }
  // Whoever waits for the live views waits for no more than one write of those behind them.
  const auto carried = project(targets, std::numeric_limits<log::Position>::max());
  tell_projected(told_end, carried == 0);
  if (!behind.empty()) project(behind, live);
  return carried > 0 || !behind.empty();
}

std::size_t Projector::project(const std::vector<Target*>& targets, log::Position stop) {
  std::map<const Target*, StoredRows> stored;
  for (const auto* target : targets) {
    stored.try_emplace(target, store_->db(), target->family->handle());
  }
  std::map<std::pair<const Target*, events::SchoolId>, FoldRows> folded;
  std::size_t commits = 0;
  bool is_all = true;
  auto end = (*std::ranges::min_element(targets, {}, [](const Target* target) {
               return target->state.next_position;
             }))->state.next_position;
  ledger_.read_log(end, [&](const log::StoredCommit& commit) {
    if (commit.position >= stop) return false;
    const auto events = ledger_.events_of(commit);
    for (const auto* target : targets) {
      if (target->state.next_position > commit.position) continue;
      const auto [rows, is_new] = folded.try_emplace({target, commit.frame.school});
      if (is_new) rows->second.stand_on(stored.at(target), commit.frame.school);
      for (const auto& event : events) target->view->on(event, rows->second);
    }
    end = commit.position + 1;
    is_all = ++commits < kCommitsPerWriteMax;
    return is_all;
  });
  if (is_all && stop != std::numeric_limits<log::Position>::max()) end = std::max(end, stop);
  if (commits == 0 && end <= targets.front()->state.next_position) return 0;
  rocksdb::WriteBatch batch;
  for (const auto& [of, rows] : folded)
    add_rows(batch, of.first->family->handle(), of.second, rows);
  for (auto* target : targets) {
    target->state.next_position = std::max(target->state.next_position, end);
    if (store_->family_of(target->view->name()) == target->family) {
      store_->put_position(batch, *target->view, target->state);
    } else {
      ViewStore::put_place(batch, target->family->handle(),
                           whole_at(*target->view, ledger_, target->state.next_position));
    }
  }
  surroundings_.reached(log::Step::before_projection);
  // Not synced: what a power cut takes is read again from the log.
  const auto status = store_->db().Write({}, &batch);
  if (!status.ok()) throw log::LedgerDamaged(write_fault(status).message);
  surroundings_.reached(log::Step::after_projection);
  return commits;
}

void Projector::tell_projected(log::Position told_end, bool is_all) {
  Calls due;
  {
    const std::lock_guard lock(mutex_);
    const auto least = *std::ranges::min_element(
        targets_, {}, [](const Target& target) { return target.state.next_position; });
    projected_end_ = std::max(projected_end_, least.state.next_position);
    // The log may skip positions (void records): what was told before the log was read is done when
    // nothing was left. What was told since may be there by now.
    if (is_all) projected_end_ = std::max(projected_end_, told_end);
    due = take_due_calls();
  }
  projected_.notify_all();
  for (const auto& call : due) call();
}

}  // namespace klasboek::projections
