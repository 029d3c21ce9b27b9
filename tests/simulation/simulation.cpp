#include "tests/simulation/simulation.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>

#include "events/log/control_record.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/node.h"

namespace klasboek::tests {

namespace {

constexpr std::size_t kSchoolsMax = 3;
constexpr std::uint64_t kStormSteps = 320;
/// Far above what any seed has needed.
constexpr std::uint64_t kCalmSteps = 40'000;
constexpr std::int64_t kMs = 1000;
constexpr std::int64_t kSecond = 1000 * kMs;

/// How often in a hundred steps somebody asks for something new, and for the same again.
constexpr std::uint64_t kAsks = 9;
constexpr std::uint64_t kRepeats = 5;
/// How often in a thousand requests another one comes by the same key at once, and how often one
/// comes by the key of some request before it.
constexpr unsigned kKeysShared = 120;
constexpr unsigned kKeysUsedAgain = 30;
/// How often in a hundred the brokers have their turn.
constexpr std::uint64_t kBrokers = 14;

/// What clocks jump to: near the truth, just inside and outside of what a log accepts, far off.
constexpr std::array<std::int64_t, 8> kClocksOff = {0,
                                                    2 * kSecond,
                                                    -3 * kSecond,
                                                    55 * kSecond,
                                                    -57 * kSecond,
                                                    64 * kSecond,
                                                    -70 * kSecond,
                                                    3600 * kSecond};

bool is_final(const log::SubmitOutcome& outcome) {
  return std::holds_alternative<log::Done>(outcome) ||
         std::holds_alternative<log::Refused>(outcome) ||
         std::holds_alternative<log::OtherRequest>(outcome) ||
         std::holds_alternative<log::TooLarge>(outcome);
}

/// What fails in a simulation is meant to, and would fill pages.
class Silence {
 public:
  Silence() : level_(spdlog::get_level()) { spdlog::set_level(spdlog::level::off); }
  ~Silence() { spdlog::set_level(level_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  spdlog::level::level_enum level_;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, SimulatedKind kind)
      : world_(seed),
        partition_(world_),
        keys_(world_),
        requests_(world_, 1 + world_.below(kSchoolsMax)),
        is_partition_(kind == SimulatedKind::partition) {}

  SimulationReport run() {
    begin();
    // Once something is broken, nothing that follows says more.
    for (std::uint64_t n = 0; n < kStormSteps && is_good(); ++n) storm_step();
    if (is_good()) calm_down();
    if (is_good()) check();
    report_.violations = world_.violations();
    report_.trace = world_.trace();
    report_.trace_hash = world_.trace_hash();
    return report_;
  }

 private:
  struct Machine {
    std::unique_ptr<SimulatedNode> node;
    /// Its program has been stopped, and may be continued: it doesn't know.
    bool is_stopped = false;
  };

  [[nodiscard]] bool is_good() const { return world_.violations().empty(); }
  void begin();
  void found_embedded();
  void storm_step();
  void pass_time();
  void go_wrong();
  void ask(SimulatedRequest& request);
  void ask_something();
  void step_some_node();
  void calm_down();
  bool calm_step();
  [[nodiscard]] bool is_at_rest();
  void check();
  void finish(SimulatedRequest& request, const log::SubmitOutcome& outcome);
  /// nullptr where none runs.
  SimulatedNode* running_node();

  World world_;
  SimulatedPartition partition_;
  SimulatedKeys keys_;
  SimulatedRequests requests_;
  bool is_partition_;
  std::vector<Machine> machines_;
  SimulationReport report_;
};

void Simulation::begin() {
  const SimulatedSite site{world_, requests_, keys_, is_partition_ ? &partition_ : nullptr};
  const auto nodes = is_partition_ ? 2 + world_.below(2) : 1;
  for (unsigned n = 1; n <= nodes; ++n) {
    machines_.push_back({std::make_unique<SimulatedNode>(
                             site, n,
                             [this](SimulatedRequest& request, const log::SubmitOutcome& outcome) {
                               finish(request, outcome);
                             }),
                         false});
  }
  if (is_partition_) {
    const auto identity = simulated_identity(true);
    partition_.append(log::encode_control_record(log::Genesis{identity.log_id, 0, 1}),
                      world_.now_us());
    for (const auto school : requests_.schools()) {
      const auto founding = requests_.founding_of(school);
      partition_.append(events::encode_frame(founding), founding.decided_at_us);
    }
  }
  for (auto& machine : machines_) machine.node->start();
  if (!is_partition_) found_embedded();
  world_.storm();
}

void Simulation::found_embedded() {
  auto& node = *machines_.front().node;
  std::size_t founded = 0;
  for (const auto school : requests_.schools()) {
    node.log().append({requests_.founding_of(school), {}}, [&](const log::AppendOutcome& outcome) {
      if (std::holds_alternative<log::Committed>(outcome)) ++founded;
    });
  }
  while (founded < requests_.schools().size()) node.step();
}

void Simulation::finish(SimulatedRequest& request, const log::SubmitOutcome& outcome) {
  if (!is_final(outcome)) return;
  if (world_.fault(120)) {
    world_.note("the answer is lost");
    ++report_.lost_answers;
    return;
  }
  request.answers.push_back(outcome);
}

SimulatedNode* Simulation::running_node() {
  std::vector<SimulatedNode*> running;
  for (auto& machine : machines_) {
    if (machine.node->is_up() && !machine.is_stopped) running.push_back(machine.node.get());
  }
  return running.empty() ? nullptr : world_.one_of(running);
}

void Simulation::ask(SimulatedRequest& request) {
  if (auto* node = running_node()) node->take(request);
}

void Simulation::ask_something() {
  if (!requests_.all().empty() && world_.chance(kKeysUsedAgain)) {
    return ask(requests_.ask_by_key_of(requests_.some()));
  }
  auto& request = requests_.ask();
  ask(request);
  // Neither the node that has one of them nor another knows of both before they are in the log.
  if (world_.chance(kKeysShared)) ask(requests_.ask_by_key_of(request));
}

void Simulation::step_some_node() {
  auto* node = running_node();
  if (node == nullptr) return;
  node->step();
  if (!node->is_up()) ++report_.crashes;
}

void Simulation::pass_time() {
  const auto pace = world_.below(100);
  if (pace < 90) return world_.pass(static_cast<std::int64_t>(world_.below(120 * kMs)));
  if (pace < 98) return world_.pass(static_cast<std::int64_t>(world_.below(9 * kSecond)));
  if (pace < 99) return world_.pass(static_cast<std::int64_t>(world_.below(90 * kSecond)));
  // A night, and more.
  world_.pass(static_cast<std::int64_t>(world_.below(40)) * 3600 * kSecond);
}

void Simulation::storm_step() {
  pass_time();
  for (auto& machine : machines_) {
    if (!machine.node->is_up() && world_.chance(250)) machine.node->start();
  }
  const auto what = world_.below(100);
  if (what < kAsks) return ask_something();
  if (what < kAsks + kRepeats) {
    if (!requests_.all().empty()) ask(requests_.some());
    return;
  }
  if (what < kAsks + kRepeats + kBrokers && is_partition_) return partition_.step();
  if (world_.chance(35)) return go_wrong();
  step_some_node();
}

void Simulation::go_wrong() {
  auto& machine = world_.one_of(machines_);
  switch (world_.below(4)) {
    case 0:
      if (!machine.node->is_up()) return;
      ++report_.crashes;
      machine.is_stopped = false;
      return machine.node->crash();
    case 1:
      if (!machine.node->is_up() || machine.is_stopped) return;
      return machine.node->close();
    case 2:
      world_.note("node " + std::to_string(machine.node->number()) +
                  (machine.is_stopped ? " goes on" : " is stopped"));
      machine.is_stopped = is_partition_ && !machine.is_stopped;
      return;
    default: {
      const auto off_us = kClocksOff.at(world_.below(kClocksOff.size()));
      world_.note("a clock jumps to " + std::to_string(off_us));
      machine.node->set_clock(off_us);
    }
  }
}

void Simulation::calm_down() {
  world_.note("all is calm");
  world_.calm_down();
  for (auto& machine : machines_) {
    machine.is_stopped = false;
    machine.node->set_clock(0);
  }
  std::uint64_t steps = 0;
  while (is_good() && steps < kCalmSteps && calm_step()) ++steps;
  world_.expect(steps < kCalmSteps, "something asked for never has an outcome");
}

bool Simulation::calm_step() {
  world_.pass(20 * kMs);
  for (auto& machine : machines_) {
    if (!machine.node->is_up()) machine.node->start();
  }
  if (is_partition_) partition_.step();
  step_some_node();
  if (!world_.chance(50)) return true;
  if (is_at_rest()) return false;
  for (const auto& request : requests_.all()) {
    const bool is_tried = std::ranges::any_of(
        machines_, [&](const Machine& machine) { return machine.node->tries(*request); });
    if (!request->is_settled() && !is_tried) ask(*request);
  }
  return true;
}

bool Simulation::is_at_rest() {
  return !partition_.is_anything_sent() &&
         std::ranges::all_of(requests_.all(),
                             [](const auto& request) { return request->is_settled(); }) &&
         std::ranges::all_of(machines_, [](const Machine& machine) {
           return machine.node->is_idle() && machine.node->is_caught_up();
         });
}

void Simulation::check() {
  SimulationChecks checks(world_, requests_, keys_);
  std::vector<SimulatedNode*> nodes;
  for (const auto& machine : machines_) {
    nodes.push_back(machine.node.get());
    checks.check_same(machine.node->ledger());
  }
  // All have the same ledger: what it holds need be looked at once only.
  checks.check_node(*world_.one_of(nodes));
  checks.check_rebuilt(nodes);
  if (is_partition_) {
    report_.voids = checks.check_readers(partition_);
  } else {
    checks.check_reader(machines_.front().node->ledger());
  }
  report_.requests = requests_.all().size();
  for (const auto& request : requests_.all()) {
    for (const auto& answer : request->answers) {
      const auto* done = std::get_if<log::Done>(&answer);
      if (done != nullptr && done->count > 0) ++report_.done;
      if (done != nullptr && done->repeated) ++report_.repeated;
      if (std::holds_alternative<log::Refused>(answer)) ++report_.refused;
    }
  }
}

}  // namespace

SimulationReport simulate(std::uint64_t seed, SimulatedKind kind) {
  const Silence silence;
  return Simulation(seed, kind).run();
}

}  // namespace klasboek::tests
