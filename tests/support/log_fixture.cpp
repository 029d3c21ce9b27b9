#include "tests/support/log_fixture.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace klasboek::tests {

std::expected<void, events::KeySinkFault> CountingKeySink::make_durable(
    std::span<const events::MintedKey> keys) {
  if (on_make_durable) on_make_durable(keys);
  if (refuses) return std::unexpected(events::KeySinkFault::disk_full);
  keys_taken += keys.size();
  return {};
}

events::SchoolId school_number(std::uint64_t n) { return {{0x0190'0000'0000'7000, n}}; }
events::ChildId child_number(std::uint64_t n) { return {{0x0190'0000'0001'7000, n}}; }
events::AccountId account_number(std::uint64_t n) { return {{0x0190'0000'0002'7000, n}}; }

events::NewCommit small_commit(events::SchoolId school, const std::string& key,
                               std::uint64_t expected_version, std::int64_t decided_at_us) {
  static std::atomic<std::uint64_t> attempts{0};
  events::NewCommit commit;
  commit.school = school;
  commit.command = events::command_id_of_request(school, account_number(1), key);
  const auto attempt = events::to_bytes(events::Uuid{0, ++attempts});
  std::ranges::copy(attempt, commit.attempt.begin());
  commit.decided_at_us = decided_at_us;
  commit.actor = {account_number(1), events::Role::director, {}};
  commit.conditions = {{events::school_stream(school), expected_version}};
  events::SchoolRenamed renamed;
  renamed.name = "School " + key;
  commit.events.push_back({events::school_stream(school), renamed, 0});
  events::RenameSchool command;
  command.name = renamed.name;
  commit.input = events::encode_input({command, commit.actor});
  return commit;
}

log::SubmitRequest rename_request(events::SchoolId school, const std::string& key,
                                  std::function<std::int64_t()> now_us) {
  const auto model = small_commit(school, key, 0);
  log::SubmitRequest request;
  request.school = school;
  request.command = model.command;
  request.wait_max = std::chrono::seconds(60);
  request.draw_attempt = [school, key] {
    auto attempt = small_commit(school, key, 0).attempt;
    const auto program = ::getpid();
    std::memcpy(attempt.data(), &program, sizeof program);
    return attempt;
  };
  request.decide =
      [model, now_us = std::move(now_us)](
          events::StreamSource& streams) -> std::expected<log::Prepared, log::Declined> {
    const auto stream = events::school_stream(model.school);
    log::Prepared prepared;
    prepared.decided_at_us = now_us();
    prepared.actor = model.actor;
    prepared.conditions = {{stream, streams.read(stream, [](const auto&) {})}};
    prepared.events = model.events;
    prepared.input = model.input;
    return prepared;
  };
  return request;
}

log::AppendOutcome append(log::EventLog& log, events::NewCommit commit) {
  constexpr std::chrono::milliseconds kWaitMax{30'000};
  return log::append_and_wait(log, {std::move(commit), {}}, kWaitMax);
}

}  // namespace klasboek::tests
