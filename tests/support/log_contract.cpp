#include "tests/support/log_contract.h"

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "events/log/submit.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

namespace {

using log::Committed;
using log::DuplicateCommand;
using log::MovedStream;

std::vector<std::uint64_t> sequences_of(const log::Ledger& ledger, events::SchoolId school) {
  std::vector<std::uint64_t> sequences;
  ledger.read_school(school, 0, [&](const events::RecordedEvent& event) {
    sequences.push_back(event.sequence);
    return true;
  });
  return sequences;
}

void a_commit_is_committed_and_read_back(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  const auto commit = under_test.commit(school, "a", 0);
  const auto outcome = append(log, commit);
  REQUIRE(std::holds_alternative<Committed>(outcome));
  const auto& applied = std::get<Committed>(outcome).applied;
  CHECK(applied.first_sequence == 0);
  CHECK(applied.count == 1);
  std::vector<events::RecordedEvent> events;
  log.ledger().read_school(school, 0, [&](const events::RecordedEvent& event) {
    events.push_back(event);
    return true;
  });
  REQUIRE(events.size() == 1);
  CHECK(events[0].body == commit.events[0].body);
  CHECK(events[0].stream_version == 1);
  CHECK(events[0].recorded_at_us == commit.decided_at_us);
  CHECK(log.ledger().school_head(school).tree.size() == 1);
}

void a_stream_that_moved_gives_a_conflict(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  REQUIRE(std::holds_alternative<Committed>(append(log, under_test.commit(school, "a", 0))));
  const auto outcome = append(log, under_test.commit(school, "b", 0));
  REQUIRE(std::holds_alternative<MovedStream>(outcome));
  CHECK(std::get<MovedStream>(outcome).stream == events::school_stream(school));
  CHECK(std::get<MovedStream>(outcome).actual_version == 1);
  CHECK(sequences_of(log.ledger(), school) == std::vector<std::uint64_t>{0});
  // A void commit leaves no command id behind: the command may be decided again.
  CHECK(std::holds_alternative<Committed>(append(log, under_test.commit(school, "b", 1))));
}

void a_condition_on_a_stream_that_is_only_read_counts_too(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  REQUIRE(std::holds_alternative<Committed>(append(log, under_test.commit(school, "a", 0))));
  auto commit = under_test.commit(school, "b", 1);
  commit.conditions.push_back({events::child_stream(child_number(1)), 3});
  const auto outcome = append(log, commit);
  REQUIRE(std::holds_alternative<MovedStream>(outcome));
  CHECK(std::get<MovedStream>(outcome).stream == events::child_stream(child_number(1)));
}

void a_repeated_command_is_done_once(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  REQUIRE(std::holds_alternative<Committed>(append(log, under_test.commit(school, "a", 0))));
  const auto outcome = append(log, under_test.commit(school, "a", 1));
  REQUIRE(std::holds_alternative<DuplicateCommand>(outcome));
  const auto& before = std::get<DuplicateCommand>(outcome).before;
  REQUIRE(std::holds_alternative<log::Applied>(before));
  CHECK(std::get<log::Applied>(before).first_sequence == 0);
  CHECK(sequences_of(log.ledger(), school).size() == 1);
}

void time_never_runs_back_within_a_school(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto now_us = under_test.now_us();
  const auto school = school_number(1);
  REQUIRE(std::holds_alternative<Committed>(append(log, small_commit(school, "a", 0, now_us))));
  const auto outcome = append(log, small_commit(school, "b", 1, now_us - 5'000'000));
  REQUIRE(std::holds_alternative<Committed>(outcome));
  CHECK(std::get<Committed>(outcome).applied.recorded_at_us == now_us);
}

void a_commit_over_the_limit_is_refused(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  auto commit = under_test.commit(school, "a", 0);
  events::SchoolRenamed renamed;
  renamed.name = std::string(events::kFrameBytesMax, 'x');
  commit.events[0].body = renamed;
  CHECK(std::holds_alternative<log::TooLarge>(append(log, commit)));
  CHECK(sequences_of(log.ledger(), school).empty());
}

void writers_side_by_side_give_dense_order(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto now_us = under_test.now_us();
  constexpr int kWriters = 4;
  constexpr int kCommitsEach = 40;
  const auto school = school_number(1);
  std::vector<std::thread> writers;
  std::atomic<int> committed{0};
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int n = 0; n < kCommitsEach; ++n) {
        const std::string key = std::to_string(writer) + "-" + std::to_string(n);
        const auto request = rename_request(school, key, [now_us] { return now_us; });
        // Contention may exhaust the tries of one submit; the command stays the same.
        for (;;) {
          const auto outcome = log::submit(log, request);
          if (std::holds_alternative<log::Done>(outcome)) break;
          if (!std::holds_alternative<log::Contended>(outcome)) return;
        }
        ++committed;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  CHECK(committed == kWriters * kCommitsEach);
  const auto sequences = sequences_of(log.ledger(), school);
  REQUIRE(sequences.size() == kWriters * kCommitsEach);
  for (std::size_t i = 0; i < sequences.size(); ++i) REQUIRE(sequences[i] == i);
  const auto snapshot = log.ledger().snapshot(school);
  std::set<std::string> names;
  const auto version = snapshot->read(events::school_stream(school), [&](const auto& event) {
    names.insert(std::get<events::SchoolRenamed>(event.body).name);
  });
  CHECK(version == sequences.size());
  CHECK(names.size() == sequences.size());
}

/// Counts what the log announces, for those who wait for more.
class Announcements {
 public:
  void listen_to(log::EventLog& log) {
    log.listen([this](log::Position) {
      const std::lock_guard lock(mutex_);
      ++count_;
      announced_.notify_all();
    });
  }
  [[nodiscard]] std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  /// False where nothing comes.
  [[nodiscard]] bool wait_for_more_than(std::uint64_t count) const {
    std::unique_lock lock(mutex_);
    return announced_.wait_for(lock, std::chrono::seconds(60), [&] { return count_ > count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable announced_;
  std::uint64_t count_ = 0;
};

/// Reads a school on from where it was whenever something is announced, until it has seen so many.
void see_events(const log::Ledger& ledger, events::SchoolId school,
                const Announcements& announcements, std::size_t events,
                std::vector<std::uint64_t>& seen) {
  bool more = true;
  while (more) {
    const auto announced = announcements.count();
    ledger.read_school(school, seen.size(), [&](const events::RecordedEvent& event) {
      seen.push_back(event.sequence);
      return true;
    });
    more = seen.size() < events && announcements.wait_for_more_than(announced);
  }
}

void subscribers_see_every_sequence_once(LogUnderTest& under_test) {
  constexpr std::size_t kWriters = 3;
  constexpr std::size_t kSubscribers = 3;
  constexpr std::size_t kCommitsEach = 20;
  const auto school = school_number(1);
  std::array<std::vector<std::uint64_t>, kSubscribers> seen;
  for (std::size_t round = 1; round <= 2; ++round) {
    Announcements announcements;
    auto& log = under_test.log();
    announcements.listen_to(log);
    const auto expected = round * kWriters * kCommitsEach;
    std::vector<std::jthread> subscribers;
    for (auto& one : seen) {
      subscribers.emplace_back(
          [&] { see_events(log.ledger(), school, announcements, expected, one); });
    }
    std::vector<std::jthread> writers;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (std::size_t n = 0; n < kCommitsEach; ++n) {
          const auto key =
              std::to_string(round) + "-" + std::to_string(writer) + "-" + std::to_string(n);
          const auto request = rename_request(school, key, [&] { return under_test.now_us(); });
          while (std::holds_alternative<log::Contended>(log::submit(log, request))) {
          }
        }
      });
    }
    writers.clear();
    subscribers.clear();
    // They go on from where they were when the log is opened again.
    under_test.reopen();
  }
  for (const auto& one : seen) CHECK(one == sequences_of(under_test.log().ledger(), school));
  CHECK(seen[0].size() == 2 * kWriters * kCommitsEach);
}

void a_retry_finds_what_was_unknown(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  // The commit hangs at its key until whoever asked has given up.
  std::promise<void> gave_up;
  under_test.keys().on_make_durable = [&](const auto& /*keys*/) { gave_up.get_future().wait(); };
  auto request = rename_request(school, "a", [&] { return under_test.now_us(); });
  request.wait_max = std::chrono::milliseconds(10);
  request.decide = [decide = std::move(request.decide)](events::StreamSource& streams) {
    auto prepared = decide(streams);
    prepared->minted_keys.resize(1);
    return prepared;
  };
  CHECK(std::holds_alternative<log::UnknownOutcome>(log::submit(log, request)));
  gave_up.set_value();
  const auto again =
      log::submit(log, rename_request(school, "a", [&] { return under_test.now_us(); }));
  REQUIRE(std::holds_alternative<log::Done>(again));
  CHECK(std::get<log::Done>(again).first_sequence == 0);
  // The one that was given up is that one, or void.
  CHECK(std::holds_alternative<Committed>(append(log, under_test.commit(school, "b", 1))));
  CHECK(sequences_of(log.ledger(), school) == std::vector<std::uint64_t>{0, 1});
}

void it_comes_back_as_it_was(LogUnderTest& under_test) {
  const auto school = school_number(1);
  REQUIRE(std::holds_alternative<Committed>(
      append(under_test.log(), under_test.commit(school, "a", 0))));
  REQUIRE(std::holds_alternative<Committed>(
      append(under_test.log(), under_test.commit(school, "b", 1))));
  const auto root = under_test.log().ledger().school_head(school).tree.root();
  under_test.reopen();
  CHECK(under_test.log().ledger().school_head(school).tree.root() == root);
  CHECK(sequences_of(under_test.log().ledger(), school).size() == 2);
  CHECK(std::holds_alternative<DuplicateCommand>(
      append(under_test.log(), under_test.commit(school, "a", 0))));
  CHECK(std::holds_alternative<Committed>(
      append(under_test.log(), under_test.commit(school, "c", 2))));
}

void an_old_moment_can_be_folded(LogUnderTest& under_test) {
  auto& log = under_test.log();
  const auto school = school_number(1);
  for (std::uint64_t n = 0; n < 5; ++n) {
    REQUIRE(std::holds_alternative<Committed>(
        append(log, under_test.commit(school, std::to_string(n), n))));
  }
  const auto version =
      log.ledger().snapshot(school, 3)->read(events::school_stream(school), [](const auto&) {});
  CHECK(version == 3);
}

void what_is_new_can_be_read_alone(LogUnderTest& under_test) {
  const auto school = school_number(1);
  const auto stream = events::school_stream(school);
  auto& log = under_test.log();
  for (std::uint64_t n = 0; n < 5; ++n) {
    REQUIRE(std::holds_alternative<Committed>(
        append(log, under_test.commit(school, std::to_string(n), n))));
  }
  const auto versions_after = [&](std::uint64_t after, std::optional<std::uint64_t> before) {
    std::vector<std::uint64_t> seen;
    const auto version =
        log.ledger().snapshot(school, before)->read_after(stream, after, [&](const auto& event) {
          seen.push_back(event.stream_version);
        });
    return std::pair(version, seen);
  };
  using Seen = std::vector<std::uint64_t>;
  CHECK(versions_after(0, {}) == std::pair(std::uint64_t{5}, Seen{1, 2, 3, 4, 5}));
  CHECK(versions_after(3, {}) == std::pair(std::uint64_t{5}, Seen{4, 5}));
  CHECK(versions_after(5, {}) == std::pair(std::uint64_t{5}, Seen{}));
  // Somebody saw more of the stream than this snapshot has.
  CHECK(versions_after(6, {}) == std::pair(std::uint64_t{5}, Seen{}));
  CHECK(versions_after(4, 3) == std::pair(std::uint64_t{3}, Seen{}));
  CHECK(versions_after(2, 3) == std::pair(std::uint64_t{3}, Seen{3}));
}

}  // namespace

events::NewCommit LogUnderTest::commit(events::SchoolId school, const std::string& key,
                                       std::uint64_t expected_version) {
  return small_commit(school, key, expected_version, now_us());
}

void check_log_contract(const NewLog& new_log) {
  const auto under_test = new_log();
  SECTION("a commit is committed and read back") {
    a_commit_is_committed_and_read_back(*under_test);
  }
  SECTION("a stream that moved gives a conflict") {
    a_stream_that_moved_gives_a_conflict(*under_test);
  }
  SECTION("a condition on a stream that is only read counts too") {
    a_condition_on_a_stream_that_is_only_read_counts_too(*under_test);
  }
  SECTION("a repeated command is done once") { a_repeated_command_is_done_once(*under_test); }
  SECTION("time never runs back within a school") {
    time_never_runs_back_within_a_school(*under_test);
  }
  SECTION("a commit over the limit is refused") { a_commit_over_the_limit_is_refused(*under_test); }
  SECTION("writers side by side give dense order") {
    writers_side_by_side_give_dense_order(*under_test);
  }
  SECTION("subscribers see every sequence once") {
    subscribers_see_every_sequence_once(*under_test);
  }
  SECTION("a retry finds what was unknown") { a_retry_finds_what_was_unknown(*under_test); }
  SECTION("it comes back as it was") { it_comes_back_as_it_was(*under_test); }
  SECTION("an old moment can be folded") { an_old_moment_can_be_folded(*under_test); }
  SECTION("what is new can be read alone") { what_is_new_can_be_read_alone(*under_test); }
}

}  // namespace klasboek::tests
