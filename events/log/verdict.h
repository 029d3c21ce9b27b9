#pragma once
// What a reader of the log makes of one record. The same for every reader: it depends on nothing
// but the log.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "events/ids.h"
#include "events/stream.h"

namespace klasboek::log {

/// Where a record stands in its log: dense in the embedded log, an offset with gaps on Kafka.
using Position = std::uint64_t;

/// Why a record is ignored by everybody, in the order in which it is checked (docs/log-format.md).
enum class VoidReason : std::uint8_t {
  before_genesis,  // a partition begins with its genesis
  control_record,  // it speaks about the log, but is malformed or a second genesis
  not_a_frame,
  unknown_format,  // never announced in this log
  too_large,
  verification,
  school_elsewhere,      // the school belongs to another partition
  clock_skew,            // decided_at is too far from the log's own stamp
  unconditioned_stream,  // it writes a stream that its conditions don't name
};

std::string_view name_of(VoidReason reason);

/// Its events are in: sequences first_sequence … first_sequence + count - 1 of the school.
struct Applied {
  std::uint64_t first_sequence = 0;
  std::uint32_t count = 0;
  std::int64_t recorded_at_us = 0;
};
/// The command was settled as rejected by this name: it takes no sequence.
struct SettledRejection {
  std::string name;
};
/// The command was done before; what it did then.
struct DuplicateCommand {
  std::variant<Applied, SettledRejection> before;
};
/// A stream isn't at the version that was expected.
struct MovedStream {
  events::Stream stream;
  std::uint64_t actual_version = 0;
};
struct VoidRecord {
  VoidReason reason = VoidReason::not_a_frame;
};
/// A record about the log itself is in: its genesis, or the announcement of a format.
struct ControlTaken {};
/// Its format was announced in this log, and this program doesn't know it. Nothing from here on can
/// be judged by it: it must stop, and never pass over the record.
struct NewerFormat {
  std::uint16_t format = 0;
};
/// The genesis names another log than the one that the ledger is a copy of.
struct OtherLog {};

using Verdict = std::variant<Applied, SettledRejection, DuplicateCommand, MovedStream, VoidRecord,
                             ControlTaken, NewerFormat, OtherLog>;

}  // namespace klasboek::log
