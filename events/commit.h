#pragma once
// The commit, unit of the log: what one command produced. Here it is a value before it is appended
// (NewCommit), bytes in the log (a frame), and events as read back (RecordedEvent).
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/command.h"
#include "events/event.h"
#include "events/ids.h"
#include "events/stream.h"

namespace klasboek::events {

using Bytes = std::vector<std::uint8_t>;

/// A frame is at most this long, so that one Kafka record holds it.
inline constexpr std::size_t kFrameBytesMax = 900 * 1024;
/// Of an answer of decide; more is a reason to split the command.
inline constexpr std::size_t kEventsPerCommitMax = 4096;
inline constexpr std::size_t kConditionsPerCommitMax = 4096;

/// Who did it, by which role, and on whose behalf (zero: nobody's) staff recorded an answer.
struct Actor {
  AccountId account;
  Role role = Role::none;
  AccountId on_behalf_of;
  bool operator==(const Actor&) const = default;
};

/// What decide answers with: where it happened, what, and when in the world if not now (0: now).
struct NewEvent {
  Stream stream;
  EventBody body;
  std::int64_t effective_at_us = 0;
};

/// The commit is void unless the stream is at this version (0: doesn't exist) when it is applied.
struct Condition {
  Stream stream;
  std::uint64_t expected_version = 0;
  bool operator==(const Condition&) const = default;
};

/// A commit about to be appended.
struct NewCommit {
  SchoolId school;
  CommandId command{};
  AttemptId attempt{};
  /// The clock that decide saw, µs UTC.
  std::int64_t decided_at_us = 0;
  Actor actor;
  /// The event that this one follows from; zero where a person did it.
  EventId causation;
  std::vector<Condition> conditions;
  std::vector<NewEvent> events;
  /// Encoded Input: the command itself.
  Bytes input;
  Bytes fingerprint;
  /// Not empty: a settled rejection by this name, without events.
  std::string rejection;
};

/// One event as the log gives it back. sequence, stream_version and recorded_at_us are derived from
/// the order of the log, alike by every reader.
struct RecordedEvent {
  SchoolId school;
  std::uint64_t sequence = 0;
  EventId event;
  Stream stream;
  std::uint64_t stream_version = 0;
  std::int64_t recorded_at_us = 0;
  std::int64_t decided_at_us = 0;
  /// Equal to recorded_at_us where the world doesn't differ from the record.
  std::int64_t effective_at_us = 0;
  Actor actor;
  CommandId command{};
  std::uint32_t index_in_commit = 0;
  EventId causation;
  EventBody body;
};

/// Why bytes are no commit. The order is the order of the checks.
enum class FrameFault : std::uint8_t {
  none,
  not_a_frame,     // magic, header or length
  unknown_format,  // a format that this program doesn't know
  too_large,
  verification,  // FlatBuffers doesn't verify, or a member is missing or of the wrong size
};

/// A frame: `KBCF`, format (2 bytes), zero (2), payload length (4), zero (4), the first 16 bytes of
/// the schema's hash; numbers little-endian. Then the FlatBuffer. The format rises with every new
/// event type, so that a program meets what it doesn't know by number and not by surprise.
inline constexpr std::uint16_t kFrameFormat = 2;
inline constexpr std::size_t kFrameHeaderBytes = 32;

/// The format that the header of a frame names, known to this program or not; nullopt where the
/// bytes have no such header. Every format keeps this header.
std::optional<std::uint16_t> format_of_frame(std::span<const std::uint8_t> bytes);

/// The frame of a commit. Not canonical: hash these bytes, never a re-encoding.
Bytes encode_frame(const NewCommit& commit);

/// One event of a verified frame, still encoded.
struct FramedEvent {
  std::span<const std::uint8_t> bytes;
  EventId event;
  Stream stream;
  std::uint8_t type = 0;
};

/// A verified view into a frame's bytes. REQUIRES: the bytes outlive it and stay where they are.
struct FrameView {
  SchoolId school;
  CommandId command{};
  AttemptId attempt{};
  std::int64_t decided_at_us = 0;
  std::vector<Condition> conditions;
  std::vector<FramedEvent> events;
  std::span<const std::uint8_t> input;
  std::span<const std::uint8_t> fingerprint;
  std::string_view rejection;
};

/// Checks everything that can be checked without the log: header, size, the whole union of every
/// event. bytes must be aligned to 8 (aligned_copy makes it so).
std::expected<FrameView, FrameFault> read_frame(std::span<const std::uint8_t> bytes);

/// Bytes at an address that FlatBuffers can read (payloads of RocksDB and Kafka aren't aligned).
class AlignedBytes {
 public:
  explicit AlignedBytes(std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::span<const std::uint8_t> bytes() const;

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

/// Decodes one event of a verified frame. The derived members stay 0 but for those in the
/// arguments.
RecordedEvent decode_event(const FrameView& frame, std::uint32_t index);

/// The command of a commit and who gave it; nullopt where the bytes aren't one.
struct Input {
  CommandBody command;
  Actor actor;
};
Bytes encode_input(const Input& input);
std::optional<Input> decode_input(std::span<const std::uint8_t> bytes);

/// SHA-256 of the binary schema that this program was built with.
const Hash& schema_hash();
/// The binary schema (FlatBuffers reflection) itself.
std::span<const std::uint8_t> schema_bytes();

/// SHA-256.
Hash sha256(std::span<const std::uint8_t> bytes);

}  // namespace klasboek::events
