// Two real servers of one installation on a real Kafka, asked over HTTP for the same school, one of
// them stopped in the middle of it and continued, or killed and started again: every 2xx is in the
// log once, and both have the same ledger.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>

#include "tests/support/crash_school.h"
#include "tests/support/kafka_node.h"
#include "tests/support/ledger_dump.h"
#include "tests/support/persistent_writer.h"

namespace klasboek::tests {
namespace {

using nlohmann::json;

constexpr int kEach = 40;
constexpr std::chrono::seconds kPatience{240};

/// The servers' places on disk, and a school that both of them serve.
class TwoServers {
 public:
  TwoServers() {
    configure(first_);
    configure(second_);
    const auto made = json::parse(first_.make().out);
    school_ = *events::parse_id<events::SchoolId>(made["school"].get<std::string>());
    director_ = *events::parse_id<events::AccountId>(made["director"].get<std::string>());
    std::filesystem::copy_file(first_.configuration.master_key_file,
                               second_.configuration.master_key_file);
    const ServerProgram server(words_of(first_));
    const Asked asked{"POST", "/v1/invitations/" + made["invitation"].get<std::string>(), "come-in",
                      R"({"password":"een zin als wachtwoord"})"};
    const auto answer = ask(server.port(), bytes_of(asked, ""));
    INFO(answer.body);
    REQUIRE(answer.status < 300);
    token_ = json::parse(answer.body)["token"];
  }

  [[nodiscard]] ServerProgramWords first() const { return words_of(first_); }
  [[nodiscard]] ServerProgramWords second() const { return words_of(second_); }

  /// Founds groups one after the other by the keys `name-0` and so on, each asked of whoever
  /// listens on the port by then until there is a 2xx. False where one takes longer than anybody
  /// would wait, is refused, or is told otherwise than before.
  bool found_groups(const std::atomic<std::uint16_t>& port, const std::string& name) {
    for (int n = 0; n < kEach; ++n) {
      const auto key = name + "-" + std::to_string(n);
      const Asked asked{"POST", "/v1/schools/" + events::to_text(school_) + "/groups", key,
                        json{{"name", "Groep " + key}, {"kind", "class_group"}}.dump()};
      const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
      for (auto status = ask_once(port, asked); status != 201; status = ask_once(port, asked)) {
        if (status != 0 && status != 503) return false;
        told_.note_unanswered();
        if (std::chrono::steady_clock::now() > give_up_at) return false;
      }
    }
    return true;
  }
  [[nodiscard]] const Acknowledgements& told() const { return told_; }

  /// REQUIRES: no server runs.
  void check_agreement() const {
    KafkaNode one(node_of(first_));
    KafkaNode other(node_of(second_));
    REQUIRE(one.wait_for(other.log().ledger().tail()->position));
    REQUIRE(other.wait_for(one.log().ledger().tail()->position));
    for (auto* node : {&one, &other}) check_told(node->log().ledger());
    one.close();
    other.close();
    CHECK((dump_ledger(first_.ledger()) == dump_ledger(second_.ledger())));
  }

 private:
  void configure(Place& place) const {
    auto& configuration = place.configuration;
    // As the program has it where only --data is said.
    configuration.master_key_file = configuration.data_dir + ".master.key";
    configuration.log_kind = "kafka";
    configuration.log_brokers = KafkaBroker::shared().bootstrap();
    configuration.log_topic = commits_;
    configuration.log_secrets_topic = secrets_;
    configuration.log_partitions = 1;
  }
  [[nodiscard]] ServerProgramWords words_of(const Place& place) const {
    return {KLASBOEK_PROGRAM,
            {"serve", "--data", place.configuration.data_dir, "--listen", "127.0.0.1:0"},
            {"KLASBOEK_LOG_KIND=kafka", "KLASBOEK_LOG_BROKERS=" + KafkaBroker::shared().bootstrap(),
             "KLASBOEK_LOG_TOPIC=" + commits_, "KLASBOEK_LOG_SECRETS_TOPIC=" + secrets_,
             "KLASBOEK_LOG_PARTITIONS=1"},
            place.beside("server.log")};
  }
  [[nodiscard]] KafkaNode::Options node_of(const Place& place) const {
    auto options = KafkaNode::options_for(KafkaBroker::shared(), commits_);
    options.log.directory = place.data() / "shard-0";
    return options;
  }
  /// 0 where there was no answer.
  int ask_once(std::uint16_t port, const Asked& asked) {
    try {
      const auto answer = ask(port, bytes_of(asked, token_));
      if (answer.status != 201) return answer.status;
      const bool alike = told_.note(
          asked.key, {school_, json::parse(answer.body)["position"].get<std::uint64_t>()});
      return alike ? 201 : 500;
    } catch (const std::runtime_error&) {
      return 0;
    }
  }
  void check_told(const log::Ledger& ledger) const {
    std::size_t founded = 0;
    ledger.read_school(school_, 0, [&](const events::RecordedEvent& event) {
      if (std::holds_alternative<events::GroupFounded>(event.body)) ++founded;
      return true;
    });
    CHECK(founded == told_.count());
    for (const auto& [key, told] : told_.all()) {
      CAPTURE(key);
      const auto done =
          ledger.find_command(school_, events::command_id_of_request(school_, director_, key));
      REQUIRE(done.has_value());
      const auto& applied = std::get<log::Applied>(done->before);
      CHECK(applied.first_sequence + applied.count - 1 == told.sequence);
    }
  }

  std::string commits_ = KafkaBroker::unique_topic("served");
  std::string secrets_ = KafkaBroker::unique_topic("served-secrets");
  Place first_;
  Place second_;
  events::SchoolId school_;
  events::AccountId director_;
  std::string token_;
  Acknowledgements told_;
};

TEST_CASE("a server that is stopped and goes on has the same ledger, and every 2xx is there once") {
  TwoServers servers;
  ServerProgram first(servers.first());
  ServerProgram second(servers.second());
  const std::atomic<std::uint16_t> first_port = first.port();
  const std::atomic<std::uint16_t> second_port = second.port();
  auto at_first =
      std::async(std::launch::async, [&] { return servers.found_groups(first_port, "first"); });
  auto at_second =
      std::async(std::launch::async, [&] { return servers.found_groups(second_port, "second"); });
  for (const int round : {1, 2}) {
    CHECK(servers.told().wait_for("second", static_cast<std::size_t>(round * kEach / 3)));
    second.stop();
    const auto by_then = servers.told().count_of("first");
    CHECK(servers.told().wait_for("first", std::min<std::size_t>(by_then + kEach / 5, kEach)));
    second.go_on();
  }
  CHECK(at_first.get());
  CHECK(at_second.get());
  for (auto* server : {&first, &second}) {
    server->kill();
    server->end();
  }
  CHECK(servers.told().count() == 2 * kEach);
  servers.check_agreement();
}

TEST_CASE("what a killed server left open, another one settles, and it answers alike afterwards") {
  TwoServers servers;
  ServerProgram first(servers.first());
  const std::atomic<std::uint16_t> first_port = first.port();
  std::atomic<std::uint16_t> second_port = 0;
  {
    ServerProgram second(servers.second());
    second_port = second.port();
    auto at_first =
        std::async(std::launch::async, [&] { return servers.found_groups(first_port, "first"); });
    auto at_second =
        std::async(std::launch::async, [&] { return servers.found_groups(second_port, "second"); });
    CHECK(servers.told().wait_for("second", static_cast<std::size_t>(kEach / 2)));
    second.kill();
    second.end();
    second_port = first.port();
    CHECK(at_first.get());
    CHECK(at_second.get());
  }
  // Started again, it says of every command what was said before, whoever did it.
  ServerProgram second(servers.second());
  second_port = second.port();
  for (const std::string name : {"first", "second"}) {
    CHECK(servers.found_groups(second_port, name));
  }
  for (auto* server : {&first, &second}) {
    server->kill();
    server->end();
  }
  CHECK(servers.told().count() == 2 * kEach);
  servers.check_agreement();
}

}  // namespace
}  // namespace klasboek::tests
