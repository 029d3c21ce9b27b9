#pragma once
// Records that speak about the log itself, not about a school. They take no sequence and no leaf.
//
// The genesis is what every partition begins with; it says which log this is for ever:
//
//    0   4  "KBGN"
//    4   2  frame format that may be used from the start
//    6   2  zero
//    8   4  partition
//   12   4  partition count
//   16  16  log id
//
// The announcement of a frame format allows commits in it from here on, and tells readers which
// don't know it that they must not go on once they meet one:
//
//    0   4  "KBFA"
//    4   2  frame format
//    6   2  zero
//
// Numbers are little-endian. These two never change: another kind of control record would need a
// frame format announced before it.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "events/commit.h"

namespace klasboek::log {

using LogId = std::array<std::uint8_t, 16>;

struct Genesis {
  LogId log_id{};
  std::uint32_t partition = 0;
  std::uint32_t partition_count = 1;
  std::uint16_t first_format = events::kFrameFormat;
  bool operator==(const Genesis&) const = default;
};

struct FormatAnnouncement {
  std::uint16_t format = 0;
  bool operator==(const FormatAnnouncement&) const = default;
};

using ControlRecord = std::variant<Genesis, FormatAnnouncement>;

events::Bytes encode_control_record(const ControlRecord& record);

/// True where the bytes begin like a control record, well-formed or not.
bool begins_as_control_record(std::span<const std::uint8_t> bytes);

/// nullopt where the bytes are none: another length, a number out of its range, a byte that should
/// be zero.
std::optional<ControlRecord> read_control_record(std::span<const std::uint8_t> bytes);

/// What the control records of a partition have said so far.
struct ControlState {
  /// The genesis was met.
  bool begun = false;
  /// Frame formats that commits may be in, in the order in which they were announced.
  std::vector<std::uint16_t> formats;

  [[nodiscard]] bool allows(std::uint16_t format) const;
  bool operator==(const ControlState&) const = default;
};

}  // namespace klasboek::log
