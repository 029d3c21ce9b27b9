// HttpServer: the door. Sockets in, Requests out to one handler, its Responses back.
//
// A few threads share one epoll set. Whoever gets an event reads what is there without waiting,
// and only when a whole request has arrived and been judged does it call the handler; so slow and
// idle clients cost memory, never a thread. Threads grow with the handlers that block, up to a
// maximum; above that, requests wait a moment and are then refused with 503. A streamed body is
// asked for more when the client takes it or its bell rings, and holds no thread in between.
// docs/adr/0002-http-door.md gives the reasons and the figures.
//
// Thread safety: start() and stop() belong to the owner's thread, all else may be called from any.
// The handler is called by many threads at once. Ownership: the server owns handler and options;
// `bells` is shared with whoever rings them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http_bells.h"
#include "api/http_message.h"

namespace klasboek::api {

// Called with a whole request that the door found in order; what it throws becomes a 500. It may
// block, but not beyond request.deadline.
using HttpHandler = std::function<Response(const Request&)>;

// What became of one request; ids only, fit for a log.
struct AnsweredRequest {
  std::string_view request_id;
  std::string_view traceparent;
  Method method;
  int status;
  std::chrono::microseconds took;  // from the whole request to the rendered answer
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";              // an address to listen on
  std::uint16_t port = 0;                      // 0: a free one
  std::vector<std::string> served_hosts{};     // names in Host that are answered; empty: all
  std::vector<std::string> trusted_proxies{};  // addresses and networks, see TrustedProxies

  std::size_t connections_max = 2048;
  std::size_t requests_per_connection_max = 1000;
  std::size_t workers_min = 2;
  std::size_t workers_max = 96;
  std::size_t streams_max = 1024;
  std::size_t streams_per_account_max = 8;
  std::uint64_t body_bytes_max = 1024UL * 1024;
  // A larger or smaller maximum for some requests (media); asked before the body is read, with
  // nothing but method and path in the request.
  std::function<std::uint64_t(Method, const std::vector<std::string>& segments)>
      body_bytes_max_of{};
  std::uint64_t bodies_bytes_max = 64UL * 1024 * 1024;  // all bodies above 64 KiB together

  std::chrono::milliseconds keep_alive{15'000};      // an idle connection is closed after this
  std::chrono::milliseconds evictable_after{1'000};  // idle for so long, it may have to make room
  std::chrono::milliseconds head_time{10'000};       // from the first byte to the end of the head
  std::chrono::milliseconds request_time{30'000};    // for the whole request, answer included
  std::chrono::milliseconds write_time{15'000};      // without the client taking a byte
  std::chrono::milliseconds linger_time{1'000};      // for a refused client to hear the answer
  std::chrono::milliseconds queue_time{1'000};       // wait for a thread; beyond it 503
  std::uint64_t bytes_per_second_min = 16UL * 1024;  // a body of n bytes gets n/this more time

  std::vector<std::string> never_refused = {"/livez"};  // answered even when all else is 503
  std::vector<std::pair<std::string, std::string>> default_headers{};  // of every answer

  std::function<void(const AnsweredRequest&)> on_answered{};  // called after each answer is made
  std::function<void()> on_sent{};  // called after the last byte of an answer was handed over
  // The handler or a stream threw; `what` is for the log of operators, never for clients.
  std::function<void(std::string_view request_id, std::string_view what)> on_fault{};
};

enum class StartFaultKind : std::uint8_t {
  address_unusable,   // no address of this machine, or malformed
  address_in_use,     // another program listens there
  address_forbidden,  // ports below 1024 need a privilege
  too_few_files,      // the limit on open files is below connections_max
  bad_option,         // an option contradicts another or isn't well-formed
  system_fault        // anything else; the message has the system's words
};

struct StartFault {
  StartFaultKind kind;
  std::string message;  // what is wrong and what to do
};

// Counters since the start and gauges, for /metrics.
struct HttpFigures {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;   // 503 at the door, or none could be told
  std::uint64_t connections_evicted = 0;   // idle ones that made room
  std::uint64_t requests = 0;              // handled
  std::uint64_t requests_refused = 0;      // by the door: malformed, too large, too slow
  std::uint64_t requests_shed = 0;         // 503 because all threads were busy for too long
  std::uint64_t faults = 0;                // handlers and streams that threw
  std::uint64_t connections = 0;           // open now
  std::uint64_t streams = 0;               // open now
  std::uint64_t workers = 0;               // threads now
  std::chrono::microseconds queue_wait{};  // how long the last probe waited for a thread
};

class HttpServer {
 public:
  HttpServer(HttpServerOptions options, HttpHandler handler,
             std::shared_ptr<StreamBells> bells = std::make_shared<StreamBells>());
  // Stops within a second when stop() wasn't called.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens and serves until stop(). REQUIRES: called once.
  std::expected<void, StartFault> start();

  // The port listened on; 0 before start().
  std::uint16_t port() const;

  // Ends gracefully: takes no new connections, closes idle ones, ends sleeping streams, lets
  // requests under way finish; after `bound` cuts what is left. True when nothing was cut. A
  // handler that blocks beyond its request's deadline is waited for all the same.
  bool stop(std::chrono::milliseconds bound);

  HttpFigures figures() const;

 private:
  class Door;
  std::unique_ptr<Door> door_;
};

}  // namespace klasboek::api
