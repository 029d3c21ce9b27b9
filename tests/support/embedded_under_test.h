#pragma once
#include "events/log/embedded_log.h"
#include "tests/support/log_contract.h"

namespace klasboek::tests {

/// The embedded log in a directory of its own.
class EmbeddedUnderTest final : public LogUnderTest {
 public:
  EmbeddedUnderTest() { open(); }
  log::EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    open();
  }
  CountingKeySink& keys() override { return keys_; }

 private:
  void open();

  TemporaryDirectory directory_;
  CountingKeySink keys_;
  std::unique_ptr<log::EmbeddedLog> log_;
};

/// In `shard-0` of the directory, and on any disk.
log::EmbeddedLogOptions embedded_options_in(const TemporaryDirectory& directory);

}  // namespace klasboek::tests
