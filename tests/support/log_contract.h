#pragma once
// What every log must do, as one suite: each log's test program gives it a way to open one.
#include <functional>
#include <memory>

#include "events/log/event_log.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

/// A log that can be closed and opened again with what it had.
class LogUnderTest {
 public:
  LogUnderTest() = default;
  LogUnderTest(const LogUnderTest&) = delete;
  LogUnderTest& operator=(const LogUnderTest&) = delete;
  virtual ~LogUnderTest() = default;
  virtual log::EventLog& log() = 0;
  /// Closes and opens it; references got before are gone.
  virtual void reopen() = 0;
  /// Where minted keys go.
  virtual CountingKeySink& keys() = 0;
  /// What deciders on this log take for now. A log that stamps its records needs the real time.
  virtual std::int64_t now_us() { return kTestNowUs; }
  /// small_commit, decided now.
  events::NewCommit commit(events::SchoolId school, const std::string& key,
                           std::uint64_t expected_version);
};

using NewLog = std::function<std::unique_ptr<LogUnderTest>()>;

/// Runs the whole suite, each section on a log of its own. Call inside a TEST_CASE.
void check_log_contract(const NewLog& new_log);

}  // namespace klasboek::tests
