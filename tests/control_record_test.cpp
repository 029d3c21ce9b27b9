// Records that speak about the log itself: their bytes, and what the ledger's rule makes of them.
#include "events/log/control_record.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/one_partition.h"

namespace klasboek::tests {
namespace {

using events::Bytes;
using log::ControlTaken;
using log::FormatAnnouncement;
using log::Genesis;
using log::VoidReason;
using log::VoidRecord;

Bytes genesis_bytes(const Genesis& genesis) { return log::encode_control_record(genesis); }
Bytes announcement_bytes(std::uint16_t format) {
  return log::encode_control_record(FormatAnnouncement{format});
}

/// A frame whose header names another format than this program writes.
Bytes frame_in_format(std::uint16_t format, const events::NewCommit& commit) {
  auto frame = events::encode_frame(commit);
  frame[4] = static_cast<std::uint8_t>(format & 0xFF);
  frame[5] = static_cast<std::uint8_t>(format >> 8);
  return frame;
}

bool is_void(const log::Verdict& verdict, VoidReason reason) {
  const auto* voided = std::get_if<VoidRecord>(&verdict);
  return voided != nullptr && voided->reason == reason;
}

events::NewCommit commit(const std::string& key, std::uint64_t expected_version) {
  return small_commit(school_number(1), key, expected_version);
}

}  // namespace

TEST_CASE("a genesis is these 32 bytes for ever") {
  const Bytes bytes = {'K',  'B', 'G', 'N', 0x02, 0x01, 0, 0, 3, 0, 0,  0,  4,  0,  0,  0,
                       0xA0, 1,   2,   3,   4,    5,    6, 7, 8, 9, 10, 11, 12, 13, 14, 0xAF};
  const Genesis genesis{kTestLogId, 3, 4, 0x0102};
  CHECK(genesis_bytes(genesis) == bytes);
  CHECK(log::read_control_record(bytes) == log::ControlRecord(genesis));
}

TEST_CASE("an announcement of a format is these 8 bytes for ever") {
  const Bytes bytes = {'K', 'B', 'F', 'A', 0x02, 0x01, 0, 0};
  CHECK(announcement_bytes(0x0102) == bytes);
  CHECK(log::read_control_record(bytes) == log::ControlRecord(FormatAnnouncement{0x0102}));
}

TEST_CASE("a control record with a byte too many, too few or out of place is none") {
  const auto genesis = genesis_bytes({kTestLogId, 3, 4, 1});
  const auto announcement = announcement_bytes(1);
  for (const auto& whole : {genesis, announcement}) {
    auto longer = whole;
    longer.push_back(0);
    CHECK_FALSE(log::read_control_record(longer).has_value());
    auto shorter = whole;
    shorter.pop_back();
    CHECK_FALSE(log::read_control_record(shorter).has_value());
    auto reserved = whole;
    reserved[6] = 1;
    CHECK_FALSE(log::read_control_record(reserved).has_value());
    CHECK(log::begins_as_control_record(longer));
  }
  CHECK_FALSE(log::read_control_record(genesis_bytes({kTestLogId, 4, 4, 1})).has_value());
  CHECK_FALSE(log::begins_as_control_record(events::encode_frame(commit("a", 0))));
  CHECK_FALSE(log::begins_as_control_record({}));
}

TEST_CASE("R9 what stands before the genesis is void, and a later genesis is too") {
  OnePartition partition;
  CHECK(is_void(partition.read(events::encode_frame(commit("a", 0))), VoidReason::before_genesis));
  CHECK(is_void(partition.read(announcement_bytes(9)), VoidReason::before_genesis));
  CHECK(is_void(partition.read({}), VoidReason::before_genesis));
  CHECK(is_void(partition.read(genesis_bytes({kTestLogId, 1, 2, 1})), VoidReason::before_genesis));
  CHECK(std::holds_alternative<ControlTaken>(
      partition.read(genesis_bytes({kTestLogId, 0, 1, events::kFrameFormat}))));
  CHECK(is_void(partition.read(genesis_bytes({kTestLogId, 0, 1, events::kFrameFormat})),
                VoidReason::control_record));
  CHECK(is_void(partition.read(genesis_bytes({{}, 0, 1, 1})), VoidReason::control_record));
  CHECK(is_void(partition.read({'K', 'B', 'G', 'N'}), VoidReason::control_record));
  CHECK(std::holds_alternative<log::Applied>(partition.read(events::encode_frame(commit("a", 0)))));
  CHECK(partition.ledger().control_state() == log::ControlState{true, {events::kFrameFormat}});
}

TEST_CASE("R9 a genesis that names another log is not passed over") {
  OnePartition other_id;
  CHECK(std::holds_alternative<log::OtherLog>(other_id.read(genesis_bytes({{}, 0, 1, 1}))));
  OnePartition other_count;
  CHECK(std::holds_alternative<log::OtherLog>(
      other_count.read(genesis_bytes({kTestLogId, 0, 2, 1}))));
}

TEST_CASE("R5 a format is void until it was announced, also to a program that knows it") {
  OnePartition partition;
  partition.read(genesis_bytes({kTestLogId, 0, 1, 9}));
  const auto frame = events::encode_frame(commit("a", 0));
  CHECK(is_void(partition.read(frame), VoidReason::unknown_format));
  CHECK(std::holds_alternative<ControlTaken>(
      partition.read(announcement_bytes(events::kFrameFormat))));
  CHECK(std::holds_alternative<log::Applied>(partition.read(frame)));
}

TEST_CASE("R5 a format that was announced and isn't known stops the reader") {
  OnePartition partition;
  partition.read(genesis_bytes({kTestLogId, 0, 1, events::kFrameFormat}));
  const auto frame = frame_in_format(300, commit("a", 0));
  CHECK(is_void(partition.read(frame), VoidReason::unknown_format));
  partition.read(announcement_bytes(300));
  partition.reopen();
  const auto verdict = partition.read(frame);
  REQUIRE(std::holds_alternative<log::NewerFormat>(verdict));
  CHECK(std::get<log::NewerFormat>(verdict).format == 300);
}

TEST_CASE("announcing a format twice is announcing it once") {
  OnePartition partition;
  partition.read(genesis_bytes({kTestLogId, 0, 1, 1}));
  partition.read(announcement_bytes(2));
  partition.read(announcement_bytes(2));
  partition.read(announcement_bytes(1));
  CHECK(partition.ledger().control_state() == log::ControlState{true, {1, 2}});
}

TEST_CASE("R11 no clock is so far off that the comparison goes wrong") {
  OnePartition partition;
  partition.read(genesis_bytes({kTestLogId, 0, 1, events::kFrameFormat}));
  for (const auto decided_at_us :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
        kTestNowUs - log::kClockSkewUsMax - 1, kTestNowUs + log::kClockSkewUsMax + 1}) {
    auto skewed = commit("a", 0);
    skewed.decided_at_us = decided_at_us;
    CHECK(is_void(partition.read(events::encode_frame(skewed)), VoidReason::clock_skew));
  }
  auto just_right = commit("a", 0);
  just_right.decided_at_us = kTestNowUs + log::kClockSkewUsMax;
  CHECK(std::holds_alternative<log::Applied>(partition.read(events::encode_frame(just_right))));
}

TEST_CASE("the embedded log knows no control records") {
  OnePartition partition(false);
  CHECK(is_void(partition.read(genesis_bytes({kTestLogId, 0, 1, 1})), VoidReason::not_a_frame));
  CHECK(is_void(partition.read(announcement_bytes(1)), VoidReason::not_a_frame));
  CHECK(std::holds_alternative<log::Applied>(partition.read(events::encode_frame(commit("a", 0)))));
  CHECK(partition.ledger().control_state() == log::ControlState{});
}

}  // namespace klasboek::tests
