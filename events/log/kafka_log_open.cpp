// What must hold before a partition's log is read and written.
#include "events/log/control_record.h"
#include "events/log/kafka_genesis.h"
#include "events/log/kafka_log.h"
#include "events/log/kafka_reader.h"
#include "events/log/kafka_topics.h"

namespace klasboek::log {

namespace {

std::string place(const KafkaClient& client, std::uint32_t partition) {
  return "kafka: topic " + client.options().topic + ", partition " + std::to_string(partition);
}

/// How the partition began. Where this directory has a copy of it already, it isn't begun anew.
std::expected<Genesis, LogFault> genesis_of(KafkaClient& client, std::uint32_t partition,
                                            std::uint32_t partition_count,
                                            const KafkaLogOptions& options, bool has_ledger) {
  if (!has_ledger) return ensure_genesis(client, partition, partition_count, options.new_log_id);
  const auto found = find_genesis(client, partition);
  if (!found) return std::unexpected(found.error());
  if (const auto& genesis = *found) return *genesis;
  return std::unexpected(
      LogFault{LogFaultKind::lost_tail, place(client, partition) + " is empty, but " +
                                            options.directory.string() +
                                            " holds a copy of what was in it. Restore the topic"});
}

std::expected<LogIdentity, LogFault> identity_of(const KafkaClient& client, const Genesis& genesis,
                                                 std::uint32_t partition_count,
                                                 const std::optional<LogIdentity>& in_directory,
                                                 const KafkaLogOptions& options) {
  const LogIdentity identity{genesis.log_id, genesis.partition, genesis.partition_count, true};
  if (genesis.partition_count != partition_count) {
    return std::unexpected(LogFault{
        LogFaultKind::settings,
        place(client, genesis.partition) + ": the log was begun with " +
            std::to_string(genesis.partition_count) + " partitions, and the topic has " +
            std::to_string(partition_count) +
            ": their number can't change, since it says where a school's events are. Restore the "
            "topic with its old number"});
  }
  if (in_directory && *in_directory != identity) {
    return std::unexpected(LogFault{
        LogFaultKind::other_log,
        place(client, genesis.partition) + " isn't the log that " + options.directory.string() +
            " is a copy of: the topic was made anew, or the brokers or the directory are others. "
            "Restore the topic, or name the right ones"});
  }
  return identity;
}

}  // namespace

std::filesystem::path shard_directory(const std::filesystem::path& root, std::uint32_t partition) {
  return root / ("shard-" + std::to_string(partition));
}

std::expected<std::unique_ptr<KafkaLog>, LogFault> open_kafka_log(KafkaClient& client,
                                                                  std::uint32_t partition,
                                                                  const KafkaLogOptions& options,
                                                                  events::KeySink& keys) {
  const auto partition_count = ensure_topic(client);
  if (!partition_count) return std::unexpected(partition_count.error());
  if (partition >= *partition_count) {
    return std::unexpected(LogFault{LogFaultKind::settings,
                                    place(client, partition) + " doesn't exist: the topic has " +
                                        std::to_string(*partition_count) + " partitions"});
  }
  const auto directory = options.directory / "ledger";
  const auto in_directory = Ledger::identity_in(directory);
  if (!in_directory) return std::unexpected(in_directory.error());
  const auto genesis =
      genesis_of(client, partition, *partition_count, options, in_directory->has_value());
  if (!genesis) return std::unexpected(genesis.error());
  const auto identity = identity_of(client, *genesis, *partition_count, *in_directory, options);
  if (!identity) return std::unexpected(identity.error());
  auto ledger = Ledger::open(directory, *identity);
  if (!ledger) return std::unexpected(ledger.error());
  auto reader = PartitionReader::open(client, partition);
  if (!reader) return std::unexpected(reader.error());
  try {
    auto follower = std::make_unique<KafkaFollower>(*std::move(reader), **ledger, options.follower);
    auto log =
        std::make_unique<KafkaLog>(client, options, *std::move(ledger), std::move(follower), keys);
    log->start();
    return log;
  } catch (const LedgerDamaged& damage) {
    return std::unexpected(
        LogFault{LogFaultKind::damaged, directory.string() + ": " + damage.what()});
  }
}

}  // namespace klasboek::log
