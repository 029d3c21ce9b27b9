#include "reactions/installation.h"

#include <sodium.h>

#include "events/log/embedded_log.h"
#include "events/log/kafka_log.h"
#include "events/log/kafka_topics.h"
#include "vault/master_key.h"

namespace klasboek::reactions {

namespace {

/// How long a node waits for a Kafka log to be read to its end before it says that it can't start.
constexpr std::chrono::milliseconds kCatchUpMax{600'000};

/// While a rotation changes the names of the files there is a moment without the first.
std::filesystem::path file_there(const std::filesystem::path& file) {
  const auto next = vault::next_master_key_file(file);
  return !std::filesystem::exists(file) && std::filesystem::exists(next) ? next : file;
}

/// Nothing where one is there or may be made.
std::optional<InstallationFault> refuse_missing(const InstallationPlace& place) {
  if (std::filesystem::exists(place.data_directory / "vault")) return std::nullopt;
  const bool has_key = place.master || !vault::is_file(place.master_key_file.string()) ||
                       std::filesystem::exists(file_there(place.master_key_file));
  switch (place.if_missing) {
    case IfMissing::make:
      return std::nullopt;
    case IfMissing::make_with_key:
      if (has_key) return std::nullopt;
      break;
    case IfMissing::refuse:
      // A node on Kafka has nothing of its own that it couldn't read again.
      if (has_key && place.log == LogKind::kafka) return std::nullopt;
      break;
  }
  return InstallationFault{place.data_directory.string() +
                           " holds no klasboek. Name its data directory with --data, or make a new "
                           "one by `klasboek school create`"};
}

std::expected<vault::MasterKey, InstallationFault> master_key_of(const InstallationPlace& place) {
  if (place.master) return *place.master;
  const auto source = place.master_key_file.string();
  auto read = vault::load_master_key(vault::is_file(source) ? file_there(source).string() : source,
                                     place.data_directory);
  if (!read) return std::unexpected(InstallationFault{read.error().explanation});
  return *std::move(read);
}

/// Makes a master key where vault and key are both to be made.
std::optional<InstallationFault> make_master_key(const InstallationPlace& place,
                                                 const vault::Random& random) {
  const auto& file = place.master_key_file;
  if (place.master || !vault::is_file(file.string())) return std::nullopt;
  if (std::filesystem::exists(place.data_directory / "vault") ||
      std::filesystem::exists(file_there(file))) {
    return std::nullopt;
  }
  const auto made = vault::create_master_key(file, place.data_directory, random);
  if (!made) return InstallationFault{made.error().explanation};
  return std::nullopt;
}

using NewShards =
    std::expected<std::vector<std::unique_ptr<projections::Shard>>, InstallationFault>;

std::expected<std::unique_ptr<vault::Vault>, InstallationFault> open_vault(
    const InstallationPlace& place, const vault::Random& random) {
  if (auto failed = make_master_key(place, random)) return std::unexpected(*std::move(failed));
  const auto own = vault_place_of(place, random);
  if (!own) return std::unexpected(own.error());
  auto vault = place.log == LogKind::kafka ? vault::Vault::open(*own, {.bootstrap = place.brokers,
                                                                       .topic = place.secrets_topic,
                                                                       .client_settings = {}})
                                           : vault::Vault::open(*own);
  if (!vault) return std::unexpected(InstallationFault{vault.error().explanation});
  return *std::move(vault);
}

NewShards open_embedded(const InstallationPlace& place, vault::Vault& vault,
                        const vault::Random& random, const projections::Progress& progress,
                        const log::Surroundings& surroundings) {
  log::EmbeddedLogOptions options;
  options.surroundings = surroundings;
  options.directory = place.data_directory / "shard-0";
  options.new_log_id = vault::draw<16>(random);
  options.ballast_bytes = log::kBallastBytes;
  auto log = log::EmbeddedLog::open(options, vault.key_sink());
  if (!log) return std::unexpected(InstallationFault{log.error().message});
  auto shard =
      projections::open_shard(*std::move(log), options.directory / "views", progress, surroundings);
  if (!shard) return std::unexpected(InstallationFault{shard.error().message});
  std::vector<std::unique_ptr<projections::Shard>> shards;
  shards.push_back(*std::move(shard));
  return shards;
}

NewShards open_kafka(const InstallationPlace& place, log::KafkaClient& client, vault::Vault& vault,
                     const vault::Random& random, const projections::Progress& progress) {
  const auto partitions = log::ensure_topic(client);
  if (!partitions) return std::unexpected(InstallationFault{partitions.error().message});
  std::vector<std::unique_ptr<projections::Shard>> shards;
  for (std::uint32_t partition = 0; partition < *partitions; ++partition) {
    log::KafkaLogOptions options;
    options.directory = log::shard_directory(place.data_directory, partition);
    options.new_log_id = vault::draw<16>(random);
    auto log = log::open_kafka_log(client, partition, options, vault.key_sink());
    if (!log) return std::unexpected(InstallationFault{log.error().message});
    // Views are built from what the log had when the node began, and follow it from there.
    if (!(*log)->wait_until_ready(kCatchUpMax)) {
      return std::unexpected(InstallationFault{(*log)->health().reason});
    }
    auto shard = projections::open_shard(*std::move(log), options.directory / "views", progress);
    if (!shard) return std::unexpected(InstallationFault{shard.error().message});
    shards.push_back(*std::move(shard));
  }
  return shards;
}

std::expected<std::unique_ptr<log::KafkaClient>, InstallationFault> kafka_client_of(
    const InstallationPlace& place) {
  log::KafkaOptions options;
  options.brokers = place.brokers;
  options.topic = place.topic;
  options.partition_count = place.partitions;
  auto client = log::KafkaClient::open(options);
  if (!client) return std::unexpected(InstallationFault{client.error().message});
  return *std::move(client);
}

ErasureTerms terms_of(const InstallationPlace& place) {
  constexpr std::int64_t kUsPerMs = 1000;
  constexpr std::int64_t kUsPerDay = 24LL * 3600 * 1'000'000;
  return {.topic_us = place.log == LogKind::kafka ? vault::kCompactionLagMsMax * kUsPerMs : 0,
          .backups_us = place.vault_backup_days * kUsPerDay};
}

}  // namespace

std::expected<vault::VaultPlace, InstallationFault> vault_place_of(const InstallationPlace& place,
                                                                   vault::Random random,
                                                                   vault::Access access) {
  auto master = master_key_of(place);
  if (!master) return std::unexpected(master.error());
  vault::VaultPlace own{.directory = place.data_directory / "vault",
                        .master = *std::move(master),
                        .random = std::move(random),
                        .access = access};
  if (!vault::is_file(place.master_key_file.string())) return own;
  for (const auto& file : {vault::next_master_key_file(place.master_key_file),
                           vault::previous_master_key_file(place.master_key_file)}) {
    if (!std::filesystem::exists(file)) continue;
    auto other = vault::read_master_key(file, place.data_directory);
    if (!other) return std::unexpected(InstallationFault{other.error().explanation});
    own.others.push_back(*std::move(other));
  }
  return own;
}

std::expected<std::unique_ptr<Installation>, InstallationFault> Installation::open(
    const InstallationPlace& place, std::function<std::int64_t()> now_us, vault::Random random,
    const projections::Progress& progress, const log::Surroundings& surroundings) {
  if (sodium_init() < 0) {
    return std::unexpected(InstallationFault{"libsodium can't be started on this machine"});
  }
  if (auto missing = refuse_missing(place)) return std::unexpected(*std::move(missing));
  std::error_code error;
  std::filesystem::create_directories(place.data_directory, error);
  if (error) {
    return std::unexpected(
        InstallationFault{place.data_directory.string() + " can't be made: " + error.message()});
  }
  std::unique_ptr<Installation> installation(new Installation);
  auto vault = open_vault(place, random);
  if (!vault) return std::unexpected(vault.error());
  installation->vault_ = *std::move(vault);
  if (place.log == LogKind::kafka) {
    auto client = kafka_client_of(place);
    if (!client) return std::unexpected(client.error());
    installation->kafka_ = *std::move(client);
  }
  auto shards =
      installation->kafka_
          ? open_kafka(place, *installation->kafka_, *installation->vault_, random, progress)
          : open_embedded(place, *installation->vault_, random, progress, surroundings);
  if (!shards) return std::unexpected(shards.error());
  installation->shards_ = std::make_unique<projections::Shards>(*std::move(shards));
  installation->node_ = std::make_unique<Node>(
      Node{*installation->shards_, *installation->vault_, installation->folds_, std::move(now_us),
           std::move(random), surroundings, terms_of(place)});
  // A vault that was put back from a backup has keys that went since: not for one request.
  installation->erasures_ = std::make_unique<ErasureRoom>(*installation->node_);
  if (const auto destroyed = installation->erasures_->destroy_listed(); !destroyed) {
    return std::unexpected(InstallationFault{
        "keys that were erased can't be destroyed in the vault (" +
        std::string(vault::name_of(destroyed.error())) + "); nothing is served before they are"});
  }
  return installation;
}

Installation::~Installation() {
  if (shards_) shards_->close();
}

}  // namespace klasboek::reactions
