// Brokers that are killed or freeze and nodes that are stopped in the middle of their work: nothing
// that was answered is lost, nothing is done twice, and what is unknown a retry finds out.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

#include "events/log/submit.h"
#include "tests/support/kafka_node.h"
#include "tests/support/ledger_dump.h"

namespace klasboek::tests {
namespace {

using log::Committed;

/// Counts up; whoever waits for a number is woken by it.
class Count {
 public:
  void add_one() {
    {
      const std::lock_guard lock(mutex_);
      ++value_;
    }
    changed_.notify_all();
  }
  [[nodiscard]] bool wait_for(int value) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(120), [&] { return value_ >= value; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int value_ = 0;
};

/// A command that renames the school whatever it is called now.
log::SubmitRequest rename_request(const std::string& key) {
  const auto model = small_commit(school_number(1), key, 0);
  log::SubmitRequest request;
  request.school = model.school;
  request.command = model.command;
  request.wait_max = std::chrono::seconds(60);
  request.draw_attempt = [key] {
    // Attempt ids are unique among all nodes.
    auto attempt = small_commit(school_number(1), key, 0).attempt;
    const auto pid = ::getpid();
    for (std::size_t i = 0; i < sizeof pid; ++i) {
      attempt[i] = static_cast<std::uint8_t>(static_cast<unsigned>(pid) >> (8 * i));
    }
    return attempt;
  };
  request.decide =
      [model](events::StreamSource& streams) -> std::expected<log::Prepared, log::Declined> {
    const auto stream = events::school_stream(model.school);
    log::Prepared prepared;
    prepared.decided_at_us = real_now_us();
    prepared.actor = model.actor;
    prepared.conditions = {{stream, streams.read(stream, [](const auto&) {})}};
    prepared.events = model.events;
    prepared.input = model.input;
    return prepared;
  };
  return request;
}

/// Submits until it is done, as a client with one Idempotency-Key does. Returns how often the
/// answer was that it isn't known, or not now.
int submit_until_done(log::KafkaLog& log, const std::string& key) {
  const auto request = rename_request(key);
  int retries = 0;
  for (;;) {
    const auto outcome = log::submit(log, request);
    if (std::holds_alternative<log::Done>(outcome)) return retries;
    if (!std::holds_alternative<log::Contended>(outcome)) ++retries;
    static_cast<void>(log.wait_until_ready(std::chrono::seconds(60)));
  }
}

/// How often each name was given to the school.
std::map<std::string, int> names_in(const log::Ledger& ledger) {
  std::map<std::string, int> names;
  ledger.read_school(school_number(1), 0, [&](const events::RecordedEvent& event) {
    ++names[std::get<events::SchoolRenamed>(event.body).name];
    return true;
  });
  return names;
}

bool all_once(const std::map<std::string, int>& names, std::size_t count) {
  return names.size() == count &&
         std::ranges::all_of(names, [](const auto& name) { return name.second == 1; });
}

KafkaNode::Options impatient(const KafkaBroker& broker, const std::string& topic) {
  auto options = KafkaNode::options_for(broker, topic);
  options.log.outcome_wait_max = std::chrono::milliseconds(1000);
  // A broker that was killed is longer away than this.
  options.log.follower.shorter_log_wait_max = std::chrono::seconds(10);
  return options;
}

}  // namespace

TEST_CASE("the broker is killed under load: what was answered is there once, the rest is settled") {
  constexpr int kWritersPerNode = 2;
  constexpr int kCommitsEach = 60;
  constexpr int kAll = 2 * kWritersPerNode * kCommitsEach;
  KafkaBroker broker;
  const auto topic = KafkaBroker::unique_topic("commits");
  KafkaNode one(impatient(broker, topic));
  KafkaNode other(impatient(broker, topic));
  Count done;
  std::atomic<int> retries{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 2 * kWritersPerNode; ++writer) {
    auto& log = (writer % 2 == 0 ? one : other).log();
    writers.emplace_back([&, writer] {
      for (int n = 0; n < kCommitsEach; ++n) {
        retries += submit_until_done(log, std::to_string(writer) + "-" + std::to_string(n));
        done.add_one();
      }
    });
  }
  const bool some_before_first = done.wait_for(kAll / 4);
  broker.kill9();
  broker.restart();
  const bool some_before_second = done.wait_for(kAll / 2);
  broker.kill9();
  broker.restart();
  for (auto& writer : writers) writer.join();
  CHECK(some_before_first);
  CHECK(some_before_second);
  CHECK(retries > 0);

  const auto last =
      append(one.log(),
             small_commit(school_number(1), "last",
                          state_of(one.log().ledger(), school_number(1)).events, real_now_us()));
  REQUIRE(std::holds_alternative<Committed>(last));
  REQUIRE(other.wait_until_read(std::get<Committed>(last).position));
  CHECK(all_once(names_in(one.log().ledger()), kAll + 1));
  one.close();
  other.close();
  CHECK((dump_ledger(one.options().log.directory / "ledger") ==
         dump_ledger(other.options().log.directory / "ledger")));
}

TEST_CASE("a broker that freezes makes outcomes unknown, and a retry finds out") {
  KafkaBroker broker;
  KafkaNode node(impatient(broker, KafkaBroker::unique_topic("commits")));
  const auto school = school_number(1);
  REQUIRE(std::holds_alternative<Committed>(
      append(node.log(), small_commit(school, "a", 0, real_now_us()))));
  broker.suspend();
  const auto frozen = append(node.log(), small_commit(school, "b", 1, real_now_us()));
  CHECK(std::holds_alternative<log::UnknownOutcome>(frozen));
  CHECK_FALSE(node.log().health().ready);
  // Now it is known that the broker doesn't answer: what comes stays here, and surely isn't sent.
  const auto held = append(node.log(), small_commit(school, "c", 1, real_now_us()));
  CHECK(std::holds_alternative<log::Unavailable>(held));
  broker.resume();
  REQUIRE(node.log().wait_until_ready(std::chrono::seconds(60)));
  submit_until_done(node.log(), "b");
  submit_until_done(node.log(), "c");
  CHECK(all_once(names_in(node.log().ledger()), 3));
}

// Run by the next test, in a program of its own: a node that writes until it is through.
TEST_CASE("writes as another node", "[.node]") {
  const auto options = [] {
    KafkaNode::Options from_parent;
    from_parent.kafka.brokers = std::getenv("NODE_BROKERS");
    from_parent.kafka.topic = std::getenv("NODE_TOPIC");
    from_parent.log.directory = std::getenv("NODE_DIRECTORY");
    from_parent.log.free_bytes_min = 0;
    return from_parent;
  }();
  CountingKeySink keys;
  auto client = log::KafkaClient::open(options.kafka);
  REQUIRE(client.has_value());
  auto log = log::open_kafka_log(**client, 0, options.log, keys);
  REQUIRE(log.has_value());
  REQUIRE((*log)->wait_until_ready(std::chrono::seconds(60)));
  const int commits = std::atoi(std::getenv("NODE_COMMITS"));
  for (int n = 0; n < commits; ++n) submit_until_done(**log, "there " + std::to_string(n));
  // What it was told is in is in its own ledger, each once.
  const auto names = names_in((*log)->ledger());
  for (int n = 0; n < commits; ++n) {
    REQUIRE(names.at("School there " + std::to_string(n)) == 1);
  }
}

TEST_CASE("a node that is stopped and goes on later reaches the same ledger, byte for byte") {
  constexpr int kCommits = 150;
  const auto topic = KafkaBroker::unique_topic("commits");
  auto& broker = KafkaBroker::shared();
  KafkaNode here(KafkaNode::options_for(broker, topic));
  const TemporaryDirectory there;
  const std::map<std::string, std::string> told = {{"NODE_BROKERS", broker.bootstrap()},
                                                   {"NODE_TOPIC", topic},
                                                   {"NODE_DIRECTORY", there.path().string()},
                                                   {"NODE_COMMITS", std::to_string(kCommits)}};
  for (const auto& [name, value] : told) ::setenv(name.c_str(), value.c_str(), 1);
  const pid_t node = ::fork();
  if (node == 0) {
    ::execl("/proc/self/exe", "other_node", "[.node]", nullptr);
    ::_exit(127);
  }
  // It stops in the middle of something, and this node goes on meanwhile.
  const auto position = here.log().ledger().tail()->position;
  const bool has_begun = here.wait_until_read(position + kCommits / 3);
  ::kill(node, SIGSTOP);
  for (int n = 0; n < kCommits / 3; ++n) {
    submit_until_done(here.log(), "here " + std::to_string(n));
  }
  ::kill(node, SIGCONT);
  for (int n = kCommits / 3; n < kCommits; ++n) {
    submit_until_done(here.log(), "here " + std::to_string(n));
  }
  int status = 0;
  REQUIRE(::waitpid(node, &status, 0) == node);
  CHECK(has_begun);
  CHECK(status == 0);
  // Both stop at the end of the log: open once more, read what is left.
  auto options = KafkaNode::options_for(broker, topic);
  here.reopen();
  CHECK(all_once(names_in(here.log().ledger()), 2 * kCommits));
  here.close();
  CountingKeySink keys;
  auto client = log::KafkaClient::open(options.kafka);
  REQUIRE(client.has_value());
  options.log.directory = there.path();
  auto log = log::open_kafka_log(**client, 0, options.log, keys);
  REQUIRE(log.has_value());
  REQUIRE((*log)->wait_until_ready(std::chrono::seconds(60)));
  log->reset();
  CHECK((dump_ledger(here.options().log.directory / "ledger") ==
         dump_ledger(there.path() / "ledger")));
}

}  // namespace klasboek::tests
