#include "tests/support/kafka_broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace klasboek::tests {
namespace {

constexpr auto kReadyWithin = std::chrono::seconds(90);
constexpr int kObeyWithinMs = 20'000;
constexpr int kMetadataWaitMs = 250;
constexpr int kCreateTopicWaitMs = 30'000;
// Below the ports that the kernel gives to outgoing connections, so that none of those takes a
// broker's port while it is down.
constexpr int kPortFirst = 20'000;
constexpr int kPortEnd = 32'000;
constexpr std::size_t kLogTailBytes = 4'000;
// Brokers that nobody else ever meets may always have the same name.
constexpr const char* kClusterId = "a2xhc2JvZWstdGVzdHMtMA";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("kafka broker: " + what);
}

// The directory that tools/kafka-jars prints.
std::filesystem::path find_jars() {
  std::filesystem::path jars;
  const char* given = std::getenv("KLASBOEK_KAFKA_JARS");
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (given != nullptr && *given != '\0') {
    jars = given;
  } else if (cache != nullptr && *cache != '\0') {
    jars = std::filesystem::path(cache) / "klasboek" / "kafka-" KLASBOEK_KAFKA_VERSION;
  } else if (home != nullptr) {
    jars = std::filesystem::path(home) / ".cache/klasboek/kafka-" KLASBOEK_KAFKA_VERSION;
  }
  if (!std::filesystem::is_directory(jars)) {
    fail("no jars in '" + jars.string() + "'; run tools/kafka-jars, which fetches them");
  }
  return jars;
}

bool port_is_free(int port) {
  const int sock = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (sock < 0) {
    fail("no socket to look for a free port with");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_free =
      ::bind(sock, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(sock);
  return is_free;
}

// The first of two neighbouring free ports. The search begins at a place of its own in each
// program, so that two that start together don't find the same.
int find_free_ports() {
  constexpr int kPairs = (kPortEnd - kPortFirst) / 2;
  static std::atomic<int> tried = 0;
  for (int i = 0; i < kPairs; ++i) {
    const int pair = (::getpid() % kPairs * 7 + tried++) % kPairs;
    const int port = kPortFirst + 2 * pair;
    if (port_is_free(port) && port_is_free(port + 1)) {
      return port;
    }
  }
  fail("no two free ports between " + std::to_string(kPortFirst) + " and " +
       std::to_string(kPortEnd));
}

std::string server_properties(const KafkaBroker::Seat& seat, const std::string& broker,
                              const std::filesystem::path& directory) {
  const bool controls = seat.number == 1;
  const int in_sync_min = seat.brokers > 1 ? 2 : 1;
  std::ostringstream out;
  out << "process.roles=" << (controls ? "broker,controller" : "broker") << "\n"
      << "node.id=" << seat.number << "\n"
      << "controller.quorum.voters=1@" << seat.controller << "\n"
      << "listeners=PLAINTEXT://" << broker
      << (controls ? ",CONTROLLER://" + seat.controller : std::string()) << "\n"
      << "advertised.listeners=PLAINTEXT://" << broker << "\n"
      << "log.dirs=" << (directory / "logs").string() << "\n"
      << "controller.listener.names=CONTROLLER\n"
         "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
         "auto.create.topics.enable=false\n"
         "offsets.topic.replication.factor="
      << seat.brokers << "\n"
      << "offsets.topic.num.partitions=4\n"
         "transaction.state.log.replication.factor="
      << seat.brokers << "\n"
      << "transaction.state.log.min.isr=" << in_sync_min << "\n"
      << "transaction.state.log.num.partitions=4\n"
         "unclean.leader.election.enable=false\n"
         "group.initial.rebalance.delay.ms=0\n"
         "log.cleaner.dedupe.buffer.size=16777216\n"
         // After a kill the broker waits until its own registration has lapsed, and a group until
         // its dead member's session has: with the defaults too long for tests that kill.
         "group.min.session.timeout.ms=1000\n"
         "broker.session.timeout.ms=3000\n"
         "broker.heartbeat.interval.ms=500\n";
  return out.str();
}

// Starts a program with its output at the end of `log`. It dies with the calling thread.
pid_t spawn(std::vector<std::string> words, const std::filesystem::path& log) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (in < 0 || out < 0) {
    fail("can't write " + log.string());
  }
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    // Only calls that are allowed between fork and exec in a program with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) {
      ::_exit(127);
    }
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(in);
  ::close(out);
  if (child < 0) {
    fail("can't start " + words.front());
  }
  return child;
}

// One of Kafka's programs, in a JVM that begins as fast as it can.
std::vector<std::string> java(const std::filesystem::path& jars, const std::string& heap_max,
                              std::vector<std::string> program) {
  std::vector<std::string> words = {
      "java", "-Xmx" + heap_max, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
      // Which tools/kafka-jars made; where it is missing or of another JVM it is passed over.
      "-XX:SharedArchiveFile=" + jars.string() + ".jsa", "-cp", (jars / "*").string()};
  std::ranges::move(program, std::back_inserter(words));
  return words;
}

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

Client make_client(const std::string& bootstrap) {
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  std::array<char, 512> reason{};
  for (const auto& [name, value] :
       {std::pair{"bootstrap.servers", bootstrap.c_str()}, std::pair{"reconnect.backoff.ms", "20"},
        std::pair{"reconnect.backoff.max.ms", "100"}, std::pair{"log_level", "0"}}) {
    if (rd_kafka_conf_set(settings, name, value, reason.data(), reason.size()) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(settings);
      fail(reason.data());
    }
  }
  Client client(rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason.data(), reason.size()),
                &rd_kafka_destroy);
  if (client == nullptr) {
    rd_kafka_conf_destroy(settings);
    fail(reason.data());
  }
  return client;
}

// Whether the broker answers, has registered itself and knows a leader of every partition there is.
// An open port alone says none of that.
bool knows_all_leaders(rd_kafka_t* client, int number) {
  const rd_kafka_metadata_t* found = nullptr;
  if (rd_kafka_metadata(client, 1, nullptr, &found, kMetadataWaitMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  bool all = std::any_of(found->brokers, found->brokers + found->broker_cnt,
                         [&](const auto& broker) { return broker.id == number; });
  for (int t = 0; all && t < found->topic_cnt; ++t) {
    const rd_kafka_metadata_topic_t& topic = found->topics[t];
    all = topic.err == RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int p = 0; all && p < topic.partition_cnt; ++p) {
      all = topic.partitions[p].leader >= 0;
    }
  }
  rd_kafka_metadata_destroy(found);
  return all;
}

// What the broker said of the one topic that it was asked for; empty when it made it.
std::string topic_error(rd_kafka_event_t* event) {
  if (event == nullptr) {
    return "no answer";
  }
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return rd_kafka_event_error_string(event);
  }
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  if (count != 1) {
    return "no result";
  }
  if (rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return "";
  }
  const char* said = rd_kafka_topic_result_error_string(results[0]);
  return said != nullptr ? said : rd_kafka_err2str(rd_kafka_topic_result_error(results[0]));
}

}  // namespace

KafkaBroker::KafkaBroker(Seat seat) : seat_(std::move(seat)), jars_(find_jars()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "klasboek-kafka-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    fail("can't make a directory " + pattern);
  }
  directory_ = pattern;
  try {
    const int port = find_free_ports();
    bootstrap_ = "127.0.0.1:" + std::to_string(port);
    if (seat_.controller.empty()) seat_.controller = "127.0.0.1:" + std::to_string(port + 1);
    std::ofstream(directory_ / "server.properties")
        << server_properties(seat_, bootstrap_, directory_);
    format_storage();
    start();
  } catch (...) {
    if (pid_ > 0) {
      end_with(SIGKILL);
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
    throw;
  }
}

KafkaBroker::~KafkaBroker() {
  if (pid_ > 0) {
    ::kill(pid_, SIGCONT);  // A frozen one must wake up to obey.
    end_with(SIGTERM);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

KafkaBroker& KafkaBroker::shared() {
  static KafkaBroker broker;
  return broker;
}

std::string KafkaBroker::unique_topic(const std::string& stem) {
  static std::atomic<int> number = 0;
  return stem + "." + std::to_string(::getpid()) + "." + std::to_string(++number);
}

void KafkaBroker::create_topic(const std::string& name, int partitions,
                               const std::map<std::string, std::string>& settings) {
  const Client client = make_client(bootstrap_);
  std::array<char, 512> reason{};
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, reason.data(), reason.size());
  if (topic == nullptr) {
    fail("topic " + name + ": " + reason.data());
  }
  for (const auto& [key, value] : settings) {
    rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  }
  const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> answers(
      rd_kafka_queue_new(client.get()), &rd_kafka_queue_destroy);
  rd_kafka_CreateTopics(client.get(), &topic, 1, nullptr, answers.get());
  rd_kafka_NewTopic_destroy(topic);
  const std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> answer(
      rd_kafka_queue_poll(answers.get(), kCreateTopicWaitMs), &rd_kafka_event_destroy);
  if (const std::string error = topic_error(answer.get()); !error.empty()) {
    fail("topic " + name + ": " + error);
  }
  wait_until_ready();
}

void KafkaBroker::kill9() { end_with(SIGKILL); }

void KafkaBroker::stop() { end_with(SIGTERM); }

void KafkaBroker::restart() {
  assert(pid_ < 0);
  start();
}

void KafkaBroker::suspend() {
  assert(pid_ > 0);
  ::kill(pid_, SIGSTOP);
  // The call returns before all of its threads have stopped.
  int status = 0;
  if (::waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status)) {
    pid_ = -1;
    fail("ended by itself\n" + log_tail());
  }
}

void KafkaBroker::resume() {
  assert(pid_ > 0);
  ::kill(pid_, SIGCONT);
}

void KafkaBroker::format_storage() {
  const pid_t format =
      spawn(java(jars_, "128m",
                 {"kafka.tools.StorageTool", "format", "-t", kClusterId, "-c",
                  (directory_ / "server.properties").string(), "--ignore-formatted"}),
            directory_ / "broker.log");
  int status = 0;
  ::waitpid(format, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    fail("java is missing; run tools/install --test");
  }
  if (status != 0) {
    fail("could not format its storage\n" + log_tail());
  }
}

void KafkaBroker::start() {
  pid_ = spawn(java(jars_, "256m", {"kafka.Kafka", (directory_ / "server.properties").string()}),
               directory_ / "broker.log");
  wait_until_ready();
}

void KafkaBroker::wait_until_ready() {
  const Client client = make_client(bootstrap_);
  const auto deadline = std::chrono::steady_clock::now() + kReadyWithin;
  while (!knows_all_leaders(client.get(), seat_.number)) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      fail("ended by itself (wait status " + std::to_string(status) + ")\n" + log_tail());
    }
    if (std::chrono::steady_clock::now() > deadline) {
      fail("not ready after 90 s\n" + log_tail());
    }
  }
}

void KafkaBroker::end_with(int signal) {
  assert(pid_ > 0);
  // By its number, since the declaration in glibc 2.36 can't be linked from C++.
  const int ending = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  ::kill(pid_, signal);
  pollfd ended{.fd = ending, .events = POLLIN, .revents = 0};
  if (ending < 0 || ::poll(&ended, 1, kObeyWithinMs) != 1) {
    ::kill(pid_, SIGKILL);
  }
  ::close(ending);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string KafkaBroker::log_tail() const {
  std::ifstream in(directory_ / "broker.log");
  std::ostringstream all;
  all << in.rdbuf();
  const std::string text = std::move(all).str();
  return text.size() <= kLogTailBytes ? text : text.substr(text.size() - kLogTailBytes);
}

}  // namespace klasboek::tests
