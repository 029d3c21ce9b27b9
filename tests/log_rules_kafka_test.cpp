// The rules of the log on a real Kafka, each by its number: first the stories that every log goes
// through, then those of two nodes and of records that others put into the topic. What is judged
// by the ledger alone is in log_rules_test.cpp; a log that isn't what it was, R9, in
// log_tail_kafka_test.cpp.
#include <algorithm>
#include <barrier>
#include <catch2/catch.hpp>
#include <future>
#include <type_traits>

#include "tests/support/kafka_under_test.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/log_rules.h"
#include "tests/support/one_partition.h"
#include "tests/support/random_records.h"

namespace klasboek::tests {
namespace {

using log::Committed;
using log::DuplicateCommand;
using log::MovedStream;

const auto kTheSchool = school_number(1);

/// Two nodes, each with a directory of its own, on one partition.
struct TwoNodes {
  std::string topic = KafkaBroker::unique_topic("commits");
  KafkaNode one{KafkaBroker::shared(), topic};
  KafkaNode other{KafkaBroker::shared(), topic};

  std::uint64_t put(const events::Bytes& record) const {
    return put_record(KafkaBroker::shared(), topic, record);
  }
  /// Closes both and compares every byte that they know of the log.
  bool have_the_same_ledger() {
    one.close();
    other.close();
    return dump_ledger(one.ledger_directory()) == dump_ledger(other.ledger_directory());
  }
};

events::NewCommit commit_now(const std::string& key, std::uint64_t expected_version) {
  return small_commit(kTheSchool, key, expected_version, real_now_us());
}

std::uint64_t events_on(KafkaNode& node) {
  return node.log().ledger().school_head(kTheSchool).next_sequence;
}

/// Asks with this key, and says no whatever there is.
log::SubmitRequest declining(const std::string& key, const std::string& rejection,
                             std::function<void()> meanwhile = {}) {
  auto request = rename_request(kTheSchool, key, &real_now_us);
  request.decide = [rejection, meanwhile = std::move(meanwhile)](
                       events::StreamSource&) -> std::expected<log::Prepared, log::Declined> {
    if (meanwhile) meanwhile();
    return std::unexpected(log::Declined{rejection, real_now_us()});
  };
  return request;
}

/// Asks with this key, and must be answered without being asked to decide.
log::SubmitOutcome repeat(KafkaNode& node, const std::string& key) {
  bool decided = false;
  auto outcome = log::submit(node.log(), declining(key, "decided_again", [&] { decided = true; }));
  CHECK_FALSE(decided);
  return outcome;
}

// R1

TEST_CASE("R1 a command is done once, for ever") {
  KafkaUnderTest log;
  check_a_command_is_done_once(log);
}

TEST_CASE("R1 a void commit leaves no command id behind") {
  KafkaUnderTest log;
  check_a_void_commit_leaves_its_command_free(log);
}

TEST_CASE("R1 a record that lies twice in the log counts once") {
  TwoNodes nodes;
  const auto record = events::encode_frame(commit_now("a", 0));
  nodes.put(record);
  nodes.put(record);
  // And once more as somebody decided it who had read the first: its conditions hold.
  const auto last = nodes.put(events::encode_frame(commit_now("a", 1)));
  for (auto* node : {&nodes.one, &nodes.other}) {
    REQUIRE(node->wait_for(last));
    CHECK(events_on(*node) == 1);
  }
  CHECK(nodes.have_the_same_ledger());
}

// R2

TEST_CASE("R2 every stream of the conditions counts, written or only read") {
  KafkaUnderTest log;
  check_every_condition_counts(log);
}

TEST_CASE("R2 a commit that writes a stream which isn't among its conditions is void") {
  KafkaUnderTest log;
  check_a_written_stream_must_be_a_condition(log);
}

// R3

TEST_CASE("R3 of two nodes that count a set at the same moment the second must look again") {
  TwoNodes nodes;
  std::barrier both_have_counted(2);
  const auto child = events::child_stream(child_number(1));
  // Leaves once, whoever says so: the count is read from the stream that every leaving writes.
  const auto leave_once = [&](KafkaNode& node, const std::string& key) {
    auto request = rename_request(kTheSchool, key, &real_now_us);
    request.decide =
        [&, tries = 0, model = commit_now(key, 0)](
            events::StreamSource& streams) mutable -> std::expected<log::Prepared, log::Declined> {
      const auto left = streams.read(child, [](const auto&) {});
      if (++tries == 1) both_have_counted.arrive_and_wait();
      if (left > 0) return std::unexpected(log::Declined{"already_left", real_now_us()});
      log::Prepared prepared;
      prepared.decided_at_us = real_now_us();
      prepared.actor = model.actor;
      prepared.conditions = {{child, left}};
      prepared.events.push_back({child, events::ChildLeft{}, 0});
      prepared.input = model.input;
      return prepared;
    };
    return log::submit(node.log(), request);
  };
  auto beside = std::async(std::launch::async, [&] { return leave_once(nodes.other, "b"); });
  const std::array outcomes = {leave_once(nodes.one, "a"), beside.get()};
  const auto count = [&]<class T>(std::type_identity<T>) {
    return std::ranges::count_if(
        outcomes, [](const auto& outcome) { return std::holds_alternative<T>(outcome); });
  };
  CHECK(count(std::type_identity<log::Done>{}) == 1);
  CHECK(count(std::type_identity<log::Refused>{}) == 1);
  CHECK(events_on(nodes.one) == 1);
}

// R4

TEST_CASE("R4 a decision sees one moment of the log, and is taken again when it moved") {
  KafkaUnderTest log;
  check_a_decision_sees_one_moment(log);
}

TEST_CASE("R4 a decision sees nothing of a commit that is still under way") {
  KafkaUnderTest log;
  std::promise<void> decided;
  std::promise<void> under_way;
  // The first commit has left for the log and waits for its key.
  log.keys().on_make_durable = [&](const auto&) {
    under_way.set_value();
    decided.get_future().wait();
  };
  std::promise<log::AppendOutcome> first;
  log.log().append(pending_with_keys(commit_now("a", 0), 1),
                   [&](log::AppendOutcome outcome) { first.set_value(std::move(outcome)); });
  under_way.get_future().wait();
  const auto second = log::submit(log.log(), rename_request(kTheSchool, "b", &real_now_us));
  REQUIRE(std::holds_alternative<log::Done>(second));
  CHECK(std::get<log::Done>(second).first_sequence == 0);
  // It was decided on a school without a name, and the log says so.
  decided.set_value();
  CHECK(std::holds_alternative<MovedStream>(first.get_future().get()));
}

// R5

TEST_CASE("R5 a verdict depends on the log alone: every node comes to the same bytes") {
  const auto seed = GENERATE(1U, 2U);
  CAPTURE(seed);
  const auto records = random_records(seed, real_now_us());
  OnePartition model;
  model.begin();
  std::vector<std::string_view> verdicts;
  for (const auto& record : records) verdicts.push_back(name_of(model.read(record, real_now_us())));
  for (const auto verdict : {"applied", "settled", "duplicate", "conflict", "clock_skew"}) {
    CAPTURE(verdict);
    CHECK(std::ranges::count(verdicts, verdict) > 0);
  }
  // The first follows all along, the second is away for a while, the third comes afterwards.
  TwoNodes nodes;
  const auto third = records.size() / 3;
  const auto put = [&](std::size_t from, std::size_t to) {
    return put_records(KafkaBroker::shared(), nodes.topic,
                       {records.begin() + static_cast<std::ptrdiff_t>(from),
                        records.begin() + static_cast<std::ptrdiff_t>(to)});
  };
  REQUIRE(nodes.other.wait_for(put(0, third)));
  nodes.other.close();
  REQUIRE(nodes.one.wait_for(put(third, 2 * third)));
  nodes.other.reopen();
  const auto last = put(2 * third, records.size());
  KafkaNode late(KafkaBroker::shared(), nodes.topic);
  for (auto* node : {&nodes.one, &nodes.other, &late}) REQUIRE(node->wait_for(last));
  for (std::uint64_t n = 1; n <= 3; ++n) {
    CHECK(late.log().ledger().school_head(school_number(n)).next_sequence ==
          model.ledger().school_head(school_number(n)).next_sequence);
  }
  late.close();
  CHECK(nodes.have_the_same_ledger());
  CHECK((dump_ledger(late.ledger_directory()) == dump_ledger(nodes.one.ledger_directory())));
}

// R6

TEST_CASE("R6 a repeat is answered by its events, also after a restart, and isn't decided again") {
  KafkaUnderTest log;
  check_a_repeat_is_answered_by_its_events(log);
}

TEST_CASE("R6 another node answers a repeat alike") {
  TwoNodes nodes;
  const auto first = log::submit(nodes.one.log(), rename_request(kTheSchool, "a", &real_now_us));
  REQUIRE(std::holds_alternative<log::Done>(first));
  const auto& done = std::get<log::Done>(first);
  REQUIRE(nodes.other.wait_for(done.position));
  const auto outcome = repeat(nodes.other, "a");
  REQUIRE(std::holds_alternative<log::Done>(outcome));
  const auto& again = std::get<log::Done>(outcome);
  CHECK(again.repeated);
  CHECK(again.position == done.position);
  CHECK(again.first_sequence == done.first_sequence);
  CHECK(again.count == done.count);
}

TEST_CASE("R6 a node takes for its own the record of its attempt, not another one of the command") {
  TwoNodes nodes;
  // Two nodes are asked with the same key at once: the other one's attempt comes first, while this
  // one's waits for its key.
  const auto theirs = commit_now("a", 0);
  nodes.one.keys().on_make_durable = [&](const auto&) { nodes.put(events::encode_frame(theirs)); };
  std::promise<log::AppendOutcome> outcome;
  nodes.one.log().append(pending_with_keys(commit_now("a", 0), 1),
                         [&](log::AppendOutcome told) { outcome.set_value(std::move(told)); });
  CHECK(std::holds_alternative<DuplicateCommand>(outcome.get_future().get()));
  CHECK(events_on(nodes.one) == 1);
}

// R7

TEST_CASE("R7 a rejection is answered once it is in the log: an earlier try that lands is void") {
  TwoNodes nodes;
  const auto attempt = events::encode_frame(commit_now("a", 0));
  const auto refused = log::submit(nodes.one.log(), declining("a", "leave_not_pending"));
  REQUIRE(std::holds_alternative<log::Refused>(refused));
  // The first try, of which nobody knew, lands after all.
  const auto landed = nodes.put(attempt);
  for (auto* node : {&nodes.one, &nodes.other}) {
    REQUIRE(node->wait_for(landed));
    CHECK(events_on(*node) == 0);
    CHECK(node->log().ledger().school_head(kTheSchool).tree.size() == 0);
    const auto outcome = repeat(*node, "a");
    REQUIRE(std::holds_alternative<log::Refused>(outcome));
    CHECK(std::get<log::Refused>(outcome).rejection == "leave_not_pending");
  }
  CHECK(nodes.have_the_same_ledger());
}

TEST_CASE("R7 an earlier try that lands before the rejection does is what was done") {
  TwoNodes nodes;
  const auto attempt = events::encode_frame(commit_now("a", 0));
  const auto outcome = log::submit(
      nodes.one.log(), declining("a", "leave_not_pending", [&] { nodes.put(attempt); }));
  REQUIRE(std::holds_alternative<log::Done>(outcome));
  CHECK(std::get<log::Done>(outcome).repeated);
  CHECK(std::get<log::Done>(outcome).first_sequence == 0);
  CHECK(events_on(nodes.one) == 1);
}

// R8

TEST_CASE("R8 the largest commit there may be goes through, a larger one never gets to the log") {
  KafkaUnderTest log;
  check_the_largest_commit_goes_through(log);
}

TEST_CASE("R8 a commit that is too large is void for every node, whoever put it there") {
  TwoNodes nodes;
  auto commit = commit_now("a", 0);
  events::SchoolRenamed renamed;
  renamed.name = std::string(events::kFrameBytesMax, 'x');
  commit.events[0].body = renamed;
  const auto last = nodes.put(events::encode_frame(commit));
  for (auto* node : {&nodes.one, &nodes.other}) {
    REQUIRE(node->wait_for(last));
    CHECK(events_on(*node) == 0);
  }
  CHECK(std::holds_alternative<Committed>(append(nodes.one.log(), commit_now("a", 0))));
}

// R10

TEST_CASE("R10 the same key with another body is another request, as its fingerprint tells") {
  KafkaUnderTest log;
  check_fingerprints_tell_requests_apart(log);
}

// R11

TEST_CASE("R11 time never runs back within a school, whatever clocks say") {
  KafkaUnderTest log;
  check_recorded_time_never_runs_back(log);
}

TEST_CASE("R11 a node whose clock is wrong is void, says so, and moves nobody else's time") {
  const std::int64_t off_us = GENERATE(2, -2) * log::kClockSkewUsMax;
  TwoNodes nodes;
  const auto wrong_clock = [off_us] { return real_now_us() + off_us; };
  const auto refused = log::submit(nodes.one.log(), rename_request(kTheSchool, "a", wrong_clock));
  REQUIRE(std::holds_alternative<log::Unavailable>(refused));
  CHECK_THAT(std::get<log::Unavailable>(refused).reason, Catch::Contains("clock_skew"));
  CHECK_FALSE(nodes.one.log().health().ready);
  CHECK_THAT(nodes.one.log().health().reason, Catch::Contains("clock"));
  // The other one goes on, at its own time.
  CHECK(nodes.other.log().health().ready);
  const auto before_us = real_now_us();
  const auto done = append(nodes.other.log(), commit_now("b", 0));
  REQUIRE(std::holds_alternative<Committed>(done));
  const auto recorded_at_us = std::get<Committed>(done).applied.recorded_at_us;
  CHECK(recorded_at_us >= before_us);
  CHECK(recorded_at_us <= real_now_us());
  // Set right, the same command is done.
  REQUIRE(nodes.one.wait_for(std::get<Committed>(done).position));
  const auto again = log::submit(nodes.one.log(), rename_request(kTheSchool, "a", &real_now_us));
  REQUIRE(std::holds_alternative<log::Done>(again));
  CHECK(std::get<log::Done>(again).first_sequence == 1);
  CHECK(nodes.one.log().health().ready);
  REQUIRE(nodes.other.wait_for(std::get<log::Done>(again).position));
  CHECK(nodes.have_the_same_ledger());
}

// R13

TEST_CASE("R13 keys are durable before the commit that uses them, or nothing is appended") {
  KafkaUnderTest log;
  check_keys_are_durable_first(log);
}

TEST_CASE("R13 all keys of a group of commits become durable at once") {
  KafkaUnderTest log;
  check_keys_of_a_group_are_durable_at_once(log);
}

}  // namespace
}  // namespace klasboek::tests
