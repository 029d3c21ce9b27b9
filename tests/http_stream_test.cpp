// Streamed answers: NDJSON, Server-Sent Events and bodies of a known length, over raw sockets.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "api/http_server.h"
#include "tests/support/raw_http.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;
using std::chrono::milliseconds;
using std::chrono::minutes;

// News of one school, as a view would have them: a growing list that streams read from.
class News {
 public:
  explicit News(std::shared_ptr<StreamBells> bells) : bells_(std::move(bells)) {}

  void add(std::string text) {
    {
      const std::scoped_lock lock(mutex_);
      all_.push_back(std::move(text));
    }
    bells_->ring("school_1");
  }
  // Those from `position` on.
  std::vector<std::string> after(std::size_t position) const {
    const std::scoped_lock lock(mutex_);
    return {all_.begin() + static_cast<std::ptrdiff_t>(position), all_.end()};
  }

 private:
  std::shared_ptr<StreamBells> bells_;
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

// A server whose /news are events, and whose other paths stream in some way of their own.
struct Served {
  explicit Served(HttpServerOptions options = {})
      : server(
            std::move(options), [this](const Request& request) { return answer(request); }, bells) {
    REQUIRE(server.start());
    port = server.port();
  }

  Response answer(const Request& request) {
    if (request.segments[0] == "news") return news_stream(request);
    if (request.segments[0] == "lines") return lines();
    if (request.segments[0] == "endless") return endless();
    if (request.segments[0] == "medium") return medium(request);
    if (request.segments[0] == "breaks") return breaks();
    return ok_json("{}");
  }

  Response news_stream(const Request& request) {
    StreamBody body;
    body.bell = "school_1";
    body.account = request.query.find("account").value_or("");
    body.heartbeat = heartbeat;
    body.next = [this, position = std::size_t{0}](Sink& sink) mutable {
      if (!may_read) return StreamStep::end;
      for (const std::string& text : news.after(position)) {
        ++position;
        sink.write("id: " + std::to_string(position) + "\ndata: " + text + "\n\n");
      }
      ++looks;
      return StreamStep::wait;
    };
    return event_stream(std::move(body));
  }

  // 2,000 lines of 1,000 bytes.
  Response lines() {
    StreamBody body;
    body.next = [line = 0](Sink& sink) mutable {
      while (line < 2'000 && !sink.is_full()) {
        const std::string number = std::to_string(line++);
        sink.write("{\"n\":\"" + std::string(990 - number.size(), ' ') + number + "\"}\n");
      }
      return line == 2'000 ? StreamStep::end : StreamStep::more;
    };
    return ndjson_stream(std::move(body));
  }

  Response endless() {
    StreamBody body;
    body.next = [](Sink& sink) {
      sink.write(std::string(10'000, 'x'));
      return StreamStep::more;
    };
    return ndjson_stream(std::move(body));
  }

  // Promises ten bytes and gives as many as the second segment says.
  Response medium(const Request& request) {
    StreamBody body;
    body.length_bytes = 10;
    body.next = [bytes = std::stoul(request.segments[1])](Sink& sink) {
      sink.write(std::string(bytes, 'm'));
      return StreamStep::end;
    };
    Response response;
    response.content_type = "image/jpeg";
    response.stream = std::move(body);
    return response;
  }

  Response breaks() {
    StreamBody body;
    body.next = [calls = 0](Sink& sink) mutable {
      if (calls++ > 0) throw std::runtime_error("the disk is gone");
      sink.write("{}\n");
      return StreamStep::more;
    };
    return ndjson_stream(std::move(body));
  }

  std::shared_ptr<StreamBells> bells = std::make_shared<StreamBells>();
  News news{bells};
  std::atomic<bool> may_read{true};
  std::atomic<int> looks{0};
  milliseconds heartbeat{minutes(10)};
  HttpServer server;
  std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("an event stream says what there is, sleeps, and goes on when its bell rings") {
  Served served;
  served.news.add("first");
  RawClient client(served.port);
  client.send(get("/news"));
  const RawAnswer head = client.read_head();
  CHECK(head.status == 200);
  CHECK(head.field("content-type") == "text/event-stream");
  CHECK(head.field("cache-control") == "private, no-store");
  CHECK(head.field("transfer-encoding") == "chunked");
  client.read_until("id: 1\ndata: first\n\n");
  for (int i = 2; i < 100; ++i) {
    served.news.add("more");
    client.read_until("id: " + std::to_string(i) + "\ndata: more\n\n");
  }
  CHECK(served.server.figures().streams == 1);
}

TEST_CASE("many sleeping streams hold no thread, and one ring wakes them all") {
  HttpServerOptions options;
  options.workers_max = 2;
  options.streams_per_account_max = 100;
  Served served(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back(served.port);
    clients.back().send(get("/news"));
    CHECK(clients.back().read_head().status == 200);
  }
  CHECK(ask(served.port, get("/plain")).status == 200);
  served.news.add("for all");
  for (RawClient& client : clients) client.read_until("data: for all\n\n");
}

TEST_CASE("a bell that rings for another school wakes nobody, and rings in any number are safe") {
  Served served;
  RawClient client(served.port);
  client.send(get("/news"));
  client.read_head();
  for (int i = 0; i < 1'000; ++i) served.bells->ring("school_2");
  for (int i = 0; i < 1'000; ++i) served.news.add("n");
  client.read_until("id: 1000\n");
}

TEST_CASE("a silent stream sends a heartbeat, and looks whether its reader still may read") {
  Served served;
  served.heartbeat = milliseconds(1);
  RawClient client(served.port);
  client.send(get("/news"));
  client.read_head();
  client.read_until(":\n\n");
  client.read_until(":\n\n");
  served.may_read = false;
  CHECK(client.read_until("\r\n0\r\n\r\n").ends_with("\r\n0\r\n\r\n"));
  client.send(get("/plain"));
  CHECK(client.read_answer().status == 200);
}

TEST_CASE("a reader who leaves gives his place back") {
  HttpServerOptions options;
  options.streams_max = 1;
  Served served(options);
  {
    RawClient first(served.port);
    first.send(get("/news"));
    CHECK(first.read_head().status == 200);
    const RawAnswer refused = ask(served.port, get("/news"));
    CHECK(refused.status == 503);
    CHECK(refused.field("retry-after"));
  }
  // The place is free as soon as the server has seen the end; each try is a whole request.
  int status = 503;
  for (int tries = 0; status == 503 && tries < 10'000; ++tries) {
    RawClient client(served.port);
    client.send(get("/news", "Connection: close\r\n"));
    status = client.read_head().status;
  }
  CHECK(status == 200);
}

TEST_CASE("an account has a number of streams, whatever the others have") {
  HttpServerOptions options;
  options.streams_per_account_max = 2;
  Served served(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(served.port);
    clients.back().send(get("/news?account=a"));
    CHECK(clients.back().read_head().status == 200);
  }
  const RawAnswer refused = ask(served.port, get("/news?account=a"));
  CHECK(refused.status == 429);
  CHECK(refused.code() == "too_many_requests");
  CHECK(refused.field("retry-after"));
  RawClient other(served.port);
  other.send(get("/news?account=b"));
  CHECK(other.read_head().status == 200);
}

TEST_CASE("HEAD of a stream is its head, and takes no place") {
  HttpServerOptions options;
  options.streams_max = 1;
  Served served(options);
  RawClient client(served.port);
  client.send("HEAD /news HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_answer(true).field("content-type") == "text/event-stream");
  CHECK(served.server.figures().streams == 0);
  client.send(get("/news"));
  CHECK(client.read_head().status == 200);
}

TEST_CASE("a long stream arrives whole at a slow reader, and the connection goes on") {
  Served served;
  RawClient slow = RawClient::with_small_buffer(served.port);
  slow.send(get("/lines"));
  const RawAnswer answered = slow.read_answer();
  CHECK(answered.field("content-type") == "application/x-ndjson");
  REQUIRE(answered.body.size() == 2'000UL * 999);
  CHECK(std::ranges::count(answered.body, '\n') == 2'000);
  CHECK(answered.body.ends_with("1999\"}\n"));
  slow.send(get("/plain"));
  CHECK(slow.read_answer().status == 200);
}

TEST_CASE("a reader who takes nothing is cut off in the end") {
  HttpServerOptions options;
  options.write_time = milliseconds(20);
  options.bytes_per_second_min = 1'000'000;
  Served served(options);
  RawClient stuck = RawClient::with_small_buffer(served.port);
  stuck.send(get("/endless"));
  stuck.read_head();
  // Nothing is read until the server has given up; then the connection ends without a last chunk.
  while (served.server.figures().connections > 0) {
    CHECK(ask(served.port, get("/plain", "Connection: close\r\n")).status == 200);
    if (served.server.figures().streams == 0) break;
  }
  CHECK(stuck.read_to_end().find("\r\n0\r\n\r\n") == std::string::npos);
}

TEST_CASE("a stream of known length keeps its word or is cut") {
  Served served;
  RawClient client(served.port);
  client.send(get("/medium/10"));
  const RawAnswer whole = client.read_answer();
  CHECK(whole.field("content-length") == "10");
  CHECK(whole.field("content-type") == "image/jpeg");
  CHECK(whole.body == std::string(10, 'm'));
  client.send(get("/medium/9"));
  CHECK(client.read_head().status == 200);
  client.read_to_end();
  RawClient other(served.port);
  other.send(get("/medium/11"));
  CHECK(other.read_head().status == 200);
  CHECK(other.read_to_end().size() < 11);
}

TEST_CASE("a stream that breaks is cut, so that nobody takes the part for the whole") {
  Served served;
  RawClient client(served.port);
  client.send(get("/breaks"));
  CHECK(client.read_head().status == 200);
  CHECK(client.read_to_end().find("0\r\n\r\n") == std::string::npos);
  CHECK(served.server.figures().faults == 1);
}

TEST_CASE("a client of HTTP/1.0 gets a stream without chunks, ended by the connection") {
  Served served;
  RawClient client(served.port);
  client.send("GET /lines HTTP/1.0\r\n\r\n");
  const RawAnswer answered = client.read_answer();
  CHECK_FALSE(answered.field("transfer-encoding"));
  CHECK(answered.body.size() == 2'000UL * 999);
}

TEST_CASE("stopping ends sleeping streams in good order") {
  Served served;
  served.news.add("first");
  RawClient client(served.port);
  client.send(get("/news"));
  client.read_head();
  client.read_until("data: first\n\n");
  CHECK(served.server.stop(minutes(1)));
  CHECK(client.read_to_end().ends_with("0\r\n\r\n"));
}

TEST_CASE("stopping cuts what doesn't end by itself, at its bound") {
  Served served;
  RawClient stuck = RawClient::with_small_buffer(served.port);
  stuck.send(get("/endless"));
  stuck.read_head();
  CHECK_FALSE(served.server.stop(milliseconds(20)));
  CHECK(stuck.read_to_end().find("\r\n0\r\n\r\n") == std::string::npos);
}

}  // namespace klasboek::tests
