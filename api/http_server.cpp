#include "api/http_server.h"

#include <sodium.h>

#include <memory>
#include <utility>

#include "api/http_crew.h"
#include "api/http_door_context.h"
#include "api/http_listener.h"
#include "api/http_porter.h"
#include "api/http_table.h"

namespace klasboek::api {
namespace {

constexpr std::chrono::milliseconds kUnaskedBound{1'000};

std::unexpected<StartFault> bad_option(std::string message) {
  return std::unexpected(StartFault{StartFaultKind::bad_option, std::move(message)});
}

std::expected<void, StartFault> check(const HttpServerOptions& options) {
  if (options.connections_max == 0) return bad_option("At least one connection must be allowed.");
  if (options.workers_min == 0 || options.workers_max < options.workers_min) {
    return bad_option("There must be at least one worker, and the most can't be below the least.");
  }
  if (options.requests_per_connection_max == 0) {
    return bad_option("A connection must be good for at least one request.");
  }
  return {};
}

}  // namespace

// Members in the order in which they may be used: the porter last, gone first.
class HttpServer::Door {
 public:
  Door(HttpServerOptions options, HttpHandler handler, std::shared_ptr<StreamBells> bells)
      : context_(std::move(options), std::move(handler), std::move(bells)) {}

  std::expected<void, StartFault> start() {
    const HttpServerOptions& options = context_.options;
    if (auto checked = check(options); !checked) return checked;
    auto proxies = TrustedProxies::of(options.trusted_proxies);
    if (!proxies) {
      return bad_option("\"" + proxies.error() +
                        "\" among the trusted proxies is no address and no network such as "
                        "10.0.0.0/8.");
    }
    context_.proxies = *std::move(proxies);
    if (::sodium_init() < 0) {
      return std::unexpected(
          StartFault{StartFaultKind::system_fault, "The system gives no random numbers."});
    }
    if (auto provided = provide_files(options.connections_max); !provided) return provided;
    auto listener = HttpListener::on(options.host, options.port);
    if (!listener) return std::unexpected(std::move(listener).error());
    port_ = listener->port();
    table_ = std::make_unique<ConnectionTable>(context_);
    crew_ = std::make_unique<HttpCrew>(context_, *table_, [wake = wake_up_] { wake->call(); });
    context_.bells->on_rung([wake = wake_up_] { wake->call(); });
    crew_->start();
    porter_ =
        std::make_unique<HttpPorter>(context_, *table_, *crew_, *wake_up_, *std::move(listener));
    return {};
  }

  bool stop(std::chrono::milliseconds bound) {
    if (!porter_) return true;
    const bool all_left = porter_->drain(std::chrono::steady_clock::now() + bound);
    porter_.reset();
    crew_->stop();
    context_.bells->on_rung({});
    table_->cut_all();
    return all_left;
  }

  std::uint16_t port() const { return port_; }

  HttpFigures figures() const {
    const DoorCounters& counters = context_.counters;
    HttpFigures figures;
    figures.connections_accepted = counters.connections_accepted;
    figures.connections_refused = counters.connections_refused;
    figures.connections_evicted = counters.connections_evicted;
    figures.requests = counters.requests;
    figures.requests_refused = counters.requests_refused;
    figures.requests_shed = counters.requests_shed;
    figures.faults = counters.faults;
    figures.connections = counters.connections;
    figures.streams = context_.streams.taken();
    figures.workers = crew_ ? crew_->size() : 0;
    figures.queue_wait = crew_ ? crew_->probe().last_wait() : std::chrono::microseconds{};
    return figures;
  }

 private:
  DoorContext context_;
  // Shared with the bells, which somebody may be ringing while the server goes away.
  const std::shared_ptr<WakeUp> wake_up_ = std::make_shared<WakeUp>();
  std::uint16_t port_ = 0;
  std::unique_ptr<ConnectionTable> table_;
  std::unique_ptr<HttpCrew> crew_;
  std::unique_ptr<HttpPorter> porter_;
};

HttpServer::HttpServer(HttpServerOptions options, HttpHandler handler,
                       std::shared_ptr<StreamBells> bells)
    : door_(std::make_unique<Door>(std::move(options), std::move(handler), std::move(bells))) {}

HttpServer::~HttpServer() { stop(kUnaskedBound); }

std::expected<void, StartFault> HttpServer::start() { return door_->start(); }

std::uint16_t HttpServer::port() const { return door_->port(); }

bool HttpServer::stop(std::chrono::milliseconds bound) { return door_->stop(bound); }

HttpFigures HttpServer::figures() const { return door_->figures(); }

}  // namespace klasboek::api
