#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/kafka_broker.h"

namespace klasboek::tests {
namespace {

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Client make_client(rd_kafka_type_t type, const KafkaBroker& broker,
                   std::initializer_list<std::pair<const char*, const char*>> settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> reason{};
  INFO(reason.data());
  REQUIRE(rd_kafka_conf_set(conf, "bootstrap.servers", broker.bootstrap().c_str(), reason.data(),
                            reason.size()) == RD_KAFKA_CONF_OK);
  for (const auto& [name, value] : settings) {
    REQUIRE(rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) == RD_KAFKA_CONF_OK);
  }
  Client client(rd_kafka_new(type, conf, reason.data(), reason.size()), &rd_kafka_destroy);
  REQUIRE(client != nullptr);
  return client;
}

Client make_producer(const KafkaBroker& broker, const char* message_timeout_ms) {
  return make_client(RD_KAFKA_PRODUCER, broker,
                     {{"enable.idempotence", "true"}, {"message.timeout.ms", message_timeout_ms}});
}

rd_kafka_resp_err_t produce(rd_kafka_t* producer, const std::string& topic, std::string value) {
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(
      rd_kafka_topic_new(producer, topic.c_str(), nullptr), &rd_kafka_topic_destroy);
  const int failed = rd_kafka_produce(handle.get(), 0, RD_KAFKA_MSG_F_COPY, value.data(),
                                      value.size(), nullptr, 0, nullptr);
  return failed == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
}

// The first record of partition 0, or nothing when it holds none.
std::optional<std::string> first_record(const KafkaBroker& broker, const std::string& topic) {
  const Client consumer = make_client(RD_KAFKA_CONSUMER, broker,
                                      {{"group.id", "reader"},
                                       {"auto.offset.reset", "earliest"},
                                       {"enable.auto.commit", "false"},
                                       {"enable.partition.eof", "true"}});
  rd_kafka_topic_partition_list_t* wanted = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(wanted, topic.c_str(), 0)->offset = 0;
  REQUIRE(rd_kafka_assign(consumer.get(), wanted) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(wanted);
  std::optional<std::string> value;
  rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer.get(), 20'000);
  REQUIRE(message != nullptr);
  if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    CHECK(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
    value.emplace(static_cast<const char*>(message->payload), message->len);
  }
  rd_kafka_message_destroy(message);
  return value;
}

}  // namespace

TEST_CASE("a record that the broker took is still there after kill -9 and a restart") {
  KafkaBroker broker;
  const std::string topic = KafkaBroker::unique_topic("register");
  broker.create_topic(topic, 1, {{"retention.ms", "-1"}});
  CHECK(first_record(broker, topic) == std::nullopt);
  {
    const Client producer = make_producer(broker, "20000");
    REQUIRE(produce(producer.get(), topic, "groep 5 is present") == RD_KAFKA_RESP_ERR_NO_ERROR);
    REQUIRE(rd_kafka_flush(producer.get(), 20'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  const std::string address = broker.bootstrap();

  broker.kill9();
  broker.restart();

  CHECK(broker.bootstrap() == address);
  CHECK(first_record(broker, topic) == "groep 5 is present");
}

TEST_CASE("a suspended broker answers nobody until it is resumed") {
  KafkaBroker& broker = KafkaBroker::shared();
  const std::string topic = KafkaBroker::unique_topic("register");
  broker.create_topic(topic, 1);
  const Client producer = make_producer(broker, "20000");
  // The producer has met the broker before it freezes.
  REQUIRE(produce(producer.get(), topic, "first") == RD_KAFKA_RESP_ERR_NO_ERROR);
  REQUIRE(rd_kafka_flush(producer.get(), 20'000) == RD_KAFKA_RESP_ERR_NO_ERROR);

  broker.suspend();
  REQUIRE(produce(producer.get(), topic, "second") == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(rd_kafka_flush(producer.get(), 500) == RD_KAFKA_RESP_ERR__TIMED_OUT);
  broker.resume();
  CHECK(rd_kafka_flush(producer.get(), 20'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_CASE("two brokers run side by side") {
  KafkaBroker& first = KafkaBroker::shared();
  KafkaBroker second;
  CHECK(first.bootstrap() != second.bootstrap());
  const std::string topic = KafkaBroker::unique_topic("register");
  second.create_topic(topic, 3);
  CHECK(first_record(second, topic) == std::nullopt);
}

TEST_CASE("a topic that exists can't be made again, and the error says so") {
  KafkaBroker& broker = KafkaBroker::shared();
  const std::string topic = KafkaBroker::unique_topic("register");
  broker.create_topic(topic, 1);
  CHECK_THROWS_WITH(broker.create_topic(topic, 1), Catch::Contains("already exists"));
}

// Run by the next test, in a program of its own.
TEST_CASE("dies with a broker running", "[.dies]") {
  const KafkaBroker broker;
  std::raise(SIGKILL);
}

TEST_CASE("a test that is killed leaves no broker behind") {
  // Whoever is alive of the dying test and its broker holds the pipe open.
  std::array<int, 2> held{};
  REQUIRE(::pipe(held.data()) == 0);
  const pid_t dying = ::fork();
  if (dying == 0) {
    ::execl("/proc/self/exe", "dying_test", "[.dies]", nullptr);
    ::_exit(127);
  }
  ::close(held[1]);
  int status = 0;
  REQUIRE(::waitpid(dying, &status, 0) == dying);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);

  pollfd all_gone{.fd = held[0], .events = POLLIN, .revents = 0};
  CHECK(::poll(&all_gone, 1, 20'000) == 1);
  CHECK((all_gone.revents & POLLHUP) != 0);
  ::close(held[0]);
}

}  // namespace klasboek::tests
