#include "tests/support/crash_run.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <random>
#include <thread>

#include "events/log/ledger.h"
#include "tests/support/crash_client.h"
#include "tests/support/crash_ledger.h"
#include "tests/support/crash_points.h"

namespace klasboek::tests {

namespace {

constexpr std::size_t kNewRequestsPerLife = 6;
constexpr std::size_t kTriesPerPoint = 12;
constexpr std::uint64_t kNthMax = 4;
constexpr std::size_t kRequestBytesMax = 500;
/// Of ten kills that aren't at a named point, this many are at a change of the disk.
constexpr std::size_t kDiskKillsInTen = 2;
constexpr std::uint64_t kDiskCallsMax = 200;
/// Mail has its own pace: somebody looks twice a second.
constexpr std::chrono::milliseconds kPointWaitMax{2'000};

class CrashRun {
 public:
  explicit CrashRun(const CrashRunOptions& options)
      : dice_(options.seed), school_(options.program, options.crashing_program) {
    clients_.emplace_back(school_, school_.director(), 0, dice_());
    for (const auto& guardian : school_.guardians()) {
      clients_.emplace_back(school_, guardian, clients_.size(), dice_());
    }
    furnished_end_ = end_of_log(school_.place());
  }

  void kill_at(CrashPoint point) {
    for (std::size_t tries = 0; tries < kTriesPerPoint; ++tries) {
      const auto nth = tries == 0 ? 1 + dice_() % kNthMax : 1;
      if (live(school_.crashing_at(name_of(point), nth), {}, kPointWaitMax)) {
        ++met_[point];
        return;
      }
    }
    FAIL("never came to " << name_of(point));
  }

  void kill_at_random() {
    if (dice_() % 10 < kDiskKillsInTen) {
      const auto nth = 1 + dice_() % kDiskCallsMax;
      live(school_.crashing_at(name_of(CrashPoint::disk_call), nth), {});
      return;
    }
    live(school_.real(), random_moment());
  }

  /// The last life, in which nobody is left without an answer.
  void settle() {
    ServerProgram server(school_.real());
    REQUIRE(server.port() != 0);
    ServerLife life{.port = server.port(), .moment = {}, .kill = [] {}};
    for (auto& client : clients_) {
      client.live(life, 0);
      CHECK_FALSE(client.has_unknown());
    }
  }

  void check() {
    for (const auto& client : clients_) {
      for (const auto& fault : client.faults()) FAIL_CHECK(fault);
      CHECK(client.acknowledged().size() > 0);
    }
    for (const auto point : kNamedCrashPoints) {
      INFO(name_of(point));
      CHECK(met_[point] > 0);
    }
    CrashLedger ledger(school_.place());
    ledger.check_density();
    for (const auto& client : clients_) {
      ledger.check_acknowledged(school_.id(), client.person(), client.acknowledged());
    }
    ledger.check_nothing_else(furnished_end_);
    ledger.check_mails(school_.mail().mails());
  }

  /// As an operator would.
  void check_by_commands() {
    const auto verified = school_.place().verify();
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == tools::kDone);
    const auto replayed = school_.place().run(tools::replay_command);
    INFO(replayed.out << replayed.err);
    CHECK(replayed.exit_code == tools::kDone);
  }

  [[nodiscard]] std::size_t kills() const { return kills_; }
  [[nodiscard]] std::string told() const {
    std::size_t acknowledged = 0;
    std::size_t settled = 0;
    for (const auto& client : clients_) {
      acknowledged += client.acknowledged().size();
      settled += client.settled();
    }
    std::string text = std::to_string(kills_) + " kills, " + std::to_string(acknowledged) +
                       " requests acknowledged, " + std::to_string(settled) +
                       " of them only when asked again; killed";
    for (const auto& [point, times] : met_) {
      text += " " + std::to_string(times) + " times at " + std::string(name_of(point)) + ",";
    }
    return text + " else at random";
  }

 private:
  KillMoment random_moment() {
    KillMoment moment;
    if (dice_() % 2 == 0) {
      moment.after_answers = 1 + dice_() % (clients_.size() * kNewRequestsPerLife);
      return moment;
    }
    moment.client = dice_() % clients_.size();
    moment.request = 1 + dice_() % kNewRequestsPerLife;
    moment.bytes =
        dice_() % 2 == 0 ? dice_() % kRequestBytesMax : std::numeric_limits<std::size_t>::max();
    return moment;
  }

  /// One life of the server, to its violent end; whether it ended itself at the point it was told.
  bool live(const ServerProgramWords& words, const KillMoment& moment,
            std::chrono::milliseconds wait_max = {}) {
    ServerProgram server(words);
    std::atomic<bool> killed = false;
    ServerLife life{.port = server.port(), .moment = moment, .kill = [&] {
                      killed = true;
                      server.kill();
                    }};
    std::atomic<std::size_t> at_the_end = 0;
    if (server.port() != 0) {
      std::vector<std::jthread> threads;
      threads.reserve(clients_.size());
      for (auto& client : clients_) {
        threads.emplace_back([&] {
          if (client.live(life, kNewRequestsPerLife)) ++at_the_end;
        });
      }
    }
    const bool killed_by_clients = killed;
    if (!server.has_ended_within(wait_max)) server.kill();
    const auto end = server.end();
    ++kills_;
    const bool crashed = end.said.contains("crashed at ");
    INFO("kill " << kills_ << "; the server said: " << end.said << "\n"
                 << school_.last_log_lines());
    REQUIRE(end.was_killed);
    REQUIRE((server.port() != 0 || crashed));
    // Nobody was turned away by a server that lived.
    for (const auto& client : clients_) {
      for (const auto& fault : client.faults()) FAIL(fault);
    }
    if (!killed_by_clients && !crashed) CHECK(at_the_end == clients_.size());
    return crashed;
  }

  std::mt19937_64 dice_;
  CrashSchool school_;
  std::vector<CrashClient> clients_;
  log::Position furnished_end_ = 0;
  std::size_t kills_ = 0;
  std::map<CrashPoint, std::size_t> met_;
};

}  // namespace

void check_kills(const CrashRunOptions& options) {
  INFO("seed " << options.seed);
  CrashRun run(options);
  for (const auto point : kNamedCrashPoints) run.kill_at(point);
  while (run.kills() < options.kills) run.kill_at_random();
  run.settle();
  run.check();
  run.check_by_commands();
  WARN(run.told());
}

}  // namespace klasboek::tests
