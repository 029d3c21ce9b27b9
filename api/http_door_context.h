// What all connections of a server share. Internal to the door.
//
// Thread safety: options, handler and proxies are immutable; the rest synchronises itself.
#pragma once

#include <atomic>
#include <cstdint>

#include "api/http_allowance.h"
#include "api/http_bells.h"
#include "api/http_origin.h"
#include "api/http_server.h"

namespace klasboek::api {

struct DoorCounters {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> connections_evicted{0};
  std::atomic<std::uint64_t> connections_cut{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_refused{0};
  std::atomic<std::uint64_t> requests_shed{0};
  std::atomic<std::uint64_t> faults{0};
  std::atomic<std::uint64_t> connections{0};
};

struct DoorContext {
  DoorContext(HttpServerOptions given_options, HttpHandler given_handler,
              std::shared_ptr<StreamBells> given_bells)
      : options(std::move(given_options)),
        handler(std::move(given_handler)),
        bells(std::move(given_bells)),
        streams(options.streams_max, options.streams_per_account_max),
        bodies(options.bodies_bytes_max) {}

  const HttpServerOptions options;
  const HttpHandler handler;
  const std::shared_ptr<StreamBells> bells;
  TrustedProxies proxies;  // set before anybody is served
  StreamAllowance streams;
  BodyAllowance bodies;
  DoorCounters counters;
  std::atomic<bool> is_draining{false};

  void note_fault(std::string_view request_id, std::string_view what) {
    ++counters.faults;
    if (options.on_fault) options.on_fault(request_id, what);
  }
};

}  // namespace klasboek::api
