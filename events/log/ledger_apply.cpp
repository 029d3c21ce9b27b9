// The rule by which a record of the log is in or void. It is consensus code: every reader of a log
// must reach the same verdict for ever, so a change here needs a new frame format.
#include <algorithm>
#include <cassert>
#include <cstdlib>

#include "events/log/ledger.h"
#include "events/log/ledger_known.h"
#include "events/log/ledger_rows.h"
#include "events/log/rocks.h"
#include "events/upcast.h"

namespace klasboek::log {

namespace {

using rocks::Key;

VoidReason void_reason_of(events::FrameFault fault) {
  switch (fault) {
    case events::FrameFault::none:
    case events::FrameFault::not_a_frame:
      return VoidReason::not_a_frame;
    case events::FrameFault::unknown_format:
      return VoidReason::unknown_format;
    case events::FrameFault::too_large:
      return VoidReason::too_large;
    case events::FrameFault::verification:
      return VoidReason::verification;
  }
  std::abort();
}

/// Without overflow, whatever a record says.
bool is_skewed(std::int64_t log_stamp_us, std::int64_t decided_at_us) {
  const auto [earlier, later] = std::minmax(log_stamp_us, decided_at_us);
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier) >
         static_cast<std::uint64_t>(kClockSkewUsMax);
}

}  // namespace

std::string_view name_of(VoidReason reason) {
  switch (reason) {
    case VoidReason::before_genesis:
      return "before_genesis";
    case VoidReason::control_record:
      return "control_record";
    case VoidReason::not_a_frame:
      return "not_a_frame";
    case VoidReason::unknown_format:
      return "unknown_format";
    case VoidReason::too_large:
      return "too_large";
    case VoidReason::verification:
      return "verification";
    case VoidReason::school_elsewhere:
      return "school_elsewhere";
    case VoidReason::clock_skew:
      return "clock_skew";
    case VoidReason::unconditioned_stream:
      return "unconditioned_stream";
  }
  std::abort();
}

/// What this batch adds, over what the database has: later records of the batch must see it.
struct Ledger::Batch::Staged {
  explicit Staged(Ledger& the_ledger) : ledger(the_ledger) {}

  std::uint64_t version_of(const events::SchoolId& school, const events::Stream& stream) const {
    const auto remembered = version_remembered({school, stream});
    return remembered ? *remembered : ledger.stream_version(school, stream);
  }

  /// Whether the stream is at exactly this version. Asks for two keys, which filters answer, where
  /// looking for the last version would need an iterator.
  bool is_at(const events::SchoolId& school, const events::Stream& stream,
             std::uint64_t expected) const {
    const StreamKey key{school, stream};
    if (const auto remembered = version_remembered(key)) return *remembered == expected;
    const auto prefix = rows::stream_prefix(school, stream);
    const auto exists = [&](std::uint64_t version) {
      return ledger.get(kStreams, prefix + Key{}.u64(version).str()).has_value();
    };
    const bool is = (expected == 0 || exists(expected)) && !exists(expected + 1);
    if (is) ledger.known_->remember(key, expected);
    return is;
  }

  std::optional<std::uint64_t> version_remembered(const StreamKey& key) const {
    const auto found = versions.find(key);
    if (found != versions.end()) return found->second;
    return ledger.known_->version_of(key);
  }

  SchoolHead& head_of(const events::SchoolId& school) {
    const auto found = heads.find(school);
    if (found != heads.end()) return found->second;
    const auto known = ledger.known_->heads.find(school);
    return heads
        .emplace(school,
                 known != ledger.known_->heads.end() ? known->second : ledger.school_head(school))
        .first->second;
  }

  std::optional<DuplicateCommand> find_command(const events::SchoolId& school,
                                               const events::CommandId& command) const {
    const auto found = commands.find(command_key(school, command));
    if (found != commands.end()) return found->second;
    return ledger.find_command(school, command);
  }

  static std::string command_key(const events::SchoolId& school, const events::CommandId& command) {
    return Key{}.uuid(school.value).bytes(command).str();
  }

  void put(Family family, const rocksdb::Slice& key, const rocksdb::Slice& value) {
    writes.Put(ledger.families_[family], key, value);
  }

  const ControlState& control_state() {
    if (!control) control = ledger.control_state();
    return *control;
  }

  /// The verdict on what isn't judged as a commit: control records, and what stands where or is in
  /// a format that no commit may be. nullopt: judge it as a commit.
  std::optional<Verdict> judge_control(std::span<const std::uint8_t> record);
  Verdict take_control(const ControlRecord& record);
  Verdict take_in(const events::FrameView& frame, std::span<const std::uint8_t> record,
                  Position position);
  Verdict settle(const events::FrameView& frame);

  Ledger& ledger;
  rocksdb::WriteBatch writes;
  std::optional<Tail> tail;
  std::unordered_map<StreamKey, std::uint64_t, StreamKeyHash> versions;
  std::unordered_map<events::SchoolId, SchoolHead> heads;
  std::unordered_map<std::string, DuplicateCommand> commands;
  std::optional<ControlState> control;
  bool control_changed = false;
};

Ledger::Batch::Batch(Ledger& ledger) : staged_(std::make_unique<Staged>(ledger)) {}
Ledger::Batch::~Batch() = default;

Verdict Ledger::Batch::apply(std::span<const std::uint8_t> record, Position position,
                             std::optional<std::int64_t> log_stamp_us) {
  auto& staged = *staged_;
  if (auto verdict = staged.judge_control(record)) return *std::move(verdict);
  const events::AlignedBytes aligned(record);
  const auto frame = events::read_frame(aligned.bytes());
  if (!frame) return VoidRecord{void_reason_of(frame.error())};
  const auto& identity = staged.ledger.identity_;
  if (partition_of(frame->school, identity.partition_count) != identity.partition) {
    return VoidRecord{VoidReason::school_elsewhere};
  }
  if (log_stamp_us && is_skewed(*log_stamp_us, frame->decided_at_us)) {
    return VoidRecord{VoidReason::clock_skew};
  }
  if (auto before = staged.find_command(frame->school, frame->command)) return *std::move(before);
  if (!frame->rejection.empty()) return staged.settle(*frame);

  std::unordered_map<events::Stream, std::uint64_t> expected;
  for (const auto& condition : frame->conditions) {
    expected.emplace(condition.stream, condition.expected_version);
  }
  for (std::uint32_t i = 0; i < frame->events.size(); ++i) {
    if (!expected.contains(frame->events[i].stream)) {
      return VoidRecord{VoidReason::unconditioned_stream};
    }
    if (frame->events[i].event != events::event_id(frame->school, frame->command, i)) {
      return VoidRecord{VoidReason::verification};
    }
  }
  for (const auto& condition : frame->conditions) {
    if (!staged.is_at(frame->school, condition.stream, condition.expected_version)) {
      return MovedStream{condition.stream, staged.version_of(frame->school, condition.stream)};
    }
  }
  staged.tail = Tail{position, events::sha256(record)};
  return staged.take_in(*frame, record, position);
}

std::optional<Verdict> Ledger::Batch::Staged::judge_control(std::span<const std::uint8_t> record) {
  if (!ledger.identity_.begins_with_genesis) return std::nullopt;
  const bool is_control = begins_as_control_record(record);
  const auto control_record = is_control ? read_control_record(record) : std::nullopt;
  if (!control_state().begun &&
      !(control_record && std::holds_alternative<Genesis>(*control_record))) {
    return VoidRecord{VoidReason::before_genesis};
  }
  if (control_record) return take_control(*control_record);
  if (is_control) return VoidRecord{VoidReason::control_record};
  const auto format = events::format_of_frame(record);
  if (!format) return VoidRecord{VoidReason::not_a_frame};
  // Also of a format that this program knows: one that doesn't would have passed over it.
  if (!control_state().allows(*format)) return VoidRecord{VoidReason::unknown_format};
  if (events::event_types_max(*format) == 0) return NewerFormat{*format};
  return std::nullopt;
}

Verdict Ledger::Batch::Staged::take_control(const ControlRecord& record) {
  if (const auto* announcement = std::get_if<FormatAnnouncement>(&record)) {
    if (!control_state().allows(announcement->format)) {
      control->formats.push_back(announcement->format);
      control_changed = true;
    }
    return ControlTaken{};
  }
  const auto& genesis = std::get<Genesis>(record);
  const auto& identity = ledger.identity_;
  if (genesis.partition != identity.partition) {
    return VoidRecord{control_state().begun ? VoidReason::control_record
                                            : VoidReason::before_genesis};
  }
  if (control_state().begun) return VoidRecord{VoidReason::control_record};
  if (genesis.log_id != identity.log_id || genesis.partition_count != identity.partition_count) {
    return OtherLog{};
  }
  control = ControlState{true, {genesis.first_format}};
  control_changed = true;
  return ControlTaken{};
}

void Ledger::Batch::pass_over(std::span<const std::uint8_t> record, Position position) {
  staged_->tail = Tail{position, events::sha256(record)};
}

Verdict Ledger::Batch::Staged::settle(const events::FrameView& frame) {
  const SettledRejection rejection{std::string(frame.rejection)};
  const auto key = command_key(frame.school, frame.command);
  put(kCommands, key, rows::encode_command(rejection));
  commands.emplace(key, DuplicateCommand{rejection});
  return rejection;
}

Verdict Ledger::Batch::Staged::take_in(const events::FrameView& frame,
                                       std::span<const std::uint8_t> record, Position position) {
  auto& head = head_of(frame.school);
  const auto recorded_at_us = std::max(head.last_recorded_at_us, frame.decided_at_us);
  const auto first_sequence = head.next_sequence;
  std::vector<events::Hash> leaves;
  leaves.reserve(frame.events.size());
  for (std::uint32_t i = 0; i < frame.events.size(); ++i) {
    const auto& stream = frame.events[i].stream;
    const auto version = version_of(frame.school, stream) + 1;
    versions[{frame.school, stream}] = version;
    const auto sequence = first_sequence + i;
    put(kStreams, rows::stream_prefix(frame.school, stream) + Key{}.u64(version).str(),
        rows::encode_stream_row({sequence, position, i}));
    const auto leaf =
        rows::encode_leaf(frame, i, sequence, recorded_at_us, version, tail->record_hash);
    leaves.push_back(leaf_hash({reinterpret_cast<const std::uint8_t*>(leaf.data()), leaf.size()}));
    for (const auto& node : head.tree.append(leaves.back())) {
      put(kTree,
          Key{}
              .uuid(frame.school.value)
              .u8(static_cast<std::uint8_t>(node.level))
              .u64(node.index)
              .slice(),
          {reinterpret_cast<const char*>(node.hash.data()), node.hash.size()});
    }
  }
  const Applied applied{first_sequence, static_cast<std::uint32_t>(frame.events.size()),
                        recorded_at_us};
  put(kRecords, Key{}.u64(position).slice(),
      rows::encode_record(first_sequence, recorded_at_us, leaves, record));
  put(kSequences, Key{}.uuid(frame.school.value).u64(first_sequence).slice(),
      Key{}.u64(position).slice());
  const auto key = command_key(frame.school, frame.command);
  put(kCommands, key, rows::encode_command(applied));
  commands.emplace(key, DuplicateCommand{applied});
  head.next_sequence += applied.count;
  head.last_recorded_at_us = recorded_at_us;
  return applied;
}

std::expected<void, LogFault> Ledger::Batch::write(bool sync) {
  auto& staged = *staged_;
  for (const auto& [school, head] : staged.heads) {
    staged.put(kSchools, Key{}.uuid(school.value).slice(), rows::encode_head(head));
  }
  if (staged.control_changed) {
    staged.put(kMeta, rows::kControlKey, rows::encode_control(*staged.control));
  }
  if (staged.tail) staged.put(kMeta, rows::kTailKey, rows::encode_tail(*staged.tail));
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = staged.ledger.db_->Write(options, &staged.writes);
  if (!status.ok()) {
    return std::unexpected(
        LogFault{LogFaultKind::disk, "the ledger can't be written: " + status.ToString()});
  }
  for (const auto& [key, version] : staged.versions) staged.ledger.known_->remember(key, version);
  for (const auto& [school, head] : staged.heads) staged.ledger.known_->remember(school, head);
  return {};
}

}  // namespace klasboek::log
