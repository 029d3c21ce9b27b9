// What holds when many nodes, old producers and strangers write to one partition of a real Kafka.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <thread>
#include <vector>

#include "events/log/submit.h"
#include "tests/support/kafka_node.h"

namespace klasboek::tests {
namespace {

using log::Committed;
using log::DuplicateCommand;
using log::MovedStream;
using log::Unavailable;

events::NewCommit commit_now(const std::string& key, std::uint64_t expected_version) {
  return small_commit(school_number(1), key, expected_version, real_now_us());
}

/// What settles a command as rejected, and nothing else.
events::NewCommit settling(const events::NewCommit& attempt, const std::string& rejection) {
  auto commit = commit_now("settling", 0);
  commit.command = attempt.command;
  commit.conditions.clear();
  commit.events.clear();
  commit.rejection = rejection;
  return commit;
}

SchoolState state_of(KafkaNode& node) {
  return tests::state_of(node.log().ledger(), school_number(1));
}

/// Both have read up to the end of the log; then they must be alike.
void check_alike(KafkaNode& one, KafkaNode& other) {
  const auto last = append(one.log(), commit_now("last", state_of(one).events));
  REQUIRE(std::holds_alternative<Committed>(last));
  REQUIRE(other.wait_until_read(std::get<Committed>(last).position));
  CHECK(one.log().ledger().tail() == other.log().ledger().tail());
  CHECK(state_of(one) == state_of(other));
}

/// A topic on the shared broker, and one node on it.
struct OneNode {
  std::string topic = KafkaBroker::unique_topic("commits");
  KafkaNode node{KafkaBroker::shared(), topic};
  std::uint64_t put(std::span<const std::uint8_t> record) {
    return put_record(KafkaBroker::shared(), topic, record);
  }
};
struct TwoNodes : OneNode {
  KafkaNode other{KafkaBroker::shared(), topic};
};

}  // namespace

TEST_CASE("two nodes that decide on the same version: one wins, and both see the same") {
  constexpr std::uint64_t kRounds = 30;
  TwoNodes nodes;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const auto key = std::to_string(round);
    log::AppendOutcome here;
    log::AppendOutcome there;
    std::thread thread(
        [&] { there = append(nodes.other.log(), commit_now(key + " there", round)); });
    here = append(nodes.node.log(), commit_now(key + " here", round));
    thread.join();
    REQUIRE((std::holds_alternative<Committed>(here) != std::holds_alternative<Committed>(there)));
    const auto& loser = std::holds_alternative<Committed>(here) ? there : here;
    REQUIRE(std::holds_alternative<MovedStream>(loser));
    CHECK(std::get<MovedStream>(loser).actual_version == round + 1);
  }
  check_alike(nodes.node, nodes.other);
  CHECK(state_of(nodes.node).events == kRounds + 1);
}

TEST_CASE("two nodes that begin a log at the same moment agree on which log it is") {
  const auto topic = KafkaBroker::unique_topic("commits");
  auto options = KafkaNode::options_for(KafkaBroker::shared(), topic);
  options.kafka.partition_count = 2;
  auto other_options = options;
  options.log.new_log_id.fill(1);
  other_options.log.new_log_id.fill(2);
  options.partition = log::partition_of(school_number(1), 2);
  other_options.partition = options.partition;
  auto elsewhere = options;
  elsewhere.partition = 1 - options.partition;
  elsewhere.log.new_log_id.fill(3);

  const std::array nodes = {KafkaNode::closed(options), KafkaNode::closed(other_options),
                            KafkaNode::closed(elsewhere)};
  std::array<std::expected<void, log::LogFault>, nodes.size()> opened;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    threads.emplace_back([&, i] { opened[i] = nodes[i]->try_open(); });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    INFO((opened[i] ? std::string() : opened[i].error().message));
    REQUIRE(opened[i].has_value());
    REQUIRE(nodes[i]->log().wait_until_ready(std::chrono::seconds(30)));
  }
  const auto& [one, other, neighbour] = nodes;
  CHECK(one->log().ledger().identity() == other->log().ledger().identity());
  CHECK(one->log().ledger().identity().log_id == neighbour->log().ledger().identity().log_id);
  CHECK(one->log().ledger().identity().partition_count == 2);
  REQUIRE(std::holds_alternative<Committed>(append(one->log(), commit_now("a", 0))));
  check_alike(*other, *one);
  // A school of the other partition is turned away before anything is sent.
  CHECK(std::holds_alternative<Unavailable>(append(neighbour->log(), commit_now("b", 1))));
}

TEST_CASE("R11 a node whose clock is wrong appends nothing, and says that it isn't ready") {
  OneNode on;
  auto& log = on.node.log();
  const auto off_us = 2 * log::kClockSkewUsMax;
  const auto outcome = append(log, small_commit(school_number(1), "a", 0, real_now_us() + off_us));
  REQUIRE(std::holds_alternative<Unavailable>(outcome));
  CHECK_THAT(std::get<Unavailable>(outcome).reason, Catch::Contains("clock_skew"));
  CHECK_FALSE(log.health().ready);
  CHECK_THAT(log.health().reason, Catch::Contains("clock"));
  CHECK(state_of(on.node).events == 0);
  // The command may be tried again, and a clock that was set right is noticed.
  CHECK(std::holds_alternative<Committed>(append(log, commit_now("a", 0))));
  CHECK(log.health().ready);
}

TEST_CASE("a commit that lies twice in the log counts once") {
  OneNode on;
  const auto frame = events::encode_frame(commit_now("a", 0));
  on.put(frame);
  const auto again = on.put(frame);
  REQUIRE(on.node.wait_until_read(again));
  CHECK(state_of(on.node).events == 1);
}

TEST_CASE("records that are no commits are passed over by everybody") {
  TwoNodes nodes;
  nodes.put({});
  nodes.put(events::Bytes{'h', 'e', 'l', 'l', 'o'});
  auto frame = events::encode_frame(commit_now("a", 0));
  frame.back() ^= 0xFF;
  frame.pop_back();
  nodes.put(frame);
  auto misplaced = events::encode_frame(commit_now("a", 0));
  misplaced[events::kFrameHeaderBytes] ^= 0xFF;
  nodes.put(misplaced);
  CHECK(std::holds_alternative<Committed>(append(nodes.node.log(), commit_now("a", 0))));
  check_alike(nodes.node, nodes.other);
}

TEST_CASE("R7 a rejection that was settled excludes an earlier try that lands late") {
  OneNode on;
  auto& log = on.node.log();
  const auto first_try = commit_now("a", 0);
  const auto outcome = append(log, settling(first_try, "leave_not_pending"));
  REQUIRE(std::holds_alternative<log::SettledRejection>(outcome));
  CHECK(std::get<log::SettledRejection>(outcome).name == "leave_not_pending");
  REQUIRE(on.node.wait_until_read(on.put(events::encode_frame(first_try))));
  CHECK(state_of(on.node).events == 0);
  const auto again = append(log, commit_now("a", 0));
  REQUIRE(std::holds_alternative<DuplicateCommand>(again));
  CHECK(std::holds_alternative<log::SettledRejection>(std::get<DuplicateCommand>(again).before));
}

TEST_CASE("R7 a rejection that comes after its command was done is answered with what was done") {
  OneNode on;
  const auto first_try = commit_now("a", 0);
  REQUIRE(on.node.wait_until_read(on.put(events::encode_frame(first_try))));
  log::SubmitRequest request;
  request.school = first_try.school;
  request.command = first_try.command;
  request.draw_attempt = [] { return commit_now("attempt", 0).attempt; };
  request.decide = [](events::StreamSource&) -> std::expected<log::Prepared, log::Declined> {
    return std::unexpected(log::Declined{"leave_not_pending", real_now_us()});
  };
  const auto done = log::submit(on.node.log(), request);
  REQUIRE(std::holds_alternative<log::Done>(done));
  CHECK(std::get<log::Done>(done).repeated);
  // Another command that is declined is settled in the log.
  request.command = commit_now("b", 0).command;
  const auto refused = log::submit(on.node.log(), request);
  REQUIRE(std::holds_alternative<log::Refused>(refused));
  CHECK(on.node.log().ledger().find_command(request.school, request.command).has_value());
}

TEST_CASE("a stopped writer's record that lands late is void to every reader") {
  TwoNodes nodes;
  const auto late = events::encode_frame(commit_now("late", 0));
  REQUIRE(std::holds_alternative<Committed>(append(nodes.node.log(), commit_now("a", 0))));
  // The broker takes it, and its producer is told so: that acknowledges nothing.
  nodes.put(late);
  check_alike(nodes.node, nodes.other);
  CHECK(state_of(nodes.node).events == 2);
}

TEST_CASE("a restarted node goes on where it was, and has what others wrote meanwhile") {
  TwoNodes nodes;
  REQUIRE(std::holds_alternative<Committed>(append(nodes.node.log(), commit_now("a", 0))));
  nodes.node.close();
  REQUIRE(std::holds_alternative<Committed>(append(nodes.other.log(), commit_now("b", 1))));
  nodes.node.reopen();
  CHECK(state_of(nodes.node).events == 2);
  check_alike(nodes.node, nodes.other);
}

TEST_CASE("a ledger that lost its end in a power cut reads it again from the log") {
  TwoNodes nodes;
  const TemporaryDirectory kept;
  const auto ledger = nodes.node.options().log.directory / "ledger";
  REQUIRE(std::holds_alternative<Committed>(append(nodes.node.log(), commit_now("a", 0))));
  nodes.node.close();
  std::filesystem::copy(ledger, kept.path() / "ledger");
  nodes.node.reopen();
  REQUIRE(std::holds_alternative<Committed>(append(nodes.node.log(), commit_now("b", 1))));
  nodes.node.close();
  std::filesystem::remove_all(ledger);
  std::filesystem::copy(kept.path() / "ledger", ledger);
  nodes.node.reopen();
  CHECK(state_of(nodes.node).events == 2);
  check_alike(nodes.node, nodes.other);
}

TEST_CASE("a node that begins with nothing comes to the same ledger") {
  OneNode on;
  for (std::uint64_t n = 0; n < 20; ++n) {
    REQUIRE(
        std::holds_alternative<Committed>(append(on.node.log(), commit_now(std::to_string(n), n))));
    append(on.node.log(), commit_now("void " + std::to_string(n), 0));
  }
  KafkaNode fresh(KafkaBroker::shared(), on.topic);
  CHECK(state_of(fresh) == state_of(on.node));
  check_alike(fresh, on.node);
}

TEST_CASE("R13 keys are durable before the commit that uses them is sent") {
  OneNode on;
  constexpr std::chrono::milliseconds kWaitMax{30'000};
  log::PendingCommit pending{commit_now("a", 0), {}};
  pending.minted_keys.resize(2);
  on.node.keys().refuses = true;
  CHECK(std::holds_alternative<Unavailable>(
      log::append_and_wait(on.node.log(), {pending.commit, pending.minted_keys}, kWaitMax)));
  on.node.keys().refuses = false;
  REQUIRE(std::holds_alternative<Committed>(
      log::append_and_wait(on.node.log(), std::move(pending), kWaitMax)));
  CHECK(on.node.keys().keys_taken == 2);
  // The refused one isn't in the log: nothing lies between the genesis and the commit.
  CHECK(on.node.log().ledger().tail()->position == 1);
}

TEST_CASE("R8 the largest commit there may be goes through, one byte more doesn't") {
  OneNode on;
  auto commit = commit_now("a", 0);
  std::minstd_rand letters(7);
  std::uniform_int_distribution<int> letter('a', 'z');
  const auto frame_bytes = [&](std::size_t name_bytes) {
    std::string name(name_bytes, ' ');
    std::ranges::generate(name, [&] { return static_cast<char>(letter(letters)); });
    events::SchoolRenamed renamed;
    renamed.name = name;
    commit.events[0].body = renamed;
    return events::encode_frame(commit).size();
  };
  // The frame grows by eight bytes at a time.
  std::size_t name_bytes = events::kFrameBytesMax - frame_bytes(8) + 8;
  while (frame_bytes(name_bytes) > events::kFrameBytesMax) name_bytes -= 8;
  CHECK(frame_bytes(name_bytes) > events::kFrameBytesMax - 16);
  CHECK(std::holds_alternative<Committed>(append(on.node.log(), commit)));
  frame_bytes(name_bytes + 16);
  CHECK(std::holds_alternative<log::TooLarge>(append(on.node.log(), commit)));
}

TEST_CASE("R5 a format that was announced and isn't known stops the shard, and reads go on") {
  OneNode on;
  REQUIRE(std::holds_alternative<Committed>(append(on.node.log(), commit_now("a", 0))));
  auto newer = events::encode_frame(commit_now("b", 1));
  newer[4] = 99;
  // Never announced: void, and life goes on.
  on.put(newer);
  REQUIRE(std::holds_alternative<Committed>(append(on.node.log(), commit_now("c", 1))));
  on.put(log::encode_control_record(log::FormatAnnouncement{99}));
  REQUIRE(std::holds_alternative<Committed>(append(on.node.log(), commit_now("d", 2))));
  const auto at = on.put(newer);
  // Behind it in the log, and so never judged here.
  log::AppendOutcome outcome = append(on.node.log(), commit_now("e", 3));
  CHECK_FALSE(std::holds_alternative<Committed>(outcome));
  outcome = append(on.node.log(), commit_now("e", 3));
  REQUIRE(std::holds_alternative<Unavailable>(outcome));
  CHECK_THAT(std::get<Unavailable>(outcome).reason, Catch::Contains("format 99"));
  CHECK_FALSE(on.node.log().health().ready);
  CHECK_THAT(on.node.log().health().reason, Catch::Contains("newer version"));
  CHECK(on.node.log().ledger().tail()->position < at);
  CHECK(state_of(on.node).events == 3);
  // A restart of the same program changes nothing.
  on.node.close();
  REQUIRE(on.node.try_open().has_value());
  CHECK_FALSE(on.node.log().wait_until_ready(std::chrono::seconds(30)));
  CHECK_THAT(on.node.log().health().reason, Catch::Contains("format 99"));
}

}  // namespace klasboek::tests
