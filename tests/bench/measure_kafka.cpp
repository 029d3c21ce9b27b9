#include "tests/bench/measures.h"
#include "tests/bench/raw_kafka.h"
#include "tests/support/kafka_broker.h"

namespace klasboek::bench {

void measure_kafka(const Effort& effort, const Say& say, Report& report) {
  say("P9: starting a broker");
  tests::KafkaBroker broker;
  const Product product(broker.bootstrap());
  const auto partitions = product.place().partitions;
  const std::string raw_topic = "raw";
  broker.create_topic(raw_topic, static_cast<int>(partitions));
  RawKafka raw_kafka(broker.bootstrap(), raw_topic, partitions, kManyClients);

  say("P9: founding schools");
  const auto district = found_district(product.node(), effort.district, effort.seed);
  SchoolLife life(district, effort.seed);
  const Until calls{.calls = effort.single_calls};
  const Until time{.time = std::chrono::duration<double>(effort.seconds)};
  run_commands(product, 1, calls, life);
  const auto records = real_records(product, effort.single_calls);
  const auto produce = [&](std::size_t client) {
    thread_local std::size_t at = client * 7919;
    raw_kafka.produce(client, records[at++ % records.size()]);
  };
  run_closed_loop(kManyClients, calls, produce);

  std::vector<Run> raw_one;
  std::vector<Run> raw_many;
  std::vector<Run> one;
  std::vector<Run> many;
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P9: round " + std::to_string(round));
    raw_one.push_back(run_closed_loop(1, calls, produce));
    one.push_back(run_commands(product, 1, calls, life));
    raw_many.push_back(run_closed_loop(kManyClients, time, produce));
    many.push_back(run_commands(product, kManyClients, time, life));
  }
  constexpr double kWaitMaxMs = 5;
  const auto first = report.lines.size();
  add_waits(raw_one, one, "P9", "command on Kafka, 1 client,", report);
  report.lines[first + 1].goal = {Goal::Kind::ours_at_most, kWaitMaxMs};
  const auto rate = [](const Run& run) { return run.per_second(); };
  report.lines.push_back({"P9",
                          "commands on Kafka, 64 clients",
                          "per s",
                          of_each(raw_many, rate),
                          of_each(many, rate),
                          {Goal::Kind::ratio_at_least, 0.6}});
  add_waits(raw_many, many, "P9", "command on Kafka, 64 clients,", report);
}

}  // namespace klasboek::bench
