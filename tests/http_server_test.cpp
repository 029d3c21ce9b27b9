// The door, tried with raw sockets: one test for each pitfall that cpp-httplib is known for.
#include "api/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>

#include "api/problem.h"
#include "api/router.h"
#include "tests/support/raw_http.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What the test routes answer: the request as the handler saw it.
Response echo(const Request& request, const PathParameters& parameters) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::string(method_name(request.method)) + " from " + request.remote_addr;
  for (const PathParameter& parameter : parameters.all()) {
    response.body += " " + std::string(parameter.name) + "=" + std::string(parameter.value);
  }
  response.body += " body=" + request.body;
  return response;
}

const std::vector<RoutePattern>& routes() {
  static const std::vector<RoutePattern> all = {
      {Method::get, "/echo/{id}", 0},  {Method::post, "/echo/{id}", 0},
      {Method::get, "/nothing", 1},    {Method::get, "/large", 2},
      {Method::get, "/throws", 3},     {Method::get, "/throws-int", 4},
      {Method::get, "/bad-header", 5}, {Method::delete_, "/echo/{id}", 0}};
  return all;
}

Response answer_route(const Request& request, const RouteFound& found) {
  switch (found.index) {
    case 1:
      return no_content();
    case 2: {
      Response response = ok_json(std::string(2'000, ' '));
      response.may_compress = true;
      return response;
    }
    case 3:
      throw std::runtime_error("the path is /secret/place");
    case 4:
      throw 7;
    case 5: {
      Response response = no_content();
      response.add_header("Location", "/a\r\nSet-Cookie: b=c");
      return response;
    }
    default:
      return echo(request, found.parameters);
  }
}

Response answer(const Request& request) {
  static const Router router = *Router::build(routes());
  const RouteResult result = router.find(request.method, request.segments);
  if (const auto* found = std::get_if<RouteFound>(&result)) return answer_route(request, *found);
  if (const auto* refused = std::get_if<RouteMethodNotAllowed>(&result)) {
    return to_response(method_not_allowed(refused->allow), request.request_id);
  }
  if (const auto* options = std::get_if<RouteOptions>(&result)) {
    return options_response(options->allow);
  }
  return to_response(not_found(), request.request_id);
}

struct Served {
  explicit Served(HttpServerOptions options = {}) : server(std::move(options), answer) {
    const auto started = server.start();
    REQUIRE(started);
    port = server.port();
  }

  HttpServer server;
  std::uint16_t port = 0;
};

// This process's descriptor of the server's side of a connection (`peer_port`), or of its
// listening socket (0).
int server_descriptor(std::uint16_t port, std::uint16_t peer_port) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t length = sizeof own;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) != 0) continue;
    if (own.sin_family != AF_INET || ntohs(own.sin_port) != port) continue;
    length = sizeof peer;
    const bool has_peer = ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
    if (has_peer ? ntohs(peer.sin_port) == peer_port : peer_port == 0) return fd;
  }
  return -1;
}

}  // namespace

TEST_CASE("the end of an answer doesn't wait for the client: TCP_NODELAY is on") {
  Served served;
  RawClient client(served.port);
  client.send(get("/echo/1"));
  CHECK(client.read_answer().status == 200);
  const int fd = server_descriptor(served.port, client.local_port());
  REQUIRE(fd >= 0);
  int is_on = 0;
  socklen_t length = sizeof is_on;
  REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &is_on, &length) == 0);
  CHECK(is_on != 0);
}

TEST_CASE("a connection is good for many requests, and its last answer says that it is") {
  HttpServerOptions options;
  options.requests_per_connection_max = 50;
  Served served(options);
  RawClient client(served.port);
  for (int i = 1; i <= 50; ++i) {
    client.send(get("/echo/" + std::to_string(i)));
    const RawAnswer answered = client.read_answer();
    CHECK(answered.status == 200);
    CHECK(answered.field("connection") == (i == 50 ? std::optional("close") : std::nullopt));
  }
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a thousand clients may knock at once: the backlog is long") {
  Served served;
  const int fd = server_descriptor(served.port, 0);
  REQUIRE(fd >= 0);
  tcp_info state{};
  socklen_t length = sizeof state;
  REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &length) == 0);
  CHECK(state.tcpi_sacked >= 1024);  // of a listening socket: the length of its backlog
}

TEST_CASE("a chunked request is refused before its body is read") {
  Served served;
  const std::string head = "POST /echo/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  RawClient client(served.port);
  client.send(head);  // no body follows, so an answer proves that none was waited for
  const RawAnswer answered = client.read_answer();
  CHECK(answered.status == 411);
  CHECK(answered.code() == "length_required");
  CHECK(answered.field("connection") == "close");
}

TEST_CASE("a body of two lengths is refused: Content-Length with Transfer-Encoding, or twice") {
  Served served;
  const std::string start = "POST /echo/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";
  CHECK(ask(served.port, start + "Transfer-Encoding: chunked\r\n\r\n{}").status == 400);
  CHECK(ask(served.port, start + "Content-Length: 2\r\n\r\n{}").status == 400);
  CHECK(ask(served.port, start + "content-length: 3\r\n\r\n{}").status == 400);
}

TEST_CASE("header fields, their bytes and the path have limits") {
  Served served;
  std::string fields;
  for (int i = 0; i < 99; ++i) fields += "x-" + std::to_string(i) + ": v\r\n";
  CHECK(ask(served.port, get("/echo/1", fields)).status == 200);
  CHECK(ask(served.port, get("/echo/1", fields + "x-one-more: v\r\n")).status == 431);
  CHECK(ask(served.port, get("/echo/1", "x: " + std::string(17'000, 'v') + "\r\n")).status == 431);
  CHECK(ask(served.port, get("/echo/" + std::string(1'018, 'a'))).status == 200);
  CHECK(ask(served.port, get("/echo/" + std::string(1'019, 'a'))).status == 414);
  // Without an end in sight, too.
  CHECK(ask(served.port, "GET /" + std::string(20'000, 'a')).status == 414);
  CHECK(ask(served.port, "GET / HTTP/1.1\r\nx: " + std::string(20'000, 'a')).status == 431);
}

TEST_CASE("paths and ranges that would send a regular expression deep are nothing special") {
  Served served;
  CHECK(ask(served.port, get("/" + std::string(500, '/') + "a")).status == 404);
  std::string ranges = "bytes=0-0";
  for (int i = 0; i < 2'000; ++i) ranges += ",0-0";
  const RawAnswer answered = ask(served.port, get("/large", "Range: " + ranges + "\r\n"));
  CHECK(answered.status == 200);
  CHECK(answered.body.size() == 2'000);
}

TEST_CASE("Range isn't answered by itself: the whole body comes once") {
  Served served;
  const RawAnswer answered = ask(served.port, get("/large", "Range: bytes=0-9,0-9\r\n"));
  CHECK(answered.status == 200);
  CHECK(answered.body.size() == 2'000);
  CHECK_FALSE(answered.field("content-range"));
}

TEST_CASE("brotli is never used, gzip only where the answer allows it and it is worth it") {
  Served served;
  const auto encoding = [&](std::string_view path, std::string_view accept) {
    return ask(served.port, get(path, "Accept-Encoding: " + std::string(accept) + "\r\n"))
        .field("content-encoding");
  };
  CHECK_FALSE(encoding("/large", "br"));
  CHECK(encoding("/large", "br, gzip") == "gzip");
  CHECK(encoding("/large", "deflate,  GZIP") == "gzip");
  CHECK_FALSE(encoding("/large", "identity"));
  CHECK_FALSE(encoding("/echo/1", "gzip"));
}

TEST_CASE("what a handler throws stays inside, and the operator hears of it") {
  std::mutex mutex;
  std::vector<std::string> faults;
  HttpServerOptions options;
  options.on_fault = [&](std::string_view, std::string_view what) {
    const std::scoped_lock lock(mutex);
    faults.emplace_back(what);
  };
  Served served(options);
  RawClient client(served.port);
  for (const char* path : {"/throws", "/throws-int"}) {
    client.send(get(path));
    const RawAnswer answered = client.read_answer();
    CHECK(answered.status == 500);
    CHECK(answered.code() == "internal_error");
    CHECK_FALSE(answered.field("exception_what"));
    CHECK((answered.head + answered.body).find("secret") == std::string::npos);
  }
  CHECK(served.server.figures().faults == 2);
  const std::scoped_lock lock(mutex);
  REQUIRE(faults.size() == 2);
  CHECK(faults[0] == "the path is /secret/place");
}

TEST_CASE("a header value of two lines isn't sent") {
  Served served;
  const RawAnswer answered = ask(served.port, get("/bad-header"));
  CHECK(answered.status == 500);
  CHECK(answered.head.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("a client's word about its address counts only through a trusted proxy") {
  const std::string claims = "REMOTE_ADDR: 9.9.9.9\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.5\r\n";
  {
    Served served;
    CHECK(ask(served.port, get("/echo/1", claims)).body == "GET from 127.0.0.1 id=1 body=");
  }
  HttpServerOptions options;
  options.trusted_proxies = {"127.0.0.0/8", "10.1.2.3"};
  Served served(options);
  const auto from = [&](std::string_view fields) {
    const std::string body = ask(served.port, get("/echo/1", fields)).body;
    return body.substr(9, body.find(" id=") - 9);
  };
  // The last hop that no trusted proxy wrote is the client; what it claims itself isn't believed.
  CHECK(from(claims) == "203.0.113.5");
  CHECK(from("X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-For: 10.1.2.3\r\n") == "203.0.113.5");
  CHECK(from("X-Forwarded-For: [2001:db8::7]:4711\r\n") == "2001:db8::7");
  CHECK(from("X-Forwarded-For: 203.0.113.5, nonsense\r\n") == "127.0.0.1");
  CHECK(from("") == "127.0.0.1");
}

TEST_CASE("a wrong method is answered 405 with those that the path takes") {
  Served served;
  const RawAnswer refused =
      ask(served.port, "PATCH /echo/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  CHECK(refused.status == 405);
  CHECK(refused.field("allow") == "GET, HEAD, POST, DELETE, OPTIONS");
  CHECK(refused.code() == "method_not_allowed");
  const RawAnswer options = ask(served.port, "OPTIONS /echo/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.field("allow") == "GET, HEAD, POST, DELETE, OPTIONS");
  const RawAnswer all = ask(served.port, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(all.status == 204);
  CHECK(all.field("allow"));
}

TEST_CASE("HEAD is answered like GET, without the body") {
  Served served;
  RawClient client(served.port);
  client.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const RawAnswer head = client.read_answer(true);
  CHECK(head.status == 200);
  CHECK(head.field("content-length") == "2000");
  client.send(get("/echo/1"));
  CHECK(client.read_answer().body == "GET from 127.0.0.1 id=1 body=");
}

TEST_CASE("204 has no Content-Length, so nobody waits for a body") {
  Served served;
  const RawAnswer answered = ask(served.port, get("/nothing"));
  CHECK(answered.status == 204);
  CHECK_FALSE(answered.field("content-length"));
  CHECK_FALSE(answered.field("transfer-encoding"));
}

TEST_CASE("POST without a length is refused at once") {
  Served served;
  RawClient client(served.port);
  client.send("POST /echo/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.read_answer().status == 411);
}

TEST_CASE("a request without Host, or with a strange one, is refused") {
  Served served;
  CHECK(ask(served.port, "GET /echo/1 HTTP/1.1\r\n\r\n").status == 400);
  CHECK(ask(served.port, "GET /echo/1 HTTP/1.1\r\nHost:\r\n\r\n").status == 400);
  CHECK(ask(served.port, "GET /echo/1 HTTP/1.1\r\nHost: a b\r\n\r\n").status == 400);
  CHECK(ask(served.port, "GET /echo/1 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").status == 400);
}

TEST_CASE("a host that isn't served is told so") {
  HttpServerOptions options;
  options.served_hosts = {"School.example", "[::1]"};
  Served served(options);
  const auto status = [&](const std::string& host) {
    return ask(served.port, "GET /echo/1 HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  CHECK(status("school.example") == 200);
  CHECK(status("school.example:8443") == 200);
  CHECK(status("[::1]:80") == 200);
  CHECK(status("evil.example") == 421);
  CHECK(ask(served.port, "GET http://evil.example/echo/1 HTTP/1.1\r\nHost: school.example\r\n\r\n")
            .status == 421);
}

TEST_CASE("requests sent in one go are answered in order, each with its own body") {
  Served served;
  RawClient client(served.port);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += i % 2 == 0 ? get("/echo/" + std::to_string(i))
                      : post("/echo/" + std::to_string(i), "{\"n\":" + std::to_string(i) + "}");
  }
  client.send(all);
  for (int i = 0; i < 100; ++i) {
    const std::string body = client.read_answer().body;
    CHECK(body.find(" id=" + std::to_string(i) + " ") != std::string::npos);
    CHECK((i % 2 == 0 || body.ends_with("{\"n\":" + std::to_string(i) + "}")));
  }
}

TEST_CASE("an encoded slash belongs to its segment, and zero bytes are refused") {
  Served served;
  CHECK(ask(served.port, get("/echo/a%2Fb")).body == "GET from 127.0.0.1 id=a/b body=");
  CHECK(ask(served.port, get("/echo/a%00b")).status == 400);
  CHECK(ask(served.port, get(std::string("/echo/a\0b", 9))).status == 400);
}

TEST_CASE("stopping doesn't wait for idle connections") {
  HttpServerOptions options;
  options.keep_alive = std::chrono::minutes(10);
  Served served(options);
  std::vector<RawClient> idle;
  for (int i = 0; i < 20; ++i) {
    idle.emplace_back(served.port);
    idle.back().send(get("/echo/1"));
    CHECK(idle.back().read_answer().status == 200);
  }
  const auto began = steady_clock::now();
  CHECK(served.server.stop(std::chrono::minutes(1)));
  CHECK(steady_clock::now() - began < std::chrono::seconds(10));
  for (RawClient& client : idle) CHECK(client.read_to_end().empty());
  CHECK_THROWS(RawClient(served.port));
}

TEST_CASE("a server that can't listen says why and what to do") {
  Served first;
  HttpServerOptions options;
  options.port = first.port;
  HttpServer second(options, answer);
  const auto taken = second.start();
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == StartFaultKind::address_in_use);
  CHECK(taken.error().message.find("port " + std::to_string(first.port)) != std::string::npos);
  const auto kind = [](HttpServerOptions wrong) {
    HttpServer server(std::move(wrong), answer);
    const auto started = server.start();
    REQUIRE_FALSE(started);
    CHECK_FALSE(started.error().message.empty());
    return started.error().kind;
  };
  CHECK(kind({.host = "192.0.2.1"}) == StartFaultKind::address_unusable);
  CHECK(kind({.host = "not an address"}) == StartFaultKind::address_unusable);
  CHECK(kind({.trusted_proxies = {"10.0.0.0/33"}}) == StartFaultKind::bad_option);
  CHECK(kind({.connections_max = 0}) == StartFaultKind::bad_option);
  CHECK(kind({.workers_min = 0}) == StartFaultKind::bad_option);
  CHECK(kind({.connections_max = 1'000'000'000}) == StartFaultKind::too_few_files);
}

TEST_CASE("HTTP/1.0 is understood and closed after its answer") {
  Served served;
  RawClient client(served.port);
  client.send("GET /echo/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.read_answer().status == 200);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a body that comes in pieces, or after 100 Continue, is handled as one") {
  Served served;
  RawClient client(served.port);
  const std::string request = post("/echo/1", "{\"a\":1}");
  for (const char byte : request) client.send(std::string_view(&byte, 1));
  CHECK(client.read_answer().body == "POST from 127.0.0.1 id=1 body={\"a\":1}");
  client.send(
      "POST /echo/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("{}");
  CHECK(client.read_answer().body == "POST from 127.0.0.1 id=2 body={}");
  client.send("POST /echo/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: magic\r\n\r\n");
  CHECK(client.read_answer().status == 417);
}

TEST_CASE("a body beyond the maximum of its route is refused unread, and the client hears it") {
  HttpServerOptions options;
  options.body_bytes_max_of = [](Method, const std::vector<std::string>& segments) {
    return segments.back() == "media" ? std::uint64_t{300'000} : std::uint64_t{1'000};
  };
  Served served(options);
  CHECK(ask(served.port, post("/echo/media", std::string(300'000, 'x'))).status == 200);
  CHECK(ask(served.port, post("/echo/post", std::string(1'000, 'x'))).status == 200);
  RawClient client(served.port);
  client.send_some(post("/echo/post", std::string(200'000, 'x')));
  const RawAnswer refused = client.read_answer();
  CHECK(refused.status == 413);
  CHECK(refused.code() == "body_too_large");
}

TEST_CASE("a request that takes too long to arrive is answered 408") {
  HttpServerOptions options;
  options.head_time = milliseconds(20);
  options.request_time = milliseconds(20);
  Served served(options);
  RawClient in_head(served.port);
  in_head.send("GET /echo/1 HTTP/1.1\r\nHost");
  CHECK(in_head.read_answer().code() == "request_timeout");
  RawClient in_body(served.port);
  in_body.send("POST /echo/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{");
  CHECK(in_body.read_answer().status == 408);
}

TEST_CASE("an idle connection is closed in silence when its time is over") {
  HttpServerOptions options;
  options.keep_alive = milliseconds(20);
  Served served(options);
  RawClient never_spoke(served.port);
  CHECK(never_spoke.read_to_end().empty());
  CHECK_FALSE(never_spoke.was_reset());
}

TEST_CASE("each answer has a date, and each request an id and a trace") {
  std::mutex mutex;
  std::vector<std::string> seen;
  HttpServerOptions options;
  options.trusted_proxies = {"127.0.0.1"};
  options.default_headers = {{"X-Content-Type-Options", "nosniff"}};
  options.on_answered = [&](const AnsweredRequest& request) {
    const std::scoped_lock lock(mutex);
    seen.push_back(std::string(request.request_id) + " " + std::string(request.traceparent));
  };
  Served served(options);
  const RawAnswer answered = ask(
      served.port, get("/echo/1",
                       "X-Request-Id: from-proxy_1\r\n"
                       "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
  CHECK(answered.field("date")->ends_with(" GMT"));
  CHECK(answered.field("x-content-type-options") == "nosniff");
  ask(served.port, get("/echo/1", "X-Request-Id: two words\r\ntraceparent: 00-nonsense\r\n"));
  const std::scoped_lock lock(mutex);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].starts_with("from-proxy_1 00-0af7651916cd43dd8448eb211c80319c-"));
  CHECK(seen[0].find("b7ad6b7169203331") == std::string::npos);
  CHECK(seen[0].ends_with("-01"));
  CHECK(seen[1].find("two words") == std::string::npos);
  CHECK(seen[1].size() == 16 + 1 + 55);
}

}  // namespace klasboek::tests
