#include "tests/support/one_partition.h"

#include <catch2/catch.hpp>

#include "events/log/control_record.h"

namespace klasboek::tests {

namespace {

struct NameOf {
  std::string_view operator()(const log::Applied&) const { return "applied"; }
  std::string_view operator()(const log::SettledRejection&) const { return "settled"; }
  std::string_view operator()(const log::DuplicateCommand&) const { return "duplicate"; }
  std::string_view operator()(const log::MovedStream&) const { return "conflict"; }
  std::string_view operator()(const log::VoidRecord& record) const {
    return name_of(record.reason);
  }
  std::string_view operator()(const log::ControlTaken&) const { return "control"; }
  std::string_view operator()(const log::NewerFormat&) const { return "newer_format"; }
  std::string_view operator()(const log::OtherLog&) const { return "other_log"; }
};

}  // namespace

OnePartition::OnePartition(bool begins_with_genesis, std::uint32_t partition_count) {
  identity_.log_id = kTestLogId;
  identity_.partition_count = partition_count;
  identity_.begins_with_genesis = begins_with_genesis;
  reopen();
}

void OnePartition::reopen() {
  ledger_.reset();
  auto opened = log::Ledger::open(directory(), identity_);
  REQUIRE(opened.has_value());
  ledger_ = *std::move(opened);
}

log::Verdict OnePartition::read(const events::Bytes& record,
                                std::optional<std::int64_t> log_stamp_us) {
  log::Ledger::Batch batch(*ledger_);
  auto verdict = read(batch, record, log_stamp_us);
  REQUIRE(batch.write(false).has_value());
  return verdict;
}

log::Verdict OnePartition::read(log::Ledger::Batch& batch, const events::Bytes& record,
                                std::optional<std::int64_t> log_stamp_us) {
  auto verdict = batch.apply(record, next_position_, log_stamp_us);
  if (!std::holds_alternative<log::Applied>(verdict)) batch.pass_over(record, next_position_);
  ++next_position_;
  return verdict;
}

void OnePartition::begin() {
  const auto verdict = read(log::encode_control_record(log::Genesis{
      identity_.log_id, identity_.partition, identity_.partition_count, events::kFrameFormat}));
  REQUIRE(std::holds_alternative<log::ControlTaken>(verdict));
}

std::string_view name_of(const log::Verdict& verdict) { return std::visit(NameOf{}, verdict); }

}  // namespace klasboek::tests
