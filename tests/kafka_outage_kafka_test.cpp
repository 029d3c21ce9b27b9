// A broker that dies or freezes under load, on a real Kafka: nothing that was acknowledged is lost,
// nothing is done twice, what was unknown is settled by asking again, and every reader sees every
// event once. The broker is this program's own and is struck at moments that are announced (so many
// commands are done), however long they take to come.
#include <array>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "tests/support/kafka_node.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/persistent_writer.h"

namespace klasboek::tests {
namespace {

constexpr std::chrono::seconds kPatience{240};

KafkaNode::Options options_on(const KafkaBroker& broker, const std::string& topic) {
  auto options = KafkaNode::options_for(broker, topic);
  options.log.outcome_wait_max = std::chrono::milliseconds(1500);
  options.log.follower.shorter_log_wait_max = std::chrono::seconds(60);
  return options;
}

/// Reads a school's events as a page does: whenever the log says that there is more, from where it
/// was.
class Subscriber {
 public:
  Subscriber(KafkaNode& node, events::SchoolId school) : node_(node), school_(school) {}
  /// Until it has seen this many; false where they don't come.
  bool see(std::size_t events) {
    const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
    log::Position seen_to = 0;
    while (sequences.size() < events) {
      if (std::chrono::steady_clock::now() > give_up_at) return false;
      static_cast<void>(node_.wait_for(seen_to));
      if (const auto tail = node_.log().ledger().tail()) seen_to = tail->position + 1;
      node_.log().ledger().read_school(school_, sequences.size(), [&](const auto& event) {
        sequences.push_back(event.sequence);
        return true;
      });
    }
    return true;
  }
  [[nodiscard]] bool saw_each_once() const {
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      if (sequences[i] != i) return false;
    }
    return true;
  }

  std::vector<std::uint64_t> sequences;

 private:
  KafkaNode& node_;
  events::SchoolId school_;
};

void read_up_to_the_same(KafkaNode& one, KafkaNode& other) {
  const auto position = [](KafkaNode& node) { return node.log().ledger().tail()->position; };
  REQUIRE(one.wait_for(position(other)));
  REQUIRE(other.wait_for(position(one)));
}

TEST_CASE("kill -9 of the broker under load loses, doubles and reorders nothing") {
  constexpr int kEach = 60;
  constexpr std::size_t kWriters = 4;
  constexpr std::size_t kPerSchool = kWriters * kEach / kSharedSchools;
  KafkaBroker broker;
  const auto topic = KafkaBroker::unique_topic("commits");
  KafkaNode one(options_on(broker, topic));
  KafkaNode other(options_on(broker, topic));
  Acknowledgements acknowledgements;
  std::vector<std::future<bool>> writing;
  for (std::size_t n = 0; n < kWriters; ++n) {
    auto& node = n % 2 == 0 ? one : other;
    writing.push_back(std::async(std::launch::async, [&, n] {
      return write_persistently(node.log(), "writer" + std::to_string(n), 0, kEach,
                                acknowledgements);
    }));
  }
  std::vector<Subscriber> subscribers;
  for (auto* node : {&one, &other}) {
    for (std::uint64_t n = 1; n <= kSharedSchools; ++n) {
      subscribers.emplace_back(*node, school_number(n));
    }
  }
  std::vector<std::future<bool>> seeing;
  for (auto& subscriber : subscribers) {
    seeing.push_back(
        std::async(std::launch::async, [&subscriber] { return subscriber.see(kPerSchool); }));
  }
  // Twice, each time in the middle of it.
  for (const std::size_t after : {kWriters * kEach / 4, kWriters * kEach / 2}) {
    CHECK(acknowledgements.wait_for(after));
    broker.kill9();
    broker.restart();
  }
  for (auto& all_written : writing) CHECK(all_written.get());
  for (auto& all_seen : seeing) CHECK(all_seen.get());
  for (const auto& subscriber : subscribers) {
    CHECK(subscriber.sequences.size() == kPerSchool);
    CHECK(subscriber.saw_each_once());
  }
  // It did strike somebody.
  CHECK(acknowledgements.unanswered() > 0);
  read_up_to_the_same(one, other);
  acknowledgements.check_against(one.log().ledger());
  acknowledgements.check_against(other.log().ledger());
  KafkaNode late(options_on(broker, topic));
  read_up_to_the_same(one, late);
  for (auto* node : {&one, &other, &late}) node->close();
  CHECK((dump_ledger(one.ledger_directory()) == dump_ledger(other.ledger_directory())));
  CHECK((dump_ledger(one.ledger_directory()) == dump_ledger(late.ledger_directory())));
}

TEST_CASE("a frozen broker makes outcomes unknown, and a retry finds out, on any node") {
  KafkaBroker broker;
  const auto topic = KafkaBroker::unique_topic("commits");
  auto options = options_on(broker, topic);
  KafkaNode one(options);
  KafkaNode other(options);
  const auto school = school_number(1);
  const auto first = log::submit(one.log(), rename_request(school, "before", &real_now_us));
  REQUIRE(std::holds_alternative<log::Done>(first));
  broker.suspend();
  // On its way when the broker froze: nobody can know.
  const auto request = rename_request(school, "frozen", &real_now_us);
  const auto frozen = log::submit(one.log(), request);
  CHECK(std::holds_alternative<log::UnknownOutcome>(frozen));
  // The node notices, refuses what it can't send, still reads, and isn't stuck.
  CHECK(one.wait_for_reason(""));
  const auto refused = log::submit(one.log(), rename_request(school, "after", &real_now_us));
  CHECK(std::holds_alternative<log::Unavailable>(refused));
  CHECK(one.log().ledger().school_head(school).next_sequence == 1);
  broker.resume();
  REQUIRE(other.log().wait_until_ready(kPatience));
  Acknowledgements acknowledgements;
  acknowledgements.note("before", {school, std::get<log::Done>(first).first_sequence});
  const auto ask_until_done = [&](KafkaNode& node, const std::string& key) {
    const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const auto outcome = log::submit(node.log(), rename_request(school, key, &real_now_us));
      if (const auto* done = std::get_if<log::Done>(&outcome)) return done->first_sequence;
      REQUIRE(std::chrono::steady_clock::now() < give_up_at);
    }
  };
  for (const std::string key : {"frozen", "after"}) {
    const auto sequence = ask_until_done(other, key);
    CHECK(ask_until_done(one, key) == sequence);
    acknowledgements.note(key, {school, sequence});
  }
  // The attempt that was on its way comes in, if it hasn't: it is the command, or void.
  read_up_to_the_same(one, other);
  acknowledgements.check_against(one.log().ledger());
  acknowledgements.check_against(other.log().ledger());
}

TEST_CASE("a record that timed out for its producer and lands later counts once") {
  KafkaBroker broker;
  const auto topic = KafkaBroker::unique_topic("commits");
  KafkaNode node(options_on(broker, topic));
  const auto school = school_number(1);
  // A node that has sent a commit, and hears that it wasn't delivered.
  auto options = options_on(broker, topic).kafka;
  options.message_wait_max = std::chrono::milliseconds(1000);
  const auto sender = log::KafkaClient::open(options);
  REQUIRE(sender.has_value());
  const auto key = events::to_text(school);
  const auto met = small_commit(school, "met", 0, real_now_us());
  REQUIRE((*sender)->send(0, key, events::encode_frame(met)).has_value());
  const auto events_reach = [&](std::uint64_t count) {
    const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
    while (node.log().ledger().school_head(school).next_sequence < count) {
      if (std::chrono::steady_clock::now() > give_up_at) return false;
      const auto tail = node.log().ledger().tail();
      static_cast<void>(node.wait_for(tail ? tail->position + 1 : 0));
    }
    return true;
  };
  REQUIRE(events_reach(1));
  std::promise<log::SendFault> failed;
  (*sender)->on_delivery_failed(0, [&](std::span<const std::uint8_t>, const log::SendFault& fault) {
    failed.set_value(fault);
  });
  const auto attempt = small_commit(school, "a", 1, real_now_us());
  broker.suspend();
  REQUIRE((*sender)->send(0, key, events::encode_frame(attempt)).has_value());
  auto fault = failed.get_future();
  REQUIRE(fault.wait_for(kPatience) == std::future_status::ready);
  // Not one of those that mean that it surely isn't in the log.
  const auto kind = fault.get().kind;
  CHECK(kind != log::SendFaultKind::too_large);
  CHECK(kind != log::SendFaultKind::forbidden);
  CHECK(node.log().ledger().school_head(school).next_sequence == 1);
  broker.resume();
  // It lands: the broker had it all the time.
  REQUIRE(events_reach(2));
  (*sender)->on_delivery_failed(0, {});
  REQUIRE(node.log().wait_until_ready(kPatience));
  const auto again = log::submit(node.log(), rename_request(school, "a", &real_now_us));
  REQUIRE(std::holds_alternative<log::Done>(again));
  CHECK(std::get<log::Done>(again).repeated);
  CHECK(std::get<log::Done>(again).first_sequence == 1);
  // So does what a node appends that gave it up and decided the command anew, by what it had read
  // since: only the command id tells that it is the same.
  const auto decided_anew = events::encode_frame(small_commit(school, "a", 2, real_now_us()));
  REQUIRE(node.wait_for(put_record(broker, topic, decided_anew)));
  CHECK(node.log().ledger().school_head(school).next_sequence == 2);
}

}  // namespace
}  // namespace klasboek::tests
