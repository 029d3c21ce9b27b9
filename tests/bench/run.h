#pragma once
// What came of a number of clients who asked one thing after another, and how long each waited.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace klasboek::bench {

struct Run {
  double elapsed_s = 0;
  /// What all threads of this program took of the processor, the clients' too.
  double processor_s = 0;
  /// Of what was done, sorted.
  std::vector<double> latencies_us;
  /// Answers that said no, and the first of them.
  std::size_t refused = 0;
  std::string first_refusal;

  [[nodiscard]] double per_second() const;
  /// Of the processor. REQUIRES: something was done.
  [[nodiscard]] double processor_us_each() const;
  /// `share` 0 … 1: half of the latencies are at most percentile_ms(0.5). REQUIRES: any.
  [[nodiscard]] double percentile_ms(double share) const;
};

/// When clients stop: at a number of calls in all, or when the time is over.
struct Until {
  std::chrono::duration<double> time = std::chrono::hours(1);
  std::size_t calls = SIZE_MAX;
};

/// `clients` threads, each calling `call(client)` again and again, until all have stopped. A call
/// that throws ends the run with that exception.
Run run_closed_loop(std::size_t clients, const Until& until,
                    const std::function<void(std::size_t client)>& call);

/// What all threads of this program took of the processor until now.
double processor_seconds();

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start);

/// The one in the middle. REQUIRES: any.
double median(std::vector<double> values);

}  // namespace klasboek::bench
