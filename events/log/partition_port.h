#pragma once
// What the log of one partition asks of whoever keeps the partition: to take a record, and to give
// the records back in order. Kafka's client and consumer stand behind it; a simulation puts a
// partition of its own there.
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/log/verdict.h"

namespace klasboek::log {

/// Why a record surely wasn't sent, or the broker surely refused it.
enum class SendFaultKind : std::uint8_t { queue_full, too_large, forbidden, other };
struct SendFault {
  SendFaultKind kind = SendFaultKind::other;
  std::string reason;
};

/// What it sends is at the mercy of the brokers: a record may land late, or never, or twice.
class RecordSender {
 public:
  /// Told of a record that wasn't delivered, on the sender's own thread. Only too_large and
  /// forbidden mean that it surely isn't in the log.
  using DeliveryFailed =
      std::function<void(std::span<const std::uint8_t> record, const SendFault& fault)>;

  RecordSender() = default;
  RecordSender(const RecordSender&) = delete;
  RecordSender& operator=(const RecordSender&) = delete;
  virtual ~RecordSender() = default;

  /// Takes a record and returns at once; both are copied.
  virtual std::expected<void, SendFault> send(std::uint32_t partition, std::string_view key,
                                              std::span<const std::uint8_t> record) = 0;
  /// Sets, or with {} clears, who hears of deliveries to a partition that failed. When it returns,
  /// the one before isn't running any more. REQUIRES: not called by the one it replaces.
  virtual void on_delivery_failed(std::uint32_t partition, DeliveryFailed failed) = 0;
};

/// One record as it lies in the partition.
struct PartitionRecord {
  Position offset = 0;
  /// LogAppendTime, or what a mirror kept of it.
  std::int64_t stamp_us = 0;
  /// Until the reader is asked for more.
  std::span<const std::uint8_t> bytes;
};

struct PartitionRead {
  /// In the order of the log.
  std::vector<PartitionRecord> records;
  /// Reading came to the end of the partition: the offset that the next record will have.
  std::optional<Position> end;
  /// There is nothing at the offset that was asked for, nor is it the end.
  bool out_of_range = false;
  /// The connection broke, or the brokers answered with an error: what comes next may be another
  /// log than what came before.
  bool interrupted = false;
  /// What interrupted it.
  std::string reason;
};

/// The first offset that is there, and the one after the last.
struct Watermarks {
  Position low = 0;
  Position high = 0;
};

/// One thread at a time.
class RecordReader {
 public:
  RecordReader() = default;
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  virtual ~RecordReader() = default;

  /// Reads from here on. What was fetched before is never given.
  virtual void start_at(Position offset) = 0;
  /// Waits up to wait_max for something to tell, then takes what else is there.
  /// REQUIRES: start_at was called.
  virtual PartitionRead read(std::chrono::milliseconds wait_max) = 0;
  /// Asks the brokers, for no longer than wait_max; the error says why there is no answer. What was
  /// read last stays. REQUIRES: start_at was called.
  virtual std::expected<Watermarks, std::string> watermarks(std::chrono::milliseconds wait_max) = 0;
};

}  // namespace klasboek::log
