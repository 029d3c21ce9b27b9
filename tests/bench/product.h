#pragma once
// The product as it is delivered, in a directory of its own: an installation, the application and
// the server on a free port of 127.0.0.1.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/application.h"
#include "api/http_server.h"
#include "reactions/installation.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::bench {

/// µs since 1970, of the machine's clock.
std::int64_t clock_now_us();

class Product {
 public:
  /// On the embedded log; with brokers on Kafka, on a topic that is made. Throws what is wrong.
  explicit Product(const std::optional<std::string>& brokers = std::nullopt);
  /// In a place that stays when this goes.
  explicit Product(reactions::InstallationPlace place);
  ~Product();
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  [[nodiscard]] const reactions::Node& node() const { return installation_->node(); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] const std::filesystem::path& directory() const { return place_.data_directory; }
  [[nodiscard]] const reactions::InstallationPlace& place() const { return place_; }

 private:
  void open();

  std::optional<tests::TemporaryDirectory> directory_;
  reactions::InstallationPlace place_;
  std::unique_ptr<reactions::Installation> installation_;
  std::unique_ptr<api::Application> application_;
  std::unique_ptr<api::HttpServer> server_;
};

}  // namespace klasboek::bench
