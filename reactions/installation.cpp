#include "reactions/installation.h"

#include <sodium.h>

#include "events/log/embedded_log.h"
#include "vault/master_key.h"

namespace klasboek::reactions {

namespace {

std::expected<vault::MasterKey, InstallationFault> master_key_of(const InstallationPlace& place,
                                                                 const vault::Random& random) {
  const bool is_new = !std::filesystem::exists(place.data_directory / "vault") &&
                      !std::filesystem::exists(place.master_key_file);
  if (is_new && place.may_create) {
    auto made = vault::create_master_key(place.master_key_file, place.data_directory, random);
    if (!made) return std::unexpected(InstallationFault{made.error().explanation});
    return *std::move(made);
  }
  auto read = vault::read_master_key(place.master_key_file, place.data_directory);
  if (!read) return std::unexpected(InstallationFault{read.error().explanation});
  return *std::move(read);
}

using NewShards =
    std::expected<std::vector<std::unique_ptr<projections::Shard>>, InstallationFault>;

NewShards open_embedded(const InstallationPlace& place, vault::Vault& vault,
                        const vault::Random& random, const projections::Progress& progress) {
  log::EmbeddedLogOptions options;
  options.directory = place.data_directory / "shard-0";
  options.new_log_id = vault::draw<16>(random);
  auto log = log::EmbeddedLog::open(options, vault.key_sink());
  if (!log) return std::unexpected(InstallationFault{log.error().message});
  auto shard = projections::open_shard(*std::move(log), options.directory / "views", progress);
  if (!shard) return std::unexpected(InstallationFault{shard.error().message});
  std::vector<std::unique_ptr<projections::Shard>> shards;
  shards.push_back(*std::move(shard));
  return shards;
}

}  // namespace

std::expected<std::unique_ptr<Installation>, InstallationFault> Installation::open(
    const InstallationPlace& place, std::function<std::int64_t()> now_us, vault::Random random,
    const projections::Progress& progress) {
  if (sodium_init() < 0) {
    return std::unexpected(InstallationFault{"libsodium can't be started on this machine"});
  }
  std::error_code error;
  std::filesystem::create_directories(place.data_directory, error);
  if (error) {
    return std::unexpected(
        InstallationFault{place.data_directory.string() + " can't be made: " + error.message()});
  }
  auto master = master_key_of(place, random);
  if (!master) return std::unexpected(master.error());
  std::unique_ptr<Installation> installation(new Installation);
  auto vault = vault::Vault::open({place.data_directory / "vault", *std::move(master), random});
  if (!vault) return std::unexpected(InstallationFault{vault.error().explanation});
  installation->vault_ = *std::move(vault);
  auto shards = open_embedded(place, *installation->vault_, random, progress);
  if (!shards) return std::unexpected(shards.error());
  installation->shards_ = std::make_unique<projections::Shards>(*std::move(shards));
  installation->node_ = std::make_unique<Node>(
      Node{*installation->shards_, *installation->vault_, std::move(now_us), std::move(random)});
  return installation;
}

Installation::~Installation() {
  if (shards_) shards_->close();
}

}  // namespace klasboek::reactions
