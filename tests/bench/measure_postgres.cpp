#include "tests/bench/measures.h"
#include "tests/bench/raw_postgres.h"

namespace klasboek::bench {

namespace {

constexpr std::array kClients = {std::size_t{1}, std::size_t{16}, kManyClients};

}  // namespace

void measure_postgres(const Effort& effort, const Say& say, Report& report) {
  say("P2: founding schools");
  const Product product;
  const auto district = found_district(product.node(), effort.district, effort.seed);
  SchoolLife life(district, effort.seed);
  run_commands(product, 1, {.calls = effort.single_calls}, life);
  say("P2: starting PostgreSQL");
  RawPostgres postgres(real_records(product, RawPostgres::kBodiesMax));
  const Until until{.time = std::chrono::duration<double>(effort.seconds)};
  std::array<std::vector<double>, kClients.size()> raw;
  std::array<std::vector<double>, kClients.size()> ours;
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P2: round " + std::to_string(round));
    for (std::size_t i = 0; i < kClients.size(); ++i) {
      raw[i].push_back(postgres.appends_per_second(kClients[i], effort.seconds));
      ours[i].push_back(run_commands(product, kClients[i], until, life).per_second());
    }
  }
  for (std::size_t i = 0; i < kClients.size(); ++i) {
    Line line{"P2",
              "beside PostgreSQL 15, " + std::to_string(kClients[i]) +
                  (kClients[i] == 1 ? " client" : " clients"),
              "per s",
              raw[i],
              ours[i],
              {}};
    constexpr double kTimesMin = 2;
    if (kClients[i] == kManyClients) line.goal = {Goal::Kind::ratio_at_least, kTimesMin};
    report.lines.push_back(std::move(line));
  }
}

}  // namespace klasboek::bench
