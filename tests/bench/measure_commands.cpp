#include <sstream>
#include <stdexcept>

#include "tests/bench/measures.h"
#include "tests/bench/raw_log.h"

namespace klasboek::bench {

Run run_commands(const Product& product, std::size_t clients, const Until& until,
                 SchoolLife& life) {
  auto run = run_http_load(product.port(), clients, until, [&] { return life.next(); });
  if (run.refused > 0 || run.latencies_us.empty()) {
    throw std::runtime_error(std::to_string(run.refused) +
                             " commands were refused; the first: " + run.first_refusal);
  }
  return run;
}

std::vector<events::Bytes> real_records(const Product& product, std::size_t count) {
  std::vector<events::Bytes> records;
  for (const auto& shard : product.node().shards.all()) {
    shard->ledger().read_log(0, [&](const log::StoredCommit& commit) {
      const auto frame = commit.frame_bytes.bytes();
      records.emplace_back(frame.begin(), frame.end());
      if (records.size() > count) records.erase(records.begin());
      return true;
    });
  }
  return records;
}

std::vector<double> of_each(const std::vector<Run>& runs,
                            const std::function<double(const Run&)>& pick) {
  std::vector<double> values;
  values.reserve(runs.size());
  for (const auto& run : runs) values.push_back(pick(run));
  return values;
}

void add_waits(const std::vector<Run>& raw, const std::vector<Run>& ours,
               const std::string& measure, const std::string& what, Report& report) {
  constexpr std::array kShares = {std::pair{"p50", 0.5}, std::pair{"p95", 0.95},
                                  std::pair{"p99", 0.99}};
  for (const auto& [name, share] : kShares) {
    const auto pick = [&](const Run& run) { return run.percentile_ms(share); };
    report.lines.push_back(
        {measure, what + " " + name, "ms", of_each(raw, pick), of_each(ours, pick), {}});
  }
}

namespace {

/// Some commands, one after the other, and what each wrote. Where the product began a new
/// write-ahead log meanwhile, and let the one before go, once more.
CommitShapes photograph(const Product& product, SchoolLife& life, std::size_t calls) {
  for (int tries = 1;; ++tries) {
    const CommitCamera camera(product);
    run_commands(product, 1, {.calls = calls}, life);
    try {
      return camera.take();
    } catch (const std::runtime_error&) {
      constexpr int kTriesMax = 3;
      if (tries == kTriesMax) throw;
    }
  }
}

}  // namespace

void measure_commands(const Effort& effort, const Say& say, Report& report) {
  say("P1: founding schools");
  const Product product;
  const auto district = found_district(product.node(), effort.district, effort.seed);
  SchoolLife life(district, effort.seed);
  const auto shapes = photograph(product, life, effort.single_calls);
  std::ostringstream note;
  note << "P1: a commit is " << shapes.rows_per_commit << " rows and " << shapes.bytes_per_commit
       << " bytes, mean of " << shapes.commits.size() << "; " << shapes.keys_minted
       << " of them minted a key";
  report.notes.push_back(note.str());

  RawLog raw_log;
  const Until until{.time = std::chrono::duration<double>(effort.seconds)};
  run_commands(product, kManyClients, {.calls = effort.single_calls}, life);
  std::vector<Run> raw;
  std::vector<Run> ours;
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P1: round " + std::to_string(round));
    std::vector<std::size_t> at(kManyClients);
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = i * 7919;
    raw.push_back(run_closed_loop(kManyClients, until, [&](std::size_t client) {
      raw_log.commit(shapes.commits[at[client]++ % shapes.commits.size()]);
    }));
    ours.push_back(run_commands(product, kManyClients, until, life));
  }
  const auto rate = [](const Run& run) { return run.per_second(); };
  report.lines.push_back({"P1",
                          "durable commands, 64 clients",
                          "per s",
                          of_each(raw, rate),
                          of_each(ours, rate),
                          {Goal::Kind::ratio_at_least, 0.7}});
  // Hardly moved by what else the machine does.
  const auto processor = [](const Run& run) { return run.processor_us_each(); };
  report.lines.push_back({"P1",
                          "processor time of one, clients' too",
                          "us",
                          of_each(raw, processor),
                          of_each(ours, processor),
                          {}});
  add_waits(raw, ours, "P1", "durable command, 64 clients,", report);
}

}  // namespace klasboek::bench
