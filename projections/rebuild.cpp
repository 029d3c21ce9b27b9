#include "projections/rebuild.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>

#include "events/log/rocks.h"
#include "projections/live_rows.h"

namespace klasboek::projections {

namespace {

using log::rocks::Key;

log::LogFault fault_of(const rocksdb::Status& status) {
  return {log::LogFaultKind::disk, "a view can't be built: " + status.ToString()};
}

/// All events there are to fold, for progress.
std::uint64_t count_events(const log::Ledger& ledger) {
  std::uint64_t events = 0;
  for (const auto& school : ledger.schools()) events += ledger.school_head(school).next_sequence;
  return events;
}

MemoryRows::Rows fold_school(const View& view, const log::Ledger& ledger,
                             const events::SchoolId& school, log::Position end,
                             const std::function<void()>& folded_one) {
  MemoryRows rows;
  ledger.read_commits(school, 0, [&](const log::StoredCommit& commit) {
    if (commit.position >= end) return false;
    for (const auto& event : ledger.events_of(commit)) {
      view.on(event, rows);
      folded_one();
    }
    return true;
  });
  return rows.take();
}

}  // namespace

log::Position end_of(const log::Ledger& ledger) {
  const auto tail = ledger.tail();
  return tail ? tail->position + 1 : 0;
}

std::expected<void, log::LogFault> build_by_ingest(const View& view, const log::Ledger& ledger,
                                                   log::Position end, ViewStore& store,
                                                   rocksdb::ColumnFamilyHandle* family,
                                                   const Progress& progress) {
  const auto path = store.build_file(view);
  const rocksdb::Options options(log::rocks::db_options(store.db().GetEnv()),
                                 log::rocks::family_options());
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options, family);
  auto status = writer.Open(path.string());
  const auto all = count_events(ledger);
  std::uint64_t done = 0;
  std::uint64_t rows_written = 0;
  // Schools come in the order of their ids, which is the order of their keys.
  for (const auto& school : ledger.schools()) {
    const auto rows = fold_school(view, ledger, school, end, [&] {
      constexpr std::uint64_t kEventsPerReport = 4096;
      if (++done % kEventsPerReport == 0 && progress) progress(done, all);
    });
    const auto prefix = Key{}.uuid(school.value).str();
    for (const auto& [key, value] : rows) {
      if (!status.ok()) break;
      status = writer.Put(prefix + key, value);
      ++rows_written;
    }
  }
  if (progress) progress(all, all);
  // A file without rows can't be finished, and an empty family needs none.
  if (status.ok() && rows_written > 0) {
    status = writer.Finish();
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    if (status.ok()) status = store.db().IngestExternalFile(family, {path.string()}, ingest);
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  if (!status.ok()) return std::unexpected(fault_of(status));
  return {};
}

std::expected<Projector::Target, log::LogFault> Projector::build(const View& view,
                                                                 const Progress& progress) {
  Target target{&view, {store_->new_family_name(view), end_of(ledger_)}, nullptr};
  auto family = store_->create_family(target.state.family);
  if (!family) return std::unexpected(family.error());
  target.family = *std::move(family);
  const auto fail = [&](log::LogFault fault) {
    store_->drop_family(target.state.family);
    return std::unexpected(std::move(fault));
  };
  try {
    auto built = build_by_ingest(view, ledger_, target.state.next_position, *store_,
                                 target.family->handle(), progress);
    if (!built) return fail(std::move(built).error());
  } catch (const std::exception& fault) {
    return fail({log::LogFaultKind::damaged, fault.what()});
  }
  return target;
}

std::expected<RebuildReport, log::LogFault> Projector::rebuild(const View& view,
                                                               const Progress& progress) {
  const std::lock_guard only_one(one_rebuild_);
  auto target = build(view, progress);
  if (!target) return std::unexpected(target.error());
  std::unique_lock lock(mutex_);
  candidate_.emplace(Candidate{*std::move(target), std::nullopt});
  work_.notify_one();
  projected_.wait(lock, [this] { return closed_ || !fault_.empty() || candidate_->outcome; });
  auto outcome = candidate_->outcome.value_or(
      std::unexpected(log::LogFault{log::LogFaultKind::disk, "the program is closing"}));
  candidate_.reset();
  return outcome;
}

/// On the thread that follows, when live and candidate stand at the same position: no write can
/// come in between.
void Projector::compare_and_switch() {
  Target* candidate = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!candidate_ || candidate_->outcome) return;
    candidate = &candidate_->target;
  }
  const auto live = std::ranges::find_if(
      targets_, [&](const Target& target) { return target.view == candidate->view; });
  RebuildReport report;
  report.view = candidate->view->name();
  report.position = candidate->state.next_position;
  report.live = digest_of(store_->db(), live->family->handle());
  report.rebuilt = digest_of(store_->db(), candidate->family->handle());
  auto switched = store_->switch_to(*candidate->view, candidate->state.family, candidate->family,
                                    candidate->state.next_position);
  if (switched) *live = *candidate;
  const std::lock_guard lock(mutex_);
  if (switched) {
    candidate_->outcome = report;
  } else {
    store_->drop_family(candidate->state.family);
    candidate_->outcome = std::unexpected(switched.error());
  }
  projected_.notify_all();
}

}  // namespace klasboek::projections
