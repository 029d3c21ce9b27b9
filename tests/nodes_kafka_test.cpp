// Several nodes of one installation: each has its own directory, and they share a log, a topic of
// secrets and a master key.
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "api/person_text.h"
#include "projections/directory.h"
#include "reactions/installation.h"
#include "tests/support/kafka_broker.h"
#include "tests/support/temporary_directory.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

namespace fs = std::filesystem;

/// A clock that every node of a test agrees on, near enough to the broker's.
std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What the nodes of one installation have in common, and where each keeps its own.
class Cluster {
 public:
  tools::Configuration configuration_of(const std::string& node) const {
    tools::Configuration configuration;
    configuration.data_dir = directory_.path() / node;
    configuration.master_key_file = directory_.path() / (node + ".key");
    configuration.log_kind = "kafka";
    configuration.log_brokers = KafkaBroker::shared().bootstrap();
    configuration.log_topic = commits_;
    configuration.log_secrets_topic = secrets_;
    configuration.log_partitions = 2;
    return configuration;
  }

  void give_master_key(const std::string& from, const std::string& to) const {
    fs::copy_file(directory_.path() / (from + ".key"), directory_.path() / (to + ".key"));
  }

  std::expected<std::unique_ptr<reactions::Installation>, reactions::InstallationFault> open(
      const std::string& node) const {
    return reactions::Installation::open(tools::place_of(configuration_of(node)), now_us,
                                         vault::system_random());
  }

 private:
  TemporaryDirectory directory_;
  std::string commits_ = KafkaBroker::unique_topic("nodes");
  std::string secrets_ = KafkaBroker::unique_topic("nodes-secrets");
};

void found_school(const tools::Configuration& configuration) {
  std::ostringstream out;
  std::ostringstream err;
  const tools::Toolbox toolbox{configuration, true, out, err};
  tools::SchoolOptions options;
  options.name = "De Regenboog";
  options.director_name = "Wilma Voorbeeld";
  options.director_email = "directie@example.org";
  INFO(err.str());
  REQUIRE(tools::school_create_command(toolbox, options) == tools::kDone);
}

/// The name of the only account of the only school, as this node reads it.
std::string name_of_director(reactions::Installation& installation) {
  for (const auto& shard : installation.shards().all()) {
    for (const auto& school : shard->ledger().schools()) {
      const projections::ViewSnapshot views(shard->projector->store());
      for (const auto& account : projections::directory::accounts(views, school)) {
        REQUIRE(account.name);
        const auto text =
            installation.vault().unseal(school, account.name->command, account.name->sealed);
        return text ? api::person_name_of(*text).full() : "unreadable";
      }
    }
  }
  return "nobody";
}

TEST_CASE("a second node reads what the first one sealed") {
  const Cluster cluster;
  found_school(cluster.configuration_of("first"));
  cluster.give_master_key("first", "second");
  auto second = cluster.open("second");
  INFO((second ? "" : second.error().explanation));
  REQUIRE(second);
  CHECK(name_of_director(**second) == "Wilma Voorbeeld");
}

TEST_CASE("a node with another master key doesn't start, and says why") {
  const Cluster cluster;
  found_school(cluster.configuration_of("first"));
  const auto stranger = cluster.open("stranger");
  REQUIRE_FALSE(stranger);
  CHECK_THAT(stranger.error().explanation, Catch::Contains("master key"));
}

}  // namespace
}  // namespace klasboek::tests
