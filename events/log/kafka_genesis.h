#pragma once
// The first record of each partition. Two nodes that begin a log at the same time both append one;
// the first in the log counts, and everybody reads from it which log this is.
#include <cstdint>
#include <expected>
#include <optional>

#include "events/log/control_record.h"
#include "events/log/kafka_client.h"

namespace klasboek::log {

/// The genesis of a partition; nullopt where the partition has none yet.
/// lost_tail: the partition's first records are gone.
std::expected<std::optional<Genesis>, LogFault> find_genesis(const KafkaClient& client,
                                                             std::uint32_t partition);

/// The genesis of a partition, appended first where there is none. All partitions of a topic take
/// the log id of partition 0; log_id is what it is begun with if it isn't yet.
std::expected<Genesis, LogFault> ensure_genesis(KafkaClient& client, std::uint32_t partition,
                                                std::uint32_t partition_count, const LogId& log_id);

}  // namespace klasboek::log
