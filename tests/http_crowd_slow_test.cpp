// What a crowd of idle and slow clients costs the others, in time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "api/http_server.h"
#include "tests/support/raw_http.h"

namespace klasboek::tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKept = 1'000;
constexpr int kDripping = 300;
constexpr int kReads = 900;  // a connection is good for a thousand
constexpr std::chrono::milliseconds kDripEvery{20};
constexpr std::chrono::milliseconds kWaitMax{50};

}  // namespace

TEST_CASE("beside a thousand kept and 300 dripping clients others wait at most 50 ms at p99") {
  api::HttpServer server({}, [](const api::Request&) { return api::ok_json("{}"); });
  REQUIRE(server.start());
  std::vector<RawClient> kept;
  for (int i = 0; i < kKept; ++i) kept.emplace_back(server.port());
  for (auto& client : kept) client.send(get("/"));
  for (auto& client : kept) CHECK(client.read_answer().status == 200);
  std::vector<RawClient> dripping;
  for (int i = 0; i < kDripping; ++i) dripping.emplace_back(server.port());
  for (auto& client : dripping) client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
  std::mutex mutex;
  std::condition_variable_any ended;
  const std::jthread drip([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (auto& client : dripping) client.send_some("x");
      std::unique_lock lock(mutex);
      ended.wait_for(lock, stop, kDripEvery, [] { return false; });
    }
  });
  RawClient other(server.port());
  std::vector<Clock::duration> waits;
  for (int i = 0; i < kReads; ++i) {
    const auto asked = Clock::now();
    other.send(get("/"));
    REQUIRE(other.read_answer().status == 200);
    waits.push_back(Clock::now() - asked);
  }
  std::ranges::sort(waits);
  CHECK(waits[waits.size() * 99 / 100] < kWaitMax);
  // Nobody of the crowd was thrown out for it.
  CHECK(server.figures().connections >= kKept + 1);
}

}  // namespace klasboek::tests
