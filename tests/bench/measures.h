#pragma once
// The measures, each against its raw side; docs/performance.md says what they are.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/bench/district.h"
#include "tests/bench/http_load.h"
#include "tests/bench/product.h"
#include "tests/bench/report.h"
#include "tests/bench/school_life.h"

namespace klasboek::bench {

/// How much is done. The values here are those that count.
struct Effort {
  std::uint64_t seed = 1;
  int rounds = 5;
  /// Of each side in each round.
  double seconds = 4;
  std::size_t single_calls = 1000;
  DistrictShape district;
  /// Into so many schools the year of one is copied before views are made anew.
  std::size_t history_schools = 24;
  /// With so many events the real program is started again.
  std::uint64_t grown_events = 1'000'000;
};

inline constexpr std::size_t kManyClients = 64;

/// Says what is being done, for whoever waits.
using Say = std::function<void(const std::string&)>;

/// P1: durable commands over HTTP by 64 clients.
void measure_commands(const Effort& effort, const Say& say, Report& report);
/// P2: the same beside PostgreSQL as an event store.
void measure_postgres(const Effort& effort, const Say& say, Report& report);
/// P3: how long one client waits, and the slowest of 64.
void measure_waits(const Effort& effort, const Say& say, Report& report);
/// P6: views made anew.
void measure_rebuild(const Effort& effort, const Say& say, Report& report);
/// P7: live views that follow a log.
void measure_projection(const Effort& effort, const Say& say, Report& report);
/// P8 and P11: the real program with a million events: how soon it is back after kill -9, how much
/// memory it takes; and how many bytes are written for each byte of a commit.
void measure_size(const Effort& effort, const Say& say, Report& report);
/// P9: commands over HTTP on Kafka.
void measure_kafka(const Effort& effort, const Say& say, Report& report);
/// P12: every hash of a log made again.
void measure_integrity(const Effort& effort, const Say& say, Report& report);

/// Commands on the product; throws where some were refused, with the first answer.
Run run_commands(const Product& product, std::size_t clients, const Until& until, SchoolLife& life);

/// The last records that the product's logs took.
std::vector<events::Bytes> real_records(const Product& product, std::size_t count);

/// Adds p50, p95 and p99 of each round to three lines of that name.
void add_waits(const std::vector<Run>& raw, const std::vector<Run>& ours,
               const std::string& measure, const std::string& what, Report& report);

/// `pick` of each run.
std::vector<double> of_each(const std::vector<Run>& runs,
                            const std::function<double(const Run&)>& pick);

}  // namespace klasboek::bench
