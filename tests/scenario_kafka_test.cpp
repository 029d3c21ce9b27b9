// The four actions from end to end on a real Kafka.
#include <catch2/catch.hpp>

#include "tests/support/kafka_broker.h"
#include "tests/support/scenario.h"
#include "tests/support/source_dir.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {
namespace {

TEST_CASE("a post, consent, an absence and leave on Kafka") {
  const TemporaryDirectory directory;
  tools::Configuration configuration;
  configuration.data_dir = directory.path() / "data";
  configuration.master_key_file = directory.path() / "master.key";
  configuration.log_kind = "kafka";
  configuration.log_brokers = KafkaBroker::shared().bootstrap();
  configuration.log_topic = KafkaBroker::unique_topic("scenario");
  configuration.log_secrets_topic = KafkaBroker::unique_topic("scenario-secrets");
  configuration.log_partitions = 2;
  run_scenario(source_path("tests/scenarios/four_actions.txt"), configuration);
}

}  // namespace
}  // namespace klasboek::tests
