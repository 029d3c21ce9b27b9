// The door under load: slow clients, too many clients, handlers that block.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "api/http_server.h"
#include "tests/support/raw_http.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;
using std::chrono::milliseconds;
using std::chrono::minutes;

// Holds handlers until it is opened, and tells how many are inside.
class Gate {
 public:
  ~Gate() { open(); }

  void pass() {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
    --inside_;
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait_inside(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool is_open_ = false;
};

struct Served {
  explicit Served(HttpServerOptions options = {})
      : server(std::move(options), [this](const Request& request) {
          if (request.path == "/slow") gate.pass();
          return ok_json(std::to_string(request.body.size()));
        }) {
    REQUIRE(server.start());
    port = server.port();
  }
  ~Served() { gate.open(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  Gate gate;
  HttpServer server;
  std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("300 dripping clients and as many silent ones starve nobody") {
  HttpServerOptions options;
  options.workers_max = 2;
  Served served(options);
  std::vector<RawClient> silent;
  std::vector<RawClient> dripping;
  for (int i = 0; i < 300; ++i) {
    silent.emplace_back(served.port);
    dripping.emplace_back(served.port);
  }
  const std::string request = get("/echo");
  RawClient other(served.port);
  // Each round every dripper sends one byte, and somebody else wants to be served meanwhile.
  for (std::size_t at = 0; at + 1 < request.size(); ++at) {
    for (RawClient& client : dripping) client.send(std::string_view(request).substr(at, 1));
    other.send(request);
    CHECK(other.read_answer().status == 200);
  }
  CHECK(served.server.figures().workers == 2);
  for (RawClient& client : dripping) {
    client.send(std::string_view(request).substr(request.size() - 1));
    CHECK(client.read_answer().status == 200);
  }
}

TEST_CASE("a thousand kept connections are served by a few threads") {
  HttpServerOptions options;
  options.workers_max = 4;
  Served served(options);
  std::vector<RawClient> clients;
  clients.reserve(1'000);
  for (int i = 0; i < 1'000; ++i) clients.emplace_back(served.port);
  for (RawClient& client : clients) client.send(get("/echo"));
  for (RawClient& client : clients) CHECK(client.read_answer().status == 200);
  CHECK(served.server.figures().connections == 1'000);
  CHECK(served.server.figures().workers <= 4);
}

TEST_CASE("the crew grows while handlers block, so that others are served") {
  HttpServerOptions options;
  options.workers_min = 1;
  options.workers_max = 20;
  options.queue_time = minutes(1);
  Served served(options);
  std::vector<RawClient> blocked;
  for (int i = 0; i < 10; ++i) {
    blocked.emplace_back(served.port);
    blocked.back().send(get("/slow"));
  }
  served.gate.wait_inside(10);
  CHECK(ask(served.port, get("/echo")).status == 200);
  CHECK(served.server.figures().workers >= 11);
  served.gate.open();
  for (RawClient& client : blocked) CHECK(client.read_answer().status == 200);
}

TEST_CASE("when all threads block for too long, others hear 503 soon, and 200 again afterwards") {
  HttpServerOptions options;
  options.workers_min = 1;
  options.workers_max = 3;
  options.queue_time = milliseconds(40);
  Served served(options);
  std::vector<RawClient> blocked;
  for (int i = 0; i < 3; ++i) {
    blocked.emplace_back(served.port);
    blocked.back().send(get("/slow"));
    served.gate.wait_inside(i + 1);
  }
  RawClient kept(served.port);
  for (int i = 0; i < 3; ++i) {
    kept.send(post("/echo", "{}"));
    const RawAnswer refused = kept.read_answer();
    CHECK(refused.status == 503);
    CHECK(refused.code() == "unavailable");
    CHECK(refused.field("retry-after"));
    kept.send(get("/livez"));
    CHECK(kept.read_answer().status == 200);
  }
  CHECK(served.server.figures().requests_shed == 3);
  served.gate.open();
  const auto over = std::chrono::steady_clock::now();
  for (RawClient& client : blocked) CHECK(client.read_answer().status == 200);
  int status = 503;
  for (int tries = 0; status == 503 && tries < 10'000; ++tries) {
    kept.send(get("/echo"));
    status = kept.read_answer().status;
  }
  CHECK(status == 200);
  CHECK(std::chrono::steady_clock::now() - over < std::chrono::seconds(5));
}

TEST_CASE("a client beyond the maximum hears 503, unless somebody's idle place can be had") {
  HttpServerOptions options;
  options.connections_max = 3;
  options.evictable_after = milliseconds(1);
  Served served(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(served.port);
    clients.back().send(get("/slow"));
  }
  served.gate.wait_inside(3);
  for (int i = 0; i < 5; ++i) {
    RawClient refused(served.port);
    const RawAnswer answered = refused.read_answer();
    CHECK(answered.status == 503);
    CHECK(answered.field("retry-after"));
    CHECK(answered.field("connection") == "close");
  }
  served.gate.open();
  for (RawClient& client : clients) CHECK(client.read_answer().status == 200);
  // All three are idle now, so the first of them makes room as soon as the server knows it.
  int status = 503;
  while (status == 503) {
    RawClient next(served.port);
    next.send_some(get("/echo"));
    status = next.read_answer().status;
  }
  CHECK(status == 200);
  CHECK(served.server.figures().connections_evicted >= 1);
}

TEST_CASE("large bodies share an allowance, small ones always come in") {
  HttpServerOptions options;
  options.body_bytes_max = 1'000'000;
  options.bodies_bytes_max = 500'000;
  Served served(options);
  RawClient first(served.port);
  const std::string large = post("/slow", std::string(400'000, 'x'));
  first.send(large);
  served.gate.wait_inside(1);
  RawClient second(served.port);
  second.send_some(large);
  const RawAnswer refused = second.read_answer();
  CHECK(refused.status == 503);
  CHECK(refused.field("retry-after"));
  CHECK(ask(served.port, post("/echo", std::string(60'000, 'x'))).body == "60000");
  served.gate.open();
  CHECK(first.read_answer().body == "400000");
  CHECK(ask(served.port, large).status == 200);
}

TEST_CASE("a request under way is answered before the server stops") {
  Served served;
  RawClient client(served.port);
  client.send(get("/slow"));
  served.gate.wait_inside(1);
  std::atomic<bool> was_whole{false};
  std::jthread stopping([&] { was_whole = served.server.stop(minutes(1)); });
  // Once nobody is let in any more the stop has begun; what is inside is still answered.
  for (;;) {
    try {
      RawClient late(served.port);
      late.read_to_end();
    } catch (const std::exception&) {
      break;
    }
  }
  served.gate.open();
  const RawAnswer answered = client.read_answer();
  CHECK(answered.status == 200);
  CHECK(answered.field("connection") == "close");
  stopping.join();
  CHECK(was_whole);
}

TEST_CASE("a half-sent request doesn't hold up a stop beyond its bound") {
  Served served;
  RawClient half(served.port);
  half.send("GET /echo HTTP/1.1\r\nHo");
  CHECK(ask(served.port, get("/echo")).status == 200);
  served.server.stop(milliseconds(20));
  CHECK(half.read_to_end().empty());
}

}  // namespace klasboek::tests
