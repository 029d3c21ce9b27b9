#include "tests/simulation/partition.h"

#include <utility>

namespace klasboek::tests {

namespace {

/// Brokers' clocks differ by this much at most.
constexpr std::int64_t kBrokerSkewUsMax = 2'000'000;
constexpr std::int64_t kUsPerMs = 1000;
constexpr std::uint64_t kRecordsPerReadMax = 8;

}  // namespace

std::int64_t SimulatedPartition::stamp_now() {
  const auto skew_us = static_cast<std::int64_t>(world_.below(2 * kBrokerSkewUsMax));
  const auto stamp_us = world_.now_us() + skew_us - kBrokerSkewUsMax;
  return stamp_us / kUsPerMs * kUsPerMs;
}

void SimulatedPartition::step() {
  if (sent_.empty()) return;
  // Mostly the oldest, but whatever was sent by another producer, or before a restart, may
  // overtake.
  const auto which = world_.chance(700) ? 0 : world_.below(sent_.size());
  const auto at = sent_.begin() + static_cast<std::ptrdiff_t>(which);
  if (world_.fault(30)) {
    world_.note("a record is lost");
    const auto lost = std::exchange(*at, {});
    sent_.erase(at);
    // Whether its sender hears of it is another matter.
    const auto listener = listeners_.find(lost.sender);
    if (listener == listeners_.end() || !listener->second || world_.chance(500)) return;
    const bool is_sure = world_.chance(500) && !lost.has_landed;
    listener->second(lost.bytes,
                     {is_sure ? log::SendFaultKind::forbidden : log::SendFaultKind::other, "lost"});
    return;
  }
  world_.note("a record lands at " + std::to_string(records_.size()));
  append(at->bytes, stamp_now());
  // One that was sent again after a time-out may land again, at once or much later.
  if (world_.fault(100)) {
    world_.note("and will again");
    at->has_landed = true;
    return;
  }
  sent_.erase(at);
}

SimulatedSender::SimulatedSender(SimulatedPartition& partition)
    : partition_(partition), number_(++partition.senders_) {}

SimulatedSender::~SimulatedSender() { partition_.listeners_.erase(number_); }

std::expected<void, log::SendFault> SimulatedSender::send(std::uint32_t /*partition*/,
                                                          std::string_view /*key*/,
                                                          std::span<const std::uint8_t> record) {
  if (partition_.world_.fault(10)) {
    return std::unexpected(log::SendFault{log::SendFaultKind::queue_full, "the queue is full"});
  }
  partition_.sent_.push_back({events::Bytes(record.begin(), record.end()), number_, false});
  return {};
}

void SimulatedSender::on_delivery_failed(std::uint32_t /*partition*/, DeliveryFailed failed) {
  partition_.listeners_[number_] = std::move(failed);
}

log::PartitionRead SimulatedReader::read(std::chrono::milliseconds /*wait_max*/) {
  log::PartitionRead read;
  auto& world = partition_.world_;
  const auto& records = partition_.records_;
  if (world.fault(15)) {
    read.interrupted = true;
    read.reason = "the broker went away";
    return read;
  }
  if (next_ > records.size()) {
    read.out_of_range = true;
    return read;
  }
  if (world.fault(50)) return read;
  for (auto left = 1 + world.below(kRecordsPerReadMax); left > 0 && next_ < records.size();
       --left, ++next_) {
    const auto& record = records[next_];
    read.records.push_back({next_, record.stamp_us, record.bytes});
  }
  if (next_ == records.size()) read.end = next_;
  return read;
}

std::expected<log::Watermarks, std::string> SimulatedReader::watermarks(
    std::chrono::milliseconds /*wait_max*/) {
  if (partition_.world_.fault(30)) return std::unexpected("timed out");
  return log::Watermarks{0, partition_.records_.size()};
}

}  // namespace klasboek::tests
