// Log-ins are dear by design. Whoever floods the door with them waits himself, and nobody else.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "api/http_server.h"
#include "tests/support/api_school.h"
#include "tests/support/raw_http.h"

namespace klasboek::tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFlooders = 60;
constexpr int kReads = 100;
/// Beyond this the door itself answers 503, so a reader who waits longer has been shut out.
constexpr std::chrono::seconds kPatience{1};

/// Sixty clients who try passwords, each the next as soon as the one before was answered.
class Flood {
 public:
  explicit Flood(std::uint16_t port) {
    for (int i = 0; i < kFlooders; ++i) clients_.emplace_back(port);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) round();
    });
  }
  /// How often the flood has been answered by a look at the password, and by being told to wait.
  std::atomic<int> tried{0};
  std::atomic<int> put_off{0};
  std::atomic<int> otherwise{0};

 private:
  void round() {
    const auto attempt =
        post("/v1/sessions", R"({"email":"mother@example.org","password":"a guess, and wrong"})");
    for (auto& client : clients_) client.send(attempt);
    for (auto& client : clients_) {
      const auto answer = client.read_answer();
      if (answer.status == 401) {
        ++tried;
      } else if (answer.status == 429 && answer.field("Retry-After")) {
        ++put_off;
      } else {
        ++otherwise;
      }
    }
  }

  std::vector<RawClient> clients_;
  std::jthread thread_;
};

TEST_CASE("a flood of log-ins leaves feeds alone, and is told when to come back") {
  ApiSchool school;
  api::Application application(school.installation().node(), {});
  api::HttpServer server({},
                         [&](const api::Request& request) { return application.handle(request); });
  REQUIRE(server.start());
  const auto feed =
      get(school.root() + "/feed", "Authorization: Bearer " + school.token_of("mother") + "\r\n");
  std::optional<RawClient> reader;
  std::vector<Clock::duration> waits;
  {
    const Flood flood(server.port());
    while (flood.tried == 0) std::this_thread::yield();
    for (int i = 0; i < kReads || flood.put_off == 0; ++i) {
      // A connection is good for a thousand requests, and the flood may take longer to be put off.
      if (i % kReads == 0) reader.emplace(server.port());
      const auto asked = Clock::now();
      reader->send(feed);
      REQUIRE(reader->read_answer().status == 200);
      waits.push_back(Clock::now() - asked);
    }
    CHECK(flood.put_off > 0);
    CHECK(flood.otherwise == 0);
  }
  std::ranges::sort(waits);
  CHECK(waits[waits.size() * 99 / 100] < kPatience);
}

}  // namespace
}  // namespace klasboek::tests
