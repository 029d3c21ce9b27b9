#include "events/log/embedded_log.h"

#include <spdlog/spdlog.h>

#include <cassert>
#include <iterator>

namespace klasboek::log {

namespace {

/// Bounds of one group, so that the first in it doesn't wait for ever for the last.
constexpr std::size_t kGroupCommitsMax = 512;
constexpr std::size_t kGroupBytesMax = 8 << 20;

/// SHA-256 of the record at a position; nullopt where there is none.
std::optional<events::Hash> record_hash_at(const Ledger& ledger, Position position) {
  std::optional<events::Hash> hash;
  ledger.read_log(position, [&](const StoredCommit& commit) {
    if (commit.position == position) hash = events::sha256(commit.frame_bytes.bytes());
    return false;
  });
  return hash;
}

/// The directory's ledger must not be behind what was acknowledged, nor have grown again from
/// before it to another end.
std::expected<void, LogFault> check_tail(const Ledger& ledger, const AcknowledgedFile& file,
                                         const std::filesystem::path& directory) {
  const auto acknowledged = file.tail();
  if (!acknowledged) return {};
  const auto tail = ledger.tail();
  if (!tail || tail->position < acknowledged->position) {
    return std::unexpected(
        LogFault{LogFaultKind::lost_tail,
                 directory.string() + ": the log ends at position " +
                     (tail ? std::to_string(tail->position) : std::string("none")) +
                     ", but events up to position " + std::to_string(acknowledged->position) +
                     " were acknowledged. Restore a backup; never go on from what is left"});
  }
  if (record_hash_at(ledger, acknowledged->position) != acknowledged->record_hash) {
    return std::unexpected(LogFault{
        LogFaultKind::damaged,
        directory.string() + ": the record at position " + std::to_string(acknowledged->position) +
            " isn't the one that was acknowledged. Restore a backup, and keep this copy "
            "for inquiry"});
  }
  return {};
}

}  // namespace

std::expected<std::unique_ptr<EmbeddedLog>, LogFault> EmbeddedLog::open(
    const EmbeddedLogOptions& options, events::KeySink& keys) {
  auto log = open_still(options, keys);
  if (log) (*log)->start();
  return log;
}

std::expected<std::unique_ptr<EmbeddedLog>, LogFault> EmbeddedLog::open_still(
    const EmbeddedLogOptions& options, events::KeySink& keys) {
  const auto ledger_directory = options.directory / "ledger";
  auto found = Ledger::identity_in(ledger_directory, options.surroundings.disk);
  if (!found) return std::unexpected(found.error());
  const auto identity = found->value_or(LogIdentity{options.new_log_id, 0, 1});
  auto ledger = Ledger::open(ledger_directory, identity, options.surroundings.disk);
  if (!ledger) return std::unexpected(ledger.error());
  auto acknowledged = AcknowledgedFile::open(options.directory / "acknowledged");
  if (!acknowledged) return std::unexpected(acknowledged.error());
  try {
    if (auto checked = check_tail(**ledger, *acknowledged, options.directory); !checked) {
      return std::unexpected(checked.error());
    }
  } catch (const LedgerDamaged& damage) {
    return std::unexpected(
        LogFault{LogFaultKind::damaged, ledger_directory.string() + ": " + damage.what()});
  }
  return std::unique_ptr<EmbeddedLog>(
      new EmbeddedLog(options, *std::move(ledger), *std::move(acknowledged), keys));
}

EmbeddedLog::EmbeddedLog(const EmbeddedLogOptions& options, std::unique_ptr<Ledger> ledger,
                         AcknowledgedFile acknowledged, events::KeySink& keys)
    : options_(options),
      ledger_(std::move(ledger)),
      keys_(keys),
      acknowledged_(std::move(acknowledged)),
      ballast_(options.directory / "ballast", options.ballast_bytes) {
  ballast_.take(options.free_bytes_min);
  if (const auto tail = ledger_->tail()) next_position_ = tail->position + 1;
}

void EmbeddedLog::start() {
  committer_ = std::thread([this] { commit_until_closed(); });
}

bool EmbeddedLog::step() {
  std::vector<Waiting> group;
  {
    const std::lock_guard lock(mutex_);
    group = take_group_locked();
  }
  if (group.empty()) return false;
  commit_group(std::move(group));
  return true;
}

EmbeddedLog::~EmbeddedLog() { EmbeddedLog::close(); }

void EmbeddedLog::append(PendingCommit pending, Completion done) {
  Waiting waiting{events::encode_frame(pending.commit), std::move(pending.minted_keys),
                  std::move(done)};
  if (waiting.frame.size() > events::kFrameBytesMax ||
      pending.commit.events.size() > events::kEventsPerCommitMax ||
      pending.commit.conditions.size() > events::kConditionsPerCommitMax) {
    waiting.done(TooLarge{});
    return;
  }
  std::string refusal;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) refusal = "the log is closing";
    if (!fault_.empty()) refusal = fault_;
    if (refusal.empty()) queue_.push_back(std::move(waiting));
  }
  if (!refusal.empty()) {
    waiting.done(Unavailable{refusal});
    return;
  }
  work_.notify_one();
}

LogHealth EmbeddedLog::health() const {
  const std::lock_guard lock(mutex_);
  if (!fault_.empty()) return {false, fault_};
  if (closed_) return {false, "the log is closed"};
  return {true, {}};
}

void EmbeddedLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  work_.notify_one();
  if (committer_.joinable()) committer_.join();
}

std::vector<EmbeddedLog::Waiting> EmbeddedLog::take_group() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [this] { return closed_ || !queue_.empty(); });
  return take_group_locked();
}

std::vector<EmbeddedLog::Waiting> EmbeddedLog::take_group_locked() {
  std::vector<Waiting> group;
  std::size_t bytes = 0;
  while (!queue_.empty() && group.size() < kGroupCommitsMax && bytes < kGroupBytesMax) {
    bytes += queue_.front().frame.size();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void EmbeddedLog::commit_until_closed() {
  // An empty group means closed and nothing left.
  for (auto group = take_group(); !group.empty(); group = take_group()) {
    commit_group(std::move(group));
  }
}

std::string EmbeddedLog::make_keys_durable(std::vector<Waiting>& group) {
  std::vector<events::MintedKey> keys;
  for (auto& waiting : group) {
    std::ranges::move(waiting.minted_keys, std::back_inserter(keys));
  }
  if (keys.empty()) return {};
  const auto durable = keys_.make_durable(keys);
  if (durable) options_.surroundings.reached(Step::keys_durable);
  return durable ? std::string() : std::string(reason_of(durable.error()));
}

void EmbeddedLog::stop_with(const std::string& reason, std::vector<Waiting>& group) {
  spdlog::critical("log stopped: {}", reason);
  // Whatever ends the program in order may have to write.
  ballast_.let_go();
  {
    const std::lock_guard lock(mutex_);
    fault_ = reason;
    std::ranges::move(queue_, std::back_inserter(group));
    queue_.clear();
  }
  for (auto& waiting : group) waiting.done(UnknownOutcome{reason});
}

void EmbeddedLog::commit_group(std::vector<Waiting> group) {
  std::error_code space_error;
  const auto space = std::filesystem::space(options_.directory, space_error);
  const bool disk_low = !space_error && space.available < options_.free_bytes_min;
  const auto refusal =
      disk_low ? std::string("the disk is almost full: free some space") : make_keys_durable(group);
  if (!refusal.empty()) {
    for (auto& waiting : group) waiting.done(Unavailable{refusal});
    return;
  }
  std::vector<AppendOutcome> outcomes;
  outcomes.reserve(group.size());
  try {
    Ledger::Batch batch(*ledger_);
    auto position = next_position_;
    for (const auto& waiting : group) {
      const auto verdict = batch.apply(waiting.frame, position, std::nullopt);
      outcomes.push_back(outcome_of(verdict, position));
      if (std::holds_alternative<Applied>(verdict)) ++position;
    }
    // A write or sync that failed is never tried again: pages that didn't reach the disk may be
    // marked clean by now. The next start looks at what is really there.
    if (position != next_position_) {
      options_.surroundings.reached(Step::before_append);
      if (auto written = batch.write(true); !written) {
        return stop_with(written.error().message, group);
      }
      next_position_ = position;
      options_.surroundings.reached(Step::after_append);
      const auto tail = ledger_->tail();
      assert(tail);
      if (auto noted = acknowledged_.write(*tail); !noted) {
        return stop_with(noted.error().message, group);
      }
      options_.surroundings.reached(Step::acknowledged);
    }
  } catch (const LedgerDamaged& fault) {
    return stop_with(fault.what(), group);
  }
  if (listener_) listener_(next_position_ - 1);
  for (std::size_t i = 0; i < group.size(); ++i) group[i].done(std::move(outcomes[i]));
}

}  // namespace klasboek::log
