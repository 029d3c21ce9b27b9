#include "tests/simulation/seeds.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "tests/simulation/simulation.h"

namespace klasboek::tests {

namespace {

constexpr std::size_t kLinesShown = 120;
/// By turns.
constexpr std::array kKinds = {SimulatedKind::partition, SimulatedKind::embedded};

std::string_view name_of(SimulatedKind kind) {
  return kind == SimulatedKind::embedded ? "an embedded log" : "a partition";
}

std::string account_of(const SimulationReport& report) {
  std::string text = "\n";
  for (const auto& violation : report.violations) text += "violated: " + violation + "\n";
  const auto lines = std::min(kLinesShown, report.trace.size());
  for (auto at = report.trace.size() - lines; at < report.trace.size(); ++at) {
    text += "  " + report.trace[at] + "\n";
  }
  return text;
}

/// That much has happened in all: else the simulation says little.
void check_much_happened(const SimulationReport& all, std::uint64_t runs, SimulatedKind kind) {
  INFO("of " << runs << " runs with " << name_of(kind) << ": " << all.requests << " requests, "
             << all.done << " done, " << all.refused << " refused, " << all.repeated
             << " repeated, " << all.lost_answers << " answers lost, " << all.crashes
             << " crashes, " << all.voids << " records that count for nothing");
  CHECK(all.requests > runs * 10);
  CHECK(all.done > runs * 5);
  CHECK(all.refused > runs);
  CHECK(all.repeated > runs / 2);
  CHECK(all.lost_answers > runs / 2);
  CHECK(all.crashes > runs / 2);
  if (kind == SimulatedKind::partition) CHECK(all.voids > runs * 3);
}

void add(SimulationReport& all, const SimulationReport& one) {
  all.requests += one.requests;
  all.done += one.done;
  all.refused += one.refused;
  all.repeated += one.repeated;
  all.crashes += one.crashes;
  all.voids += one.voids;
  all.lost_answers += one.lost_answers;
}

}  // namespace

void check_simulations(const SimulationSeeds& seeds) {
  std::array<SimulationReport, 2> all;
  for (auto seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const auto kind = kKinds.at(seed % kKinds.size());
    const auto report = simulate(seed, kind);
    if (!report.violations.empty()) {
      FAIL_CHECK("seed " << seed << " with " << name_of(kind) << ": repeat it by "
                         << "KLASBOEK_SIMULATION_SEED=" << seed << account_of(report));
    }
    add(all.at(seed % kKinds.size()), report);
  }
  constexpr std::uint64_t kRunsMin = 20;
  if (seeds.count < kKinds.size() * kRunsMin) return;
  for (std::size_t n = 0; n < kKinds.size(); ++n) {
    check_much_happened(all.at(n), seeds.count / kKinds.size(), kKinds.at(n));
  }
}

}  // namespace klasboek::tests
