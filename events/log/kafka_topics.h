#pragma once
// The topic that holds the log: made once with the settings that a log needs, and looked at
// whenever it is opened, since whoever runs the brokers can change them.
#include <cstdint>
#include <expected>

#include "events/log/kafka_client.h"

namespace klasboek::log {

/// Makes the topic where there is none, checks its settings, and returns how many partitions it has
/// once each has a leader. The error names what is wrong and what to do.
std::expected<std::uint32_t, LogFault> ensure_topic(const KafkaClient& client);

}  // namespace klasboek::log
