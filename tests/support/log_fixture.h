#pragma once
// Logs to test on, and the smallest commits there are.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "events/key_sink.h"
#include "events/log/embedded_log.h"
#include "events/log/event_log.h"
#include "events/log/submit.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {

/// Takes keys and says yes, or refuses when told so; counts.
class CountingKeySink final : public events::KeySink {
 public:
  std::expected<void, events::KeySinkFault> make_durable(
      std::span<const events::MintedKey> keys) override;
  std::size_t keys_taken = 0;
  bool refuses = false;
  /// Called first, on the log's thread; it may wait.
  std::function<void(std::span<const events::MintedKey>)> on_make_durable;
};

/// Ids for tests: the same number is the same id.
events::SchoolId school_number(std::uint64_t n);
events::ChildId child_number(std::uint64_t n);
events::AccountId account_number(std::uint64_t n);

/// The time at which tests decide where the real one doesn't matter.
inline constexpr std::int64_t kTestNowUs = 1'780'000'000'000'000;

/// A commit of one SchoolRenamed event on the school's stream, expected at this version.
events::NewCommit small_commit(events::SchoolId school, const std::string& key,
                               std::uint64_t expected_version,
                               std::int64_t decided_at_us = kTestNowUs);

/// A command that renames the school whatever it is called by then, as a client asks with one
/// Idempotency-Key: small_commit's, decided anew for each try at the time that now_us gives. Its
/// attempts are unique among all programs.
log::SubmitRequest rename_request(events::SchoolId school, const std::string& key,
                                  std::function<std::int64_t()> now_us);

/// Appends and waits; fails the test where no answer comes.
log::AppendOutcome append(log::EventLog& log, events::NewCommit commit);

}  // namespace klasboek::tests
