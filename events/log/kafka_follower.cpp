#include "events/log/kafka_follower.h"

#include <spdlog/spdlog.h>

#include <cassert>
#include <utility>

namespace klasboek::log {

namespace {

/// Without an answer the question is put again: a topic that was made anew needs that.
constexpr std::chrono::milliseconds kAskAgainAfter{2000};
/// Between two questions at the least, each of which is a new connection.
constexpr std::chrono::milliseconds kAskAgainMin{100};
constexpr std::chrono::milliseconds kWatermarkWait{1000};

const std::string kInterrupted = "the connection to the broker broke: ";
constexpr const char* kCatchingUp = "reading the log up to its end";
constexpr const char* kLostTailCure =
    ". Records that were read, and may have been acknowledged, are gone: restore the topic or "
    "this directory's backup; never go on from what is left";

}  // namespace

KafkaFollower::KafkaFollower(std::unique_ptr<RecordReader> reader, Ledger& ledger,
                             const FollowerOptions& options)
    : reader_(std::move(reader)),
      ledger_(ledger),
      options_(options),
      reason_(kCatchingUp),
      known_(ledger.tail()),
      checking_since_(options_.now()) {}

void KafkaFollower::check_now(const std::string& reason) {
  if (state_ == State::stopped) return;
  reason_ = reason;
  if (state_ != State::checking) checking_since_ = now();
  state_ = State::checking;
  asked_at_.reset();
}

KafkaFollower::Step KafkaFollower::step(std::chrono::milliseconds wait_max,
                                        const std::function<bool()>& wants_judged) {
  Step step;
  try {
    if (state_ != State::checking && now() - checked_at_ > options_.check_every) {
      check_now({});
    }
    if (state_ == State::checking) {
      check_step(wait_max, wants_judged, step);
    } else if (state_ != State::stopped) {
      follow_step(wait_max, wants_judged, step);
    }
  } catch (const LedgerDamaged& damage) {
    step = {};
    stop(LogFaultKind::damaged, damage.what());
  }
  return step;
}

void KafkaFollower::follow_step(std::chrono::milliseconds wait_max,
                                const std::function<bool()>& wants_judged, Step& step) {
  const auto read = reader_->read(wait_max);
  if (read.interrupted || read.out_of_range) {
    // Not even what came with it: some of it may have been fetched after the interruption.
    check_now(read.interrupted ? kInterrupted + read.reason
                               : "the log ended before what was read from it");
    return;
  }
  if (!read.records.empty()) take(read, wants_judged(), step);
  if (state_ == State::catching_up && (read.end || next_ >= catch_up_to_)) {
    state_ = State::following;
    reason_.clear();
  }
}

void KafkaFollower::ask_for_known() {
  if (!known_) known_ = ledger_.tail();
  reader_->start_at(known_ ? known_->position : 0);
  asked_at_ = now();
  answer_was_lost_ = false;
}

void KafkaFollower::check_step(std::chrono::milliseconds wait_max,
                               const std::function<bool()>& wants_judged, Step& step) {
  const auto ask_again_after = answer_was_lost_ ? kAskAgainMin : kAskAgainAfter;
  if (!asked_at_ || now() - *asked_at_ > ask_again_after) ask_for_known();
  if (!known_) {
    // What is read while the check fails is lost, and asked for again.
    if (answer_was_lost_ || !finish_check()) reader_->read(wait_max);
    return;
  }
  const auto read = reader_->read(wait_max);
  if (read.interrupted) {
    // What comes next on this connection may still be the answer, unless some of it came already.
    reason_ = kInterrupted + read.reason;
    shorter_since_.reset();
    answer_was_lost_ = answer_was_lost_ || !read.records.empty();
    return;
  }
  if (answer_was_lost_ || !is_known(read)) return;
  if (known_ != ledger_.tail()) {
    known_ = ledger_.tail();
    return ask_for_known();
  }
  if (!finish_check()) return;
  take(read, wants_judged(), step);
}

bool KafkaFollower::is_known(const PartitionRead& read) {
  assert(known_);
  if (read.out_of_range) {
    note_shorter("doesn't reach to");
    return false;
  }
  if (read.records.empty()) {
    if (read.end && *read.end <= known_->position) note_shorter("ends before");
    return false;
  }
  const auto& first = read.records.front();
  if (first.offset == known_->position && events::sha256(first.bytes) == known_->record_hash) {
    return true;
  }
  stop(LogFaultKind::lost_tail,
       "the log holds another record than the one that was read from offset " +
           std::to_string(known_->position) + kLostTailCure);
  return false;
}

bool KafkaFollower::finish_check() {
  const auto marks = reader_->watermarks(kWatermarkWait);
  if (!marks) {
    reason_ = "the broker doesn't answer: " + marks.error();
    answer_was_lost_ = true;
    return false;
  }
  if (marks->low != 0) {
    stop(LogFaultKind::lost_tail, "the log begins at offset " + std::to_string(marks->low) +
                                      ": its first records were deleted" + kLostTailCure);
    return false;
  }
  shorter_since_.reset();
  next_ = known_ ? known_->position + 1 : 0;
  catch_up_to_ = marks->high;
  checked_at_ = now();
  state_ = next_ >= catch_up_to_ ? State::following : State::catching_up;
  if (state_ == State::following) {
    reason_.clear();
  } else if (!reason_.empty()) {
    reason_ = kCatchingUp;
  }
  return true;
}

void KafkaFollower::note_shorter(const std::string& how) {
  assert(known_);
  const auto noted_at = now();
  if (!shorter_since_) shorter_since_ = noted_at;
  reason_ =
      "the log " + how + " offset " + std::to_string(known_->position) + ", which was read from it";
  if (noted_at - *shorter_since_ > options_.shorter_log_wait_max) {
    stop(LogFaultKind::lost_tail, reason_ + kLostTailCure);
  }
}

void KafkaFollower::stop(LogFaultKind kind, const std::string& message) {
  const auto& identity = ledger_.identity();
  fault_ = LogFault{kind, "partition " + std::to_string(identity.partition) + ": " + message};
  spdlog::critical("log stopped: {}", fault_->message);
  state_ = State::stopped;
  reason_ = fault_->message;
}

void KafkaFollower::take(const PartitionRead& read, bool wants_judged, Step& step) {
  Ledger::Batch batch(ledger_);
  const auto before = next_;
  for (const auto& record : read.records) {
    if (record.offset < next_) continue;
    if (!judge(batch, record, wants_judged, step)) break;
    next_ = record.offset + 1;
  }
  if (next_ == before) return;
  // Not synced: what a power cut takes from the ledger's end is read again from the log.
  if (const auto written = batch.write(false); !written) {
    step = {};
    return stop(LogFaultKind::disk, written.error().message);
  }
  step.advanced_to = next_ - 1;
}

bool KafkaFollower::judge(Ledger::Batch& batch, const PartitionRecord& record, bool wants_judged,
                          Step& step) {
  auto verdict = batch.apply(record.bytes, record.offset, record.stamp_us);
  const auto at = "the record at offset " + std::to_string(record.offset);
  if (const auto* newer = std::get_if<NewerFormat>(&verdict)) {
    stop(LogFaultKind::newer_version,
         at + " is in format " + std::to_string(newer->format) +
             ", which was announced and which this version of klasboek doesn't know: run a newer "
             "version on this node");
    return false;
  }
  if (std::holds_alternative<OtherLog>(verdict)) {
    stop(LogFaultKind::other_log, at + " begins another log than the one in this directory: the "
                                       "topic was made anew. Restore it, or choose another data "
                                       "directory");
    return false;
  }
  if (const auto* voided = std::get_if<VoidRecord>(&verdict)) {
    spdlog::debug("log: {} is void: {}", at, name_of(voided->reason));
  }
  if (!std::holds_alternative<Applied>(verdict)) batch.pass_over(record.bytes, record.offset);
  if (!wants_judged) return true;
  const events::AlignedBytes aligned(record.bytes);
  if (const auto frame = events::read_frame(aligned.bytes())) {
    step.judged.push_back({frame->attempt, std::move(verdict), record.offset});
  }
  return true;
}

}  // namespace klasboek::log
