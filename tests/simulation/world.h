#pragma once
// What everybody in a simulation shares: the dice, the true time, and the trace of what happened.
// The same seed gives the same trace, step by step.
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace klasboek::tests {

/// The power of a simulated machine goes, between any two steps of the program on it.
class PowerLoss : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "the power is off"; }
};

class World {
 public:
  explicit World(std::uint64_t seed);

  /// 0 … n - 1.
  std::uint64_t below(std::uint64_t n) { return dice_() % n; }
  bool chance(unsigned per_mille) { return below(1000) < per_mille; }
  /// Something goes wrong: never once the world is calm.
  bool fault(unsigned per_mille) { return !calm_ && chance(per_mille); }
  template <class T>
  T& one_of(std::vector<T>& all) {
    return all[below(all.size())];
  }
  [[nodiscard]] std::mt19937_64& dice() { return dice_; }

  /// The true time, µs UTC; no machine's clock need agree.
  [[nodiscard]] std::int64_t now_us() const { return now_us_; }
  /// What deadlines are measured by: every machine's runs alike.
  [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(now_us_));
  }
  void pass(std::int64_t us) { now_us_ += us; }
  /// From now on all goes wrong that can; the world begins calm.
  void storm() { calm_ = false; }
  /// From now on nothing goes wrong any more.
  void calm_down() { calm_ = true; }

  void note(std::string_view what);
  /// What must hold; where it doesn't, the run has failed.
  void expect(bool holds, std::string_view what);
  /// FNV-1a over everything that was noted.
  [[nodiscard]] std::uint64_t trace_hash() const { return trace_hash_; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  /// The last lines of the trace.
  [[nodiscard]] const std::deque<std::string>& trace() const { return trace_; }

 private:
  std::mt19937_64 dice_;
  std::int64_t now_us_;
  bool calm_ = true;
  std::uint64_t trace_hash_ = 0xcbf29ce484222325;
  std::deque<std::string> trace_;
  std::vector<std::string> violations_;
};

}  // namespace klasboek::tests
