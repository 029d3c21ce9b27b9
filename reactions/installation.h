#pragma once
// An installation on this machine: a data directory, the master key beside it, and everything
// opened.
//
//   <data>/vault/…      keys, log-ins, sessions
//   <data>/shard-0/…    the log's ledger, how far it was acknowledged, and the views
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "events/log/kafka_client.h"
#include "events/log/ledger.h"
#include "projections/shard.h"
#include "reactions/erasure.h"
#include "reactions/node.h"
#include "vault/vault.h"

namespace klasboek::reactions {

enum class LogKind : std::uint8_t { embedded, kafka };

/// What to do where the data directory holds no installation yet.
enum class IfMissing : std::uint8_t {
  /// Make one, and a master key where there is none.
  make,
  /// Make one only if its master key was laid ready: a node that begins, or a new volume.
  make_with_key,
  /// Say so: whoever looks at an installation named the wrong directory.
  refuse
};

struct InstallationPlace {
  std::filesystem::path data_directory;
  /// Lies outside the data directory and is never part of its backup. `env:NAME` or `fd:NUMBER`
  /// instead of a path: it is in the environment or comes by a descriptor.
  std::filesystem::path master_key_file;
  /// The key itself, where whoever opens has read it already.
  std::optional<vault::MasterKey> master = {};
  LogKind log = LogKind::embedded;
  /// With kafka: host:port, comma separated.
  std::string brokers;
  /// With kafka, when the topic is made: partitions it gets for ever.
  std::uint32_t partitions = 4;
  std::string topic = "klasboek.commits";
  /// With kafka: where the nodes share what the vault holds.
  std::string secrets_topic = vault::kSecretsTopicName;
  IfMissing if_missing = IfMissing::make;
  /// Backups of the vault are thrown away after so many days: what an erasure promises rests on it.
  std::int64_t vault_backup_days = 30;
};

/// Why an installation can't be opened: what is wrong with what, and what to do.
struct InstallationFault {
  std::string explanation;
};

/// How the vault of the place is opened: with the master key, and those beside it that a rotation
/// leaves (vault/master_key.h). Makes none.
std::expected<vault::VaultPlace, InstallationFault> vault_place_of(
    const InstallationPlace& place, vault::Random random,
    vault::Access access = vault::Access::write);

/// Everything that a node runs on. Closes in order when it goes.
class Installation {
 public:
  static std::expected<std::unique_ptr<Installation>, InstallationFault> open(
      const InstallationPlace& place, std::function<std::int64_t()> now_us, vault::Random random,
      const projections::Progress& progress = {}, const log::Surroundings& surroundings = {});
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] vault::Vault& vault() { return *vault_; }
  [[nodiscard]] projections::Shards& shards() { return *shards_; }
  /// Has destroyed what the log listed when it was opened.
  [[nodiscard]] ErasureRoom& erasures() { return *erasures_; }

 private:
  Installation() = default;

  std::unique_ptr<vault::Vault> vault_;
  /// With Kafka; outlives the shards.
  std::unique_ptr<log::KafkaClient> kafka_;
  std::unique_ptr<projections::Shards> shards_;
  aggregates::FoldCache folds_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<ErasureRoom> erasures_;
};

}  // namespace klasboek::reactions
