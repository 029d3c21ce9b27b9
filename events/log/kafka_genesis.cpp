#include "events/log/kafka_genesis.h"

#include <chrono>
#include <string>
#include <thread>

#include "events/log/kafka_reader.h"

namespace klasboek::log {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kReadWait{100};
constexpr std::chrono::milliseconds kWatermarkWait{1000};
/// A partition that was made just now may not answer the first question.
constexpr std::chrono::milliseconds kAskAgainAfter{2000};

std::string place(const KafkaClient& client, std::uint32_t partition) {
  return "kafka: topic " + client.options().topic + ", partition " + std::to_string(partition);
}

LogFault no_answer(const KafkaClient& client, std::uint32_t partition, const std::string& why) {
  return {LogFaultKind::unreachable,
          place(client, partition) + ": no answer from " + client.options().brokers +
              (why.empty() ? std::string() : " (" + why + ")") + ": start the brokers"};
}

/// nullopt: this record isn't the genesis of the partition.
std::optional<Genesis> genesis_in(const PartitionRecord& record, std::uint32_t partition) {
  const auto control = read_control_record(record.bytes);
  if (!control || !std::holds_alternative<Genesis>(*control)) return std::nullopt;
  const auto& genesis = std::get<Genesis>(*control);
  if (genesis.partition != partition) return std::nullopt;
  return genesis;
}

std::expected<void, LogFault> check_beginning(const KafkaClient& client, std::uint32_t partition,
                                              PartitionReader& reader, Clock::time_point deadline) {
  for (;;) {
    const auto marks = reader.watermarks(kWatermarkWait);
    if (marks && marks->low == 0) return {};
    if (marks) {
      return std::unexpected(
          LogFault{LogFaultKind::lost_tail,
                   place(client, partition) + " begins at offset " + std::to_string(marks->low) +
                       ": its first records were deleted. Restore the topic; never go on from "
                       "what is left"});
    }
    if (Clock::now() > deadline) {
      return std::unexpected(no_answer(client, partition, marks.error()));
    }
    std::this_thread::sleep_for(kReadWait);
    reader.start_at(0);
  }
}

/// Reads until the genesis comes by. until_end: the end of the partition is an answer too.
std::expected<std::optional<Genesis>, LogFault> read_genesis(const KafkaClient& client,
                                                             std::uint32_t partition,
                                                             bool until_end) {
  auto reader = PartitionReader::open(client, partition);
  if (!reader) return std::unexpected(reader.error());
  const auto deadline = Clock::now() + client.options().answer_wait_max;
  (*reader)->start_at(0);
  if (auto checked = check_beginning(client, partition, **reader, deadline); !checked) {
    return std::unexpected(checked.error());
  }
  std::string why;
  auto asked_at = Clock::now();
  while (Clock::now() < deadline) {
    const auto read = (*reader)->read(kReadWait);
    for (const auto& record : read.records) {
      if (auto genesis = genesis_in(record, partition)) return genesis;
    }
    if (read.end && until_end) return std::nullopt;
    if (read.interrupted) why = read.reason;
    if (Clock::now() - asked_at > kAskAgainAfter) {
      asked_at = Clock::now();
      (*reader)->start_at(0);
    }
  }
  return std::unexpected(no_answer(client, partition, why));
}

}  // namespace

std::expected<std::optional<Genesis>, LogFault> find_genesis(const KafkaClient& client,
                                                             std::uint32_t partition) {
  return read_genesis(client, partition, true);
}

std::expected<Genesis, LogFault> ensure_genesis(KafkaClient& client, std::uint32_t partition,
                                                std::uint32_t partition_count,
                                                const LogId& log_id) {
  auto found = find_genesis(client, partition);
  if (!found) return std::unexpected(found.error());
  if (*found) return **found;
  Genesis genesis{log_id, partition, partition_count, events::kFrameFormat};
  if (partition != 0) {
    const auto first = ensure_genesis(client, 0, partition_count, log_id);
    if (!first) return first;
    genesis.log_id = first->log_id;
  }
  if (auto sent = client.send(partition, {}, encode_control_record(genesis)); !sent) {
    return std::unexpected(no_answer(client, partition, sent.error().reason));
  }
  // Not necessarily one's own: the first counts.
  auto begun = read_genesis(client, partition, false);
  if (!begun) return std::unexpected(begun.error());
  return **begun;
}

}  // namespace klasboek::log
