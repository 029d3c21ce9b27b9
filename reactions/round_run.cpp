#include "reactions/round_run.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace klasboek::reactions {

namespace {

/// A look at the log's tail and at what is due costs microseconds.
constexpr std::chrono::milliseconds kBetweenRounds{500};
constexpr std::chrono::milliseconds kAfterFault{30'000};

}  // namespace

RoundRun::RoundRun(std::string_view name, std::function<void(const std::stop_token&)> round)
    : name_(name), round_(std::move(round)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

RoundRun::~RoundRun() { stop(); }

void RoundRun::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void RoundRun::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto rest = kBetweenRounds;
    try {
      round_(stop);
    } catch (const std::exception& fault) {
      // What it says names positions and files only.
      spdlog::error("{}: {}", name_, fault.what());
      rest = kAfterFault;
    }
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, stop, rest, [] { return false; });
  }
}

}  // namespace klasboek::reactions
