#pragma once
#include "tests/support/kafka_node.h"
#include "tests/support/log_contract.h"

namespace klasboek::tests {

/// One node's log on a topic of its own of the program's broker.
class KafkaUnderTest final : public LogUnderTest {
 public:
  KafkaUnderTest() : node_(KafkaBroker::shared(), KafkaBroker::unique_topic("commits")) {}
  log::EventLog& log() override { return node_.log(); }
  void reopen() override { node_.reopen(); }
  std::int64_t now_us() override { return real_now_us(); }
  CountingKeySink& keys() override { return node_.keys(); }

 private:
  KafkaNode node_;
};

}  // namespace klasboek::tests
