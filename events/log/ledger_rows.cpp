#include "events/log/ledger_rows.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "events/log/rocks.h"

namespace klasboek::log::rows {

namespace {

using rocks::Key;

constexpr std::size_t kRecordHeaderBytes = 8 + 8 + 4;
constexpr std::string_view kLeafMagic = "KBL1";
constexpr std::uint8_t kAppliedRow = 0;
constexpr std::uint8_t kSettledRow = 1;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Where the frame begins in a record; nullopt where the bytes are no record.
std::optional<std::size_t> frame_in_record(std::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return std::nullopt;
  const std::size_t count = rocks::read_u32(bytes, 16);
  const std::size_t frame_at = kRecordHeaderBytes + count * kHashSizeBytes;
  if (count > events::kEventsPerCommitMax || bytes.size() < frame_at) return std::nullopt;
  return frame_at;
}

}  // namespace

std::string stream_prefix(const events::SchoolId& school, const events::Stream& stream) {
  return Key{}
      .uuid(school.value)
      .u8(static_cast<std::uint8_t>(stream.kind))
      .uuid(stream.subject)
      .str();
}

std::string encode_stream_row(const StreamRow& row) {
  return Key{}.u64(row.sequence).u64(row.position).u32(row.index_in_commit).str();
}

StreamRow decode_stream_row(std::string_view bytes) {
  if (bytes.size() != 20) throw LedgerDamaged("ledger: a stream row has another length");
  return {rocks::read_u64(bytes, 0), rocks::read_u64(bytes, 8), rocks::read_u32(bytes, 16)};
}

std::string encode_control(const ControlState& state) {
  std::string row;
  for (const auto format : state.formats) {
    row.push_back(static_cast<char>(format >> 8));
    row.push_back(static_cast<char>(format & 0xFF));
  }
  return row;
}

ControlState decode_control(std::string_view bytes) {
  if (bytes.size() % 2 != 0) throw LedgerDamaged("ledger: the control row is cut short");
  ControlState state;
  state.begun = true;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    state.formats.push_back(static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[i]) << 8 |
                                                       static_cast<std::uint8_t>(bytes[i + 1])));
  }
  return state;
}

std::string encode_tail(const Tail& tail) {
  return Key{}.u64(tail.position).bytes(tail.record_hash).str();
}

Tail decode_tail(std::string_view bytes) {
  Tail tail;
  if (bytes.size() != 8 + tail.record_hash.size()) {
    throw LedgerDamaged("ledger: the tail has another length");
  }
  tail.position = rocks::read_u64(bytes, 0);
  std::memcpy(tail.record_hash.data(), bytes.data() + 8, tail.record_hash.size());
  return tail;
}

std::string encode_head(const SchoolHead& head) {
  return Key{}
             .u64(head.next_sequence)
             .u64(static_cast<std::uint64_t>(head.last_recorded_at_us))
             .str() +
         head.tree.encode();
}

std::optional<SchoolHead> decode_head(std::string_view bytes) {
  if (bytes.size() < 16) return std::nullopt;
  auto tree = CompactRange::decode(bytes.substr(16));
  if (!tree) return std::nullopt;
  SchoolHead head;
  head.next_sequence = rocks::read_u64(bytes, 0);
  head.last_recorded_at_us = static_cast<std::int64_t>(rocks::read_u64(bytes, 8));
  head.tree = *tree;
  if (head.tree.size() != head.next_sequence) return std::nullopt;
  return head;
}

std::string encode_command(const Applied& applied) {
  return Key{}
      .u8(kAppliedRow)
      .u64(applied.first_sequence)
      .u32(applied.count)
      .u64(static_cast<std::uint64_t>(applied.recorded_at_us))
      .str();
}

std::string encode_command(const SettledRejection& rejection) {
  return Key{}.u8(kSettledRow).bytes(bytes_of(rejection.name)).str();
}

DuplicateCommand decode_command(std::string_view bytes) {
  if (!bytes.empty() && static_cast<std::uint8_t>(bytes[0]) == kSettledRow) {
    return {SettledRejection{std::string(bytes.substr(1))}};
  }
  if (bytes.size() != 1 + 8 + 4 + 8)
    throw LedgerDamaged("ledger: a command row has another length");
  return {Applied{rocks::read_u64(bytes, 1), rocks::read_u32(bytes, 9),
                  static_cast<std::int64_t>(rocks::read_u64(bytes, 13))}};
}

std::string encode_record(std::uint64_t first_sequence, std::int64_t recorded_at_us,
                          std::span<const events::Hash> leaf_hashes,
                          std::span<const std::uint8_t> frame) {
  std::string row = Key{}
                        .u64(first_sequence)
                        .u64(static_cast<std::uint64_t>(recorded_at_us))
                        .u32(static_cast<std::uint32_t>(leaf_hashes.size()))
                        .str();
  row.reserve(row.size() + leaf_hashes.size() * kHashSizeBytes + frame.size());
  for (const auto& hash : leaf_hashes) row.append(hash.begin(), hash.end());
  row.append(frame.begin(), frame.end());
  return row;
}

std::optional<std::uint16_t> format_in_record(std::string_view bytes) {
  const auto frame_at = frame_in_record(bytes);
  if (!frame_at) return std::nullopt;
  return events::format_of_frame(bytes_of(bytes.substr(*frame_at)));
}

std::optional<StoredCommit> decode_record(Position position, std::string_view bytes) {
  const auto found = frame_in_record(bytes);
  if (!found) return std::nullopt;
  const auto frame_at = *found;
  const std::size_t count = rocks::read_u32(bytes, 16);
  std::vector<events::Hash> hashes(count);
  if (count > 0) {
    std::memcpy(hashes.data(), bytes.data() + kRecordHeaderBytes, count * kHashSizeBytes);
  }
  events::AlignedBytes frame_bytes(bytes_of(bytes.substr(frame_at)));
  auto frame = events::read_frame(frame_bytes.bytes());
  if (!frame || frame->events.size() != count) return std::nullopt;
  return StoredCommit{position,
                      rocks::read_u64(bytes, 0),
                      static_cast<std::int64_t>(rocks::read_u64(bytes, 8)),
                      std::move(hashes),
                      std::move(frame_bytes),
                      *std::move(frame)};
}

std::vector<std::uint64_t> stream_versions(const events::FrameView& frame) {
  std::vector<std::uint64_t> versions;
  versions.reserve(frame.events.size());
  if (frame.events.size() == 1) {
    // The rule rather than the exception, and worth no table.
    const auto condition =
        std::ranges::find(frame.conditions, frame.events[0].stream, &events::Condition::stream);
    versions.push_back(condition == frame.conditions.end() ? 1 : condition->expected_version + 1);
    return versions;
  }
  std::unordered_map<events::Stream, std::uint64_t> version_of;
  for (const auto& condition : frame.conditions) {
    version_of[condition.stream] = condition.expected_version;
  }
  for (const auto& event : frame.events) versions.push_back(++version_of[event.stream]);
  return versions;
}

std::string encode_leaf(const events::FrameView& frame, std::uint32_t index, std::uint64_t sequence,
                        std::int64_t recorded_at_us, std::uint64_t stream_version,
                        const events::Hash& frame_hash) {
  const auto& event = frame.events[index];
  return Key{}
      .bytes(bytes_of(kLeafMagic))
      .uuid(frame.school.value)
      .u64(sequence)
      .u64(static_cast<std::uint64_t>(recorded_at_us))
      .uuid(event.event.value)
      .u8(static_cast<std::uint8_t>(event.stream.kind))
      .uuid(event.stream.subject)
      .u64(stream_version)
      .u8(event.type)
      .u32(index)
      .bytes(events::sha256(event.bytes))
      .bytes(frame_hash)
      .str();
}

}  // namespace klasboek::log::rows
