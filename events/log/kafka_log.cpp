#include "events/log/kafka_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "events/log/control_record.h"

namespace klasboek::log {

namespace {

/// Bounds how late a deadline, a full disk or the end is noticed.
constexpr std::chrono::milliseconds kStepWait{100};
/// A routine check that takes longer than this means that the broker is silent.
constexpr std::chrono::milliseconds kQuietCheckMax{2000};
/// How long a log that is closed waits for what it has sent.
constexpr std::chrono::milliseconds kCloseWaitMax{2000};
constexpr std::chrono::milliseconds kAnnounceAgainAfter{5000};
constexpr std::size_t kGroupCommitsMax = 512;

constexpr const char* kClockReason =
    "this node's clock is more than 60 s off the brokers': set it right, then start again";
constexpr const char* kDiskReason = "the disk is almost full: free some space";
constexpr const char* kSilentReason = "the broker doesn't answer";
constexpr const char* kAnnouncingReason = "the format of commits is being announced in the log";
constexpr const char* kOverdueReason = "commits were not read back in time";

AppendOutcome outcome_of_fault(const SendFault& fault) {
  if (fault.kind == SendFaultKind::too_large) return TooLarge{};
  return Unavailable{"the broker took no commit: " + fault.reason};
}

}  // namespace

KafkaLog::KafkaLog(RecordSender& sender, const KafkaLogOptions& options,
                   std::unique_ptr<Ledger> ledger, std::unique_ptr<KafkaFollower> follower,
                   events::KeySink& keys)
    : sender_(sender),
      options_(options),
      ledger_(std::move(ledger)),
      keys_(keys),
      follower_(std::move(follower)),
      stage_reason_(follower_->reason()) {
  sender_.on_delivery_failed(
      ledger_->identity().partition,
      [this](std::span<const std::uint8_t> record, const SendFault& fault) {
        // Anything else may have reached the log all the same: whoever waits waits on.
        if (fault.kind != SendFaultKind::too_large && fault.kind != SendFaultKind::forbidden)
          return;
        const events::AlignedBytes aligned(record);
        if (const auto frame = events::read_frame(aligned.bytes())) {
          finish(frame->attempt, outcome_of_fault(fault));
        }
      });
}

void KafkaLog::start() {
  follower_thread_ = std::thread([this] { follow_until_closed(); });
  sender_thread_ = std::thread([this] { send_until_closed(); });
}

void KafkaLog::step(std::chrono::milliseconds wait_max) {
  std::vector<Outgoing> group;
  {
    const std::lock_guard lock(mutex_);
    group = take_outgoing_locked();
  }
  send_group(std::move(group));
  follow_once(wait_max);
}

KafkaLog::~KafkaLog() { KafkaLog::close(); }

void KafkaLog::close() {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) closed_at_ = now();
    closed_ = true;
  }
  changed_.notify_all();
  if (sender_thread_.joinable()) sender_thread_.join();
  if (follower_thread_.joinable()) follower_thread_.join();
  sender_.on_delivery_failed(ledger_->identity().partition, {});
  answer_expired(waiting_.take_all(), "the log was closed");
}

void KafkaLog::listen(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::make_shared<const Listener>(std::move(listener));
}

LogHealth KafkaLog::health() const {
  const std::lock_guard lock(mutex_);
  return health_locked();
}

LogHealth KafkaLog::health_locked() const {
  if (closed_) return {false, "the log is closed"};
  if (stage_ != Stage::open) return {false, stage_reason_};
  if (!clock_reason_.empty()) return {false, clock_reason_};
  if (!disk_reason_.empty()) return {false, disk_reason_};
  return {true, {}};
}

bool KafkaLog::wait_until(const std::function<bool(const LogHealth&)>& wanted,
                          std::chrono::milliseconds wait_max) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait_max, [&] { return wanted(health_locked()); });
}

bool KafkaLog::wait_until_ready(std::chrono::milliseconds wait_max) const {
  std::unique_lock lock(mutex_);
  const auto is_ready = [this] { return health_locked().ready; };
  changed_.wait_for(lock, wait_max,
                    [&] { return is_ready() || closed_ || stage_ == Stage::stopped; });
  return is_ready();
}

std::optional<AppendOutcome> KafkaLog::refusal_of(const PendingCommit& pending,
                                                  std::span<const std::uint8_t> frame) const {
  if (frame.size() > events::kFrameBytesMax ||
      pending.commit.events.size() > events::kEventsPerCommitMax ||
      pending.commit.conditions.size() > events::kConditionsPerCommitMax) {
    return TooLarge{};
  }
  const auto& identity = ledger_->identity();
  if (partition_of(pending.commit.school, identity.partition_count) != identity.partition) {
    return Unavailable{"the commit is void: " + std::string(name_of(VoidReason::school_elsewhere))};
  }
  // Without this, a frame that nobody can read would be waited for until the deadline.
  const events::AlignedBytes aligned(frame);
  if (!events::read_frame(aligned.bytes())) {
    return Unavailable{"the commit is void: " + std::string(name_of(VoidReason::verification))};
  }
  return std::nullopt;
}

std::string KafkaLog::why_not_taken() const {
  if (closed_) return "the log is closing";
  if (stage_ == Stage::opening || stage_ == Stage::stopped) return stage_reason_;
  return disk_reason_;
}

void KafkaLog::append(PendingCommit pending, Completion done) {
  Outgoing outgoing{pending.commit.school, pending.commit.attempt,
                    events::encode_frame(pending.commit), std::move(pending.minted_keys)};
  if (auto refusal = refusal_of(pending, outgoing.frame)) return done(*std::move(refusal));
  std::unique_lock lock(mutex_);
  if (const auto reason = why_not_taken(); !reason.empty()) {
    lock.unlock();
    return done(Unavailable{reason});
  }
  waiting_.add(outgoing.attempt, std::move(done), now() + options_.outcome_wait_max);
  const bool send_now = stage_ == Stage::open && outgoing.minted_keys.empty();
  if (!send_now) outgoing_.push_back(std::move(outgoing));
  lock.unlock();
  if (send_now) {
    send(outgoing);
  } else {
    changed_.notify_all();
  }
}

void KafkaLog::finish(const events::AttemptId& attempt, AppendOutcome outcome) {
  if (auto done = waiting_.take(attempt)) (*done)(std::move(outcome));
}

void KafkaLog::send(const Outgoing& outgoing) {
  if (!waiting_.mark_sent(outgoing.attempt)) return;
  const auto sent =
      sender_.send(ledger_->identity().partition, events::to_text(outgoing.school), outgoing.frame);
  if (!sent) finish(outgoing.attempt, outcome_of_fault(sent.error()));
}

std::vector<KafkaLog::Outgoing> KafkaLog::take_outgoing() {
  std::unique_lock lock(mutex_);
  // While the log is interrupted they stay here: then they surely weren't sent.
  changed_.wait(lock, [this] { return closed_ || (stage_ == Stage::open && !outgoing_.empty()); });
  return take_outgoing_locked();
}

std::vector<KafkaLog::Outgoing> KafkaLog::take_outgoing_locked() {
  std::vector<Outgoing> group;
  if (stage_ != Stage::open) return group;
  while (!outgoing_.empty() && group.size() < kGroupCommitsMax) {
    group.push_back(std::move(outgoing_.front()));
    outgoing_.pop_front();
  }
  return group;
}

void KafkaLog::send_until_closed() {
  // An empty group means closed and nothing left that may be sent.
  for (auto group = take_outgoing(); !group.empty(); group = take_outgoing()) {
    send_group(std::move(group));
  }
}

void KafkaLog::send_group(std::vector<Outgoing> group) {
  std::vector<events::MintedKey> keys;
  for (auto& outgoing : group) std::ranges::move(outgoing.minted_keys, std::back_inserter(keys));
  std::string refusal;
  if (!keys.empty()) {
    const auto durable = keys_.make_durable(keys);
    if (!durable) refusal = reason_of(durable.error());
  }
  for (const auto& outgoing : group) {
    const bool needs_keys = !outgoing.minted_keys.empty();
    if (needs_keys && !refusal.empty()) {
      finish(outgoing.attempt, Unavailable{refusal});
    } else {
      send(outgoing);
    }
  }
}

bool KafkaLog::may_end() const {
  const std::lock_guard lock(mutex_);
  return closed_ &&
         (waiting_.empty() || stage_ != Stage::open || now() - closed_at_ > kCloseWaitMax);
}

void KafkaLog::follow_until_closed() {
  while (!may_end()) {
    follow_once(kStepWait);
    // Nothing more happens in a log that has stopped.
    std::unique_lock lock(mutex_);
    if (stage_ == Stage::stopped) changed_.wait(lock, [this] { return closed_; });
  }
}

void KafkaLog::follow_once(std::chrono::milliseconds wait_max) {
  auto step = follower_->step(wait_max, [this] { return !waiting_.empty(); });
  if (step.advanced_to) {
    std::shared_ptr<const Listener> listener;
    {
      const std::lock_guard lock(mutex_);
      listener = listener_;
    }
    if (listener) (*listener)(*step.advanced_to);
  }
  answer(step.judged);
  auto expired = waiting_.take_expired(now());
  if (std::ranges::any_of(expired, &WaitingCommits::Expired::sent)) {
    follower_->check_now(kOverdueReason);
  }
  answer_expired(std::move(expired), kOverdueReason);
  note_disk();
  note_stage();
}

void KafkaLog::answer(std::vector<KafkaFollower::Judged>& judged) {
  for (auto& one : judged) {
    auto done = waiting_.take(one.attempt);
    if (!done) continue;
    const auto* voided = std::get_if<VoidRecord>(&one.verdict);
    const bool clock_is_off = voided != nullptr && voided->reason == VoidReason::clock_skew;
    {
      const std::lock_guard lock(mutex_);
      if (clock_is_off == clock_reason_.empty()) {
        clock_reason_ = clock_is_off ? kClockReason : "";
        changed_.notify_all();
      }
    }
    (*done)(outcome_of(one.verdict, one.position));
  }
}

void KafkaLog::answer_expired(std::vector<WaitingCommits::Expired> expired,
                              const std::string& reason) {
  for (auto& one : expired) {
    if (one.sent) {
      one.done(UnknownOutcome{reason});
    } else {
      one.done(Unavailable{reason});
    }
  }
}

void KafkaLog::note_disk() {
  std::error_code error;
  const auto space = std::filesystem::space(options_.directory, error);
  const bool low = !error && space.available < options_.free_bytes_min;
  const std::lock_guard lock(mutex_);
  if (low == !disk_reason_.empty()) return;
  disk_reason_ = low ? kDiskReason : "";
  changed_.notify_all();
}

/// The frames that this program writes must be announced before it writes one.
bool KafkaLog::may_write() {
  if (may_write_) return true;
  may_write_ = ledger_->control_state().allows(events::kFrameFormat);
  if (may_write_ || now() - announced_at_ < kAnnounceAgainAfter) return may_write_;
  announced_at_ = now();
  const auto sent = sender_.send(ledger_->identity().partition, {},
                                 encode_control_record(FormatAnnouncement{events::kFrameFormat}));
  if (!sent) spdlog::warn("kafka: a format can't be announced: {}", sent.error().reason);
  return false;
}

KafkaLog::Stage KafkaLog::stage_now() {
  using State = KafkaFollower::State;
  const auto state = follower_->state();
  if (state == State::stopped) return Stage::stopped;
  if (state == State::following) return may_write() ? Stage::open : stage_;
  if (stage_ != Stage::open) return stage_;
  const bool is_quiet =
      state != State::checking || now() - follower_->checking_since() < kQuietCheckMax;
  return follower_->reason().empty() && is_quiet ? Stage::open : Stage::interrupted;
}

void KafkaLog::note_stage() {
  const auto stage = stage_now();
  std::string reason = follower_->reason();
  if (reason.empty() && stage != Stage::open) {
    reason =
        follower_->state() == KafkaFollower::State::following ? kAnnouncingReason : kSilentReason;
  }
  {
    const std::lock_guard lock(mutex_);
    if (stage_ == stage && stage_reason_ == reason) return;
    if (stage_ != stage && stage == Stage::open) {
      spdlog::info("log: partition {} is open", ledger_->identity().partition);
    } else if (stage_ != stage) {
      spdlog::warn("log: partition {}: {}", ledger_->identity().partition, reason);
    }
    stage_ = stage;
    stage_reason_ = std::move(reason);
    changed_.notify_all();
  }
  if (stage == Stage::stopped) answer_expired(waiting_.take_all(), follower_->reason());
}

}  // namespace klasboek::log
