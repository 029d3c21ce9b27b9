#include "tests/support/log_rules.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <random>

namespace klasboek::tests {

namespace {

using log::Committed;
using log::DuplicateCommand;
using log::MovedStream;
using log::Unavailable;

const auto kTheSchool = school_number(1);
const auto kChildStream = events::child_stream(child_number(1));

/// A commit that writes the child's stream beside the school's.
events::NewCommit commit_on_two_streams(LogUnderTest& under_test, const std::string& key,
                                        std::uint64_t school_version, std::uint64_t child_version) {
  auto commit = under_test.commit(kTheSchool, key, school_version);
  commit.conditions.push_back({kChildStream, child_version});
  commit.events.push_back({kChildStream, events::ChildLeft{}, 0});
  return commit;
}

log::Applied committed(log::EventLog& log, const events::NewCommit& commit) {
  const auto outcome = append(log, commit);
  REQUIRE(std::holds_alternative<Committed>(outcome));
  return std::get<Committed>(outcome).applied;
}

log::SubmitRequest rename_on(LogUnderTest& under_test, const std::string& key) {
  return rename_request(kTheSchool, key, [&] { return under_test.now_us(); });
}

log::AppendOutcome append_pending(log::EventLog& log, log::PendingCommit pending) {
  return log::append_and_wait(log, std::move(pending), std::chrono::seconds(30));
}

}  // namespace

events::NewCommit settling(const events::NewCommit& of, const std::string& rejection) {
  auto commit = small_commit(of.school, "settling", 0, of.decided_at_us);
  commit.command = of.command;
  commit.conditions.clear();
  commit.events.clear();
  commit.rejection = rejection;
  return commit;
}

log::PendingCommit pending_with_keys(events::NewCommit commit, std::size_t keys) {
  log::PendingCommit pending{std::move(commit), {}};
  pending.minted_keys.resize(keys);
  return pending;
}

void check_a_command_is_done_once(LogUnderTest& under_test) {
  constexpr std::uint64_t kOthers = 20;
  const auto first = committed(under_test.log(), under_test.commit(kTheSchool, "a", 0));
  for (std::uint64_t n = 1; n <= kOthers; ++n) {
    committed(under_test.log(), under_test.commit(kTheSchool, std::to_string(n), n));
  }
  const auto check_repeat = [&] {
    const auto outcome = append(under_test.log(), under_test.commit(kTheSchool, "a", kOthers + 1));
    REQUIRE(std::holds_alternative<DuplicateCommand>(outcome));
    const auto& before = std::get<log::Applied>(std::get<DuplicateCommand>(outcome).before);
    CHECK(before.first_sequence == first.first_sequence);
    CHECK(before.count == first.count);
    CHECK(before.recorded_at_us == first.recorded_at_us);
    CHECK(under_test.log().ledger().school_head(kTheSchool).next_sequence == kOthers + 1);
  };
  check_repeat();
  under_test.reopen();
  check_repeat();
  // The same key of another account, or in another school, is another command.
  committed(under_test.log(), under_test.commit(school_number(2), "a", 0));
}

void check_a_void_commit_leaves_its_command_free(LogUnderTest& under_test) {
  auto& log = under_test.log();
  CHECK(
      std::holds_alternative<MovedStream>(append(log, under_test.commit(kTheSchool, "moved", 7))));
  auto unconditioned = under_test.commit(kTheSchool, "void", 0);
  unconditioned.conditions.clear();
  CHECK(std::holds_alternative<Unavailable>(append(log, unconditioned)));
  CHECK(log.ledger().schools().empty());
  committed(log, under_test.commit(kTheSchool, "moved", 0));
  committed(log, under_test.commit(kTheSchool, "void", 1));
}

void check_every_condition_counts(LogUnderTest& under_test) {
  auto& log = under_test.log();
  committed(log, commit_on_two_streams(under_test, "a", 0, 0));
  const auto moved = [&](const events::NewCommit& commit) {
    const auto outcome = append(log, commit);
    REQUIRE(std::holds_alternative<MovedStream>(outcome));
    return std::get<MovedStream>(outcome);
  };
  const auto written = moved(commit_on_two_streams(under_test, "b", 1, 0));
  CHECK(written.stream == kChildStream);
  CHECK(written.actual_version == 1);
  auto only_read = under_test.commit(kTheSchool, "c", 1);
  only_read.conditions.push_back({kChildStream, 0});
  CHECK(moved(only_read).stream == kChildStream);
  auto unknown = under_test.commit(kTheSchool, "d", 1);
  unknown.conditions.push_back({events::child_stream(child_number(2)), 1});
  CHECK(moved(unknown).actual_version == 0);
  committed(log, commit_on_two_streams(under_test, "e", 1, 1));
}

void check_a_written_stream_must_be_a_condition(LogUnderTest& under_test) {
  auto commit = commit_on_two_streams(under_test, "a", 0, 0);
  commit.conditions.pop_back();
  const auto outcome = append(under_test.log(), commit);
  REQUIRE(std::holds_alternative<Unavailable>(outcome));
  CHECK_THAT(std::get<Unavailable>(outcome).reason, Catch::Contains("unconditioned_stream"));
  CHECK(under_test.log().ledger().school_head(kTheSchool).next_sequence == 0);
}

void check_a_decision_sees_one_moment(LogUnderTest& under_test) {
  auto& log = under_test.log();
  committed(log, commit_on_two_streams(under_test, "a", 0, 0));
  auto request = rename_on(under_test, "b");
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
  request.decide = [&, decide = std::move(request.decide)](events::StreamSource& streams) {
    const auto nothing = [](const auto&) {};
    const auto school_version = streams.read(events::school_stream(kTheSchool), nothing);
    // Between two reads of the first decision somebody else writes both streams.
    if (seen.empty()) committed(log, commit_on_two_streams(under_test, "meanwhile", 1, 1));
    std::uint64_t child_events = 0;
    const auto child_version = streams.read(kChildStream, [&](const auto&) { ++child_events; });
    CHECK(child_events == child_version);
    seen.emplace_back(school_version, child_version);
    return decide(streams);
  };
  const auto outcome = log::submit(log, request);
  REQUIRE(std::holds_alternative<log::Done>(outcome));
  using Seen = decltype(seen);
  CHECK(seen == Seen{{1, 1}, {2, 2}});
  CHECK(std::get<log::Done>(outcome).first_sequence == 4);
}

void check_a_repeat_is_answered_by_its_events(LogUnderTest& under_test) {
  const auto first = log::submit(under_test.log(), rename_on(under_test, "a"));
  REQUIRE(std::holds_alternative<log::Done>(first));
  const auto done = std::get<log::Done>(first);
  CHECK_FALSE(done.repeated);
  committed(under_test.log(), under_test.commit(kTheSchool, "b", 1));
  under_test.reopen();
  auto again = rename_on(under_test, "a");
  bool decided = false;
  again.decide = [&](events::StreamSource&) -> std::expected<log::Prepared, log::Declined> {
    decided = true;
    return std::unexpected(log::Declined{"school_not_found", under_test.now_us()});
  };
  const auto outcome = log::submit(under_test.log(), again);
  REQUIRE(std::holds_alternative<log::Done>(outcome));
  const auto& repeat = std::get<log::Done>(outcome);
  CHECK(repeat.repeated);
  CHECK_FALSE(decided);
  CHECK(repeat.position == done.position);
  CHECK(repeat.first_sequence == done.first_sequence);
  CHECK(repeat.count == done.count);
}

void check_the_largest_commit_goes_through(LogUnderTest& under_test) {
  auto& log = under_test.log();
  auto commit = under_test.commit(kTheSchool, "a", 0);
  // Letters by chance, so that a compressed record isn't small either.
  std::minstd_rand letters(7);
  std::uniform_int_distribution<int> letter('a', 'z');
  const auto frame_bytes = [&](std::size_t name_bytes) {
    events::SchoolRenamed renamed;
    renamed.name.resize(name_bytes);
    std::ranges::generate(renamed.name, [&] { return static_cast<char>(letter(letters)); });
    commit.events[0].body = renamed;
    return events::encode_frame(commit).size();
  };
  // A frame grows by eight bytes at a time.
  std::size_t name_bytes = events::kFrameBytesMax - frame_bytes(8) + 8;
  while (frame_bytes(name_bytes) > events::kFrameBytesMax) name_bytes -= 8;
  CHECK(frame_bytes(name_bytes + 8) > events::kFrameBytesMax);
  CHECK(std::holds_alternative<log::TooLarge>(append(log, commit)));
  CHECK(log.ledger().school_head(kTheSchool).next_sequence == 0);
  CHECK(frame_bytes(name_bytes) <= events::kFrameBytesMax);
  committed(log, commit);
}

void check_fingerprints_tell_requests_apart(LogUnderTest& under_test) {
  auto& log = under_test.log();
  auto request = rename_on(under_test, "a");
  request.fingerprint = {1, 2, 3};
  REQUIRE(std::holds_alternative<log::Done>(log::submit(log, request)));
  request.same_request = [](std::span<const std::uint8_t> before) {
    return std::ranges::equal(before, events::Bytes{1, 2, 3});
  };
  const auto same = log::submit(log, request);
  REQUIRE(std::holds_alternative<log::Done>(same));
  CHECK(std::get<log::Done>(same).repeated);
  request.same_request = [](std::span<const std::uint8_t>) { return false; };
  CHECK(std::holds_alternative<log::OtherRequest>(log::submit(log, request)));
  CHECK(log.ledger().school_head(kTheSchool).next_sequence == 1);
}

void check_recorded_time_never_runs_back(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto now_us = under_test.now_us();
  const auto other_school = school_number(2);
  CHECK(committed(log, small_commit(kTheSchool, "a", 0, now_us)).recorded_at_us == now_us);
  CHECK(committed(log, small_commit(kTheSchool, "b", 1, now_us - 5'000'000)).recorded_at_us ==
        now_us);
  // Of the school, not of the log.
  CHECK(committed(log, small_commit(other_school, "c", 0, now_us - 3'000'000)).recorded_at_us ==
        now_us - 3'000'000);
  under_test.reopen();
  CHECK(committed(under_test.log(), small_commit(kTheSchool, "d", 2, now_us - 1)).recorded_at_us ==
        now_us);
  CHECK(committed(under_test.log(), small_commit(kTheSchool, "e", 3, now_us + 1)).recorded_at_us ==
        now_us + 1);
  const auto commit = under_test.log().ledger().commit_of_sequence(kTheSchool, 1);
  REQUIRE(commit.has_value());
  const auto event = commit->event(0);
  CHECK(event.recorded_at_us == now_us);
  CHECK(event.decided_at_us == now_us - 5'000'000);
}

void check_keys_are_durable_first(LogUnderTest& under_test) {
  auto& log = under_test.log();
  auto& keys = under_test.keys();
  const auto append_with_two_keys = [&] {
    return append_pending(log, pending_with_keys(under_test.commit(kTheSchool, "a", 0), 2));
  };
  keys.refuses = true;
  CHECK(std::holds_alternative<Unavailable>(append_with_two_keys()));
  CHECK(log.ledger().school_head(kTheSchool).next_sequence == 0);
  keys.refuses = false;
  std::optional<std::uint64_t> events_by_then;
  keys.on_make_durable = [&](const auto& /*keys*/) {
    events_by_then = log.ledger().school_head(kTheSchool).next_sequence;
  };
  CHECK(std::holds_alternative<Committed>(append_with_two_keys()));
  CHECK(events_by_then == 0U);
  CHECK(keys.keys_taken == 2);
}

void check_keys_of_a_group_are_durable_at_once(LogUnderTest& under_test) {
  constexpr std::uint64_t kWaiting = 5;
  std::promise<void> begun;
  std::promise<void> all_wait;
  std::vector<std::size_t> calls;
  under_test.keys().on_make_durable = [&](const auto& minted) {
    calls.push_back(minted.size());
    if (calls.size() > 1) return;
    begun.set_value();
    all_wait.get_future().wait();
  };
  std::array<std::promise<log::AppendOutcome>, kWaiting + 1> outcomes;
  const auto send = [&](std::uint64_t n) {
    under_test.log().append(
        pending_with_keys(under_test.commit(school_number(n + 1), "a", 0), 2),
        [&, n](log::AppendOutcome outcome) { outcomes[n].set_value(std::move(outcome)); });
  };
  send(0);
  begun.get_future().wait();
  for (std::uint64_t n = 1; n <= kWaiting; ++n) send(n);
  all_wait.set_value();
  for (auto& outcome : outcomes) {
    CHECK(std::holds_alternative<Committed>(outcome.get_future().get()));
  }
  CHECK(calls == std::vector<std::size_t>{2, 2 * kWaiting});
}

}  // namespace klasboek::tests
