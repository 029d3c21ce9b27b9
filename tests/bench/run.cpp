#include "tests/bench/run.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>

namespace klasboek::bench {

double Run::per_second() const { return static_cast<double>(latencies_us.size()) / elapsed_s; }

double Run::processor_us_each() const {
  constexpr double kUsPerS = 1e6;
  return processor_s * kUsPerS / static_cast<double>(latencies_us.size());
}

double processor_seconds() {
  timespec taken{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &taken);
  constexpr double kNsPerS = 1e9;
  return static_cast<double>(taken.tv_sec) + static_cast<double>(taken.tv_nsec) / kNsPerS;
}

double Run::percentile_ms(double share) const {
  assert(!latencies_us.empty());
  const auto rank = std::ceil(share * static_cast<double>(latencies_us.size()));
  const auto at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return latencies_us[std::min(at, latencies_us.size() - 1)] / 1000;
}

Run run_closed_loop(std::size_t clients, const Until& until,
                    const std::function<void(std::size_t client)>& call) {
  Run run;
  std::mutex mutex;
  std::exception_ptr fault;
  std::atomic<std::size_t> begun{0};
  const double processor_before_s = processor_seconds();
  const auto start = Clock::now();
  const auto end = start + until.time;
  const auto be_client = [&](std::size_t client) {
    std::vector<double> latencies_us;
    std::exception_ptr own_fault;
    try {
      auto now = Clock::now();
      while (now < end && begun.fetch_add(1) < until.calls) {
        call(client);
        const auto answered = Clock::now();
        latencies_us.push_back(std::chrono::duration<double, std::micro>(answered - now).count());
        now = answered;
      }
    } catch (...) {
      own_fault = std::current_exception();
      begun = until.calls;
    }
    const std::lock_guard lock(mutex);
    run.latencies_us.insert(run.latencies_us.end(), latencies_us.begin(), latencies_us.end());
    if (own_fault) fault = own_fault;
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t client = 0; client < clients; ++client) {
      threads.emplace_back(be_client, client);
    }
  }
  if (fault) std::rethrow_exception(fault);
  run.elapsed_s = seconds_since(start);
  run.processor_s = processor_seconds() - processor_before_s;
  std::ranges::sort(run.latencies_us);
  return run;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  assert(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace klasboek::bench
