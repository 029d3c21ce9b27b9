#include "tests/bench/product.h"

#include <chrono>
#include <stdexcept>

namespace klasboek::bench {

std::int64_t clock_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Product::Product(const std::optional<std::string>& brokers) {
  directory_.emplace();
  place_.data_directory = *directory_ / "data";
  place_.master_key_file = *directory_ / "master.key";
  if (brokers) {
    place_.log = reactions::LogKind::kafka;
    place_.brokers = *brokers;
  }
  open();
}

Product::Product(reactions::InstallationPlace place) : place_(std::move(place)) { open(); }

void Product::open() {
  auto opened = reactions::Installation::open(place_, clock_now_us, vault::system_random());
  if (!opened) throw std::runtime_error(opened.error().explanation);
  installation_ = *std::move(opened);
  application_ =
      std::make_unique<api::Application>(installation_->node(), api::ApplicationOptions{});
  server_ = std::make_unique<api::HttpServer>(
      api::HttpServerOptions{},
      [this](const api::Request& request) { return application_->handle(request); });
  if (const auto started = server_->start(); !started) {
    throw std::runtime_error(started.error().message);
  }
}

Product::~Product() {
  constexpr std::chrono::milliseconds kStopMax{5'000};
  server_->stop(kStopMax);
}

}  // namespace klasboek::bench
