#pragma once
// The rows of the ledger, byte for byte: ledger.h has their grammar. Only the ledger includes this.
#include <optional>
#include <string>
#include <string_view>

#include "events/log/ledger.h"

namespace klasboek::log::rows {

struct StreamRow {
  std::uint64_t sequence = 0;
  Position position = 0;
  std::uint32_t index_in_commit = 0;
};

std::string stream_prefix(const events::SchoolId& school, const events::Stream& stream);

std::string encode_stream_row(const StreamRow& row);
/// Throws LedgerDamaged where the length is another.
StreamRow decode_stream_row(std::string_view bytes);

/// Keys in the family of single rows.
inline constexpr std::string_view kTailKey = "tail";
inline constexpr std::string_view kControlKey = "control";

std::string encode_control(const ControlState& state);
/// Throws LedgerDamaged where the bytes aren't whole numbers.
ControlState decode_control(std::string_view bytes);

std::string encode_tail(const Tail& tail);
/// Throws LedgerDamaged where the length is another.
Tail decode_tail(std::string_view bytes);

std::string encode_head(const SchoolHead& head);
std::optional<SchoolHead> decode_head(std::string_view bytes);

std::string encode_command(const Applied& applied);
std::string encode_command(const SettledRejection& rejection);
/// Throws LedgerDamaged where the bytes are no command row.
DuplicateCommand decode_command(std::string_view bytes);

std::string encode_record(std::uint64_t first_sequence, std::int64_t recorded_at_us,
                          std::span<const events::Hash> leaf_hashes,
                          std::span<const std::uint8_t> frame);
/// The format of the frame in a record, known to this program or not.
std::optional<std::uint16_t> format_in_record(std::string_view bytes);
/// nullopt where the bytes are no record.
std::optional<StoredCommit> decode_record(Position position, std::string_view bytes);

/// The version of its stream that each event of a commit in the log has: apply let it in because
/// each stream was at the version expected, so the rest is counting.
std::vector<std::uint64_t> stream_versions(const events::FrameView& frame);

/// What the leaf of an event is hashed over: everything derived and everything produced.
std::string encode_leaf(const events::FrameView& frame, std::uint32_t index, std::uint64_t sequence,
                        std::int64_t recorded_at_us, std::uint64_t stream_version,
                        const events::Hash& frame_hash);

}  // namespace klasboek::log::rows
