#include "tests/support/embedded_under_test.h"

#include <catch2/catch.hpp>

namespace klasboek::tests {

void EmbeddedUnderTest::open() {
  auto options = embedded_options_in(directory_);
  options.new_log_id[0] = 7;
  auto opened = log::EmbeddedLog::open(options, keys_);
  REQUIRE(opened.has_value());
  log_ = *std::move(opened);
}

log::EmbeddedLogOptions embedded_options_in(const TemporaryDirectory& directory) {
  log::EmbeddedLogOptions options;
  options.directory = directory.path() / "shard-0";
  options.free_bytes_min = 0;
  return options;
}

}  // namespace klasboek::tests
