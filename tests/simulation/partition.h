#pragma once
// A partition as the brokers of a simulation keep it: what is sent is on its way until the dice say
// that it lands, lands again, or is lost, whatever became of its sender meanwhile. The log's stamps
// are the brokers' own.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "events/commit.h"
#include "events/log/partition_port.h"
#include "tests/simulation/world.h"

namespace klasboek::tests {

class SimulatedPartition {
 public:
  struct Record {
    events::Bytes bytes;
    std::int64_t stamp_us = 0;
  };

  explicit SimulatedPartition(World& world) : world_(world) {}

  /// In the log at once, with this stamp.
  void append(events::Bytes record, std::int64_t stamp_us) {
    records_.push_back({std::move(record), stamp_us});
  }
  [[nodiscard]] const std::deque<Record>& records() const { return records_; }
  [[nodiscard]] bool is_anything_sent() const { return !sent_.empty(); }
  /// Something becomes of one record that is on its way.
  void step();

 private:
  friend class SimulatedSender;
  friend class SimulatedReader;
  struct Sent {
    events::Bytes bytes;
    /// Whose failed deliveries are told; one that died meanwhile hears nothing.
    std::uint64_t sender = 0;
    bool has_landed = false;
  };

  [[nodiscard]] std::int64_t stamp_now();

  World& world_;
  std::deque<Record> records_;
  std::vector<Sent> sent_;
  std::uint64_t senders_ = 0;
  std::map<std::uint64_t, log::RecordSender::DeliveryFailed> listeners_;
};

/// One life of a node's producer.
class SimulatedSender final : public log::RecordSender {
 public:
  explicit SimulatedSender(SimulatedPartition& partition);
  ~SimulatedSender() override;
  std::expected<void, log::SendFault> send(std::uint32_t partition, std::string_view key,
                                           std::span<const std::uint8_t> record) override;
  void on_delivery_failed(std::uint32_t partition, DeliveryFailed failed) override;

 private:
  SimulatedPartition& partition_;
  std::uint64_t number_;
};

class SimulatedReader final : public log::RecordReader {
 public:
  explicit SimulatedReader(SimulatedPartition& partition) : partition_(partition) {}
  void start_at(log::Position offset) override { next_ = offset; }
  log::PartitionRead read(std::chrono::milliseconds wait_max) override;
  std::expected<log::Watermarks, std::string> watermarks(
      std::chrono::milliseconds wait_max) override;

 private:
  SimulatedPartition& partition_;
  log::Position next_ = 0;
};

}  // namespace klasboek::tests
