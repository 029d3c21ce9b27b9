#pragma once
// A thread in which a reaction goes round: follows the log, does what is due, rests a little.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

namespace klasboek::reactions {

/// Goes round until it is stopped or goes; a round that can't read log or views is said and tried
/// again half a minute later.
class RoundRun {
 public:
  /// name: of the reaction, for the log; outlives this.
  RoundRun(std::string_view name, std::function<void(const std::stop_token&)> round);
  ~RoundRun();
  RoundRun(const RoundRun&) = delete;
  RoundRun& operator=(const RoundRun&) = delete;

  /// Returns when no round is under way, and none comes.
  void stop();

 private:
  void run(const std::stop_token& stop);

  std::string_view name_;
  std::function<void(const std::stop_token&)> round_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace klasboek::reactions
