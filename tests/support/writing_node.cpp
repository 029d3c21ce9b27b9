#include "tests/support/writing_node.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/support/kafka_node.h"

namespace klasboek::tests {

namespace {

constexpr int kToldTo = 3;
constexpr const char* kBrokers = "KLASBOEK_NODE_BROKERS";
constexpr const char* kTopic = "KLASBOEK_NODE_TOPIC";
constexpr const char* kDirectory = "KLASBOEK_NODE_DIRECTORY";
constexpr const char* kName = "KLASBOEK_NODE_NAME";
constexpr const char* kFrom = "KLASBOEK_NODE_FROM";
constexpr const char* kTo = "KLASBOEK_NODE_TO";

std::string word(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE(value != nullptr);
  return value;
}

std::vector<std::string> environment_of(const WritingNodeWords& words) {
  std::vector<std::string> all;
  for (char** at = ::environ; *at != nullptr; ++at) all.emplace_back(*at);
  const auto add = [&](const char* name, const std::string& value) {
    all.push_back(std::string(name) + "=" + value);
  };
  add(kBrokers, words.brokers);
  add(kTopic, words.topic);
  add(kDirectory, words.directory.string());
  add(kName, words.name);
  add(kFrom, std::to_string(words.from));
  add(kTo, std::to_string(words.to));
  return all;
}

}  // namespace

WritingNode::WritingNode(const WritingNodeWords& words, Acknowledgements& acknowledgements) {
  std::array<int, 2> told{};
  if (::pipe2(told.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a node");
  auto environment = environment_of(words);
  std::vector<char*> variables;
  for (auto& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // Only calls that are allowed between fork and exec in a program with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::dup2(told[1], kToldTo) < 0) ::_exit(127);
    if (told[1] == kToldTo) ::fcntl(kToldTo, F_SETFD, 0);
    ::execle("/proc/self/exe", "writing_node", kWritingNodeTag, nullptr, variables.data());
    ::_exit(127);
  }
  ::close(told[1]);
  told_ = told[0];
  if (pid_ < 0) throw std::runtime_error("can't start a node");
  reader_ = std::thread([&] { read_what_it_was_told(acknowledgements); });
}

WritingNode::~WritingNode() {
  if (pid_ > 0) kill9();
  ::close(told_);
}

/// A line for each command: its key, the number of its school, the sequence. Or one word where it
/// got no answer.
void WritingNode::read_what_it_was_told(Acknowledgements& acknowledgements) const {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines(::fdopen(::dup(told_), "r"),
                                                              &std::fclose);
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), lines.get()) != nullptr) {
    std::istringstream words(line.data());
    std::string key;
    std::uint64_t school = 0;
    std::uint64_t sequence = 0;
    if (words >> key >> school >> sequence) {
      acknowledgements.note(key, {school_number(school), sequence});
    } else {
      acknowledgements.note_unanswered();
    }
  }
}

void WritingNode::stop() {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  ::waitpid(pid_, &status, WUNTRACED);
}

void WritingNode::go_on() { ::kill(pid_, SIGCONT); }

void WritingNode::kill9() {
  ::kill(pid_, SIGKILL);
  finish();
}

bool WritingNode::finish() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  reader_.join();
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void run_writing_node() {
  log::KafkaOptions kafka;
  kafka.brokers = word(kBrokers);
  kafka.topic = word(kTopic);
  kafka.partition_count = 1;
  log::KafkaLogOptions options;
  options.directory = word(kDirectory);
  options.free_bytes_min = 0;
  CountingKeySink keys;
  const auto client = log::KafkaClient::open(kafka);
  REQUIRE(client.has_value());
  const auto log = log::open_kafka_log(**client, 0, options, keys);
  REQUIRE(log.has_value());
  REQUIRE((*log)->wait_until_ready(std::chrono::seconds(120)));
  const auto tell = [](const std::string& line) {
    REQUIRE(::write(kToldTo, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  };
  CHECK(write_persistently(
      **log, word(kName), std::stoi(word(kFrom)), std::stoi(word(kTo)),
      [&](const std::string& key, const Acknowledged& told) {
        tell(key + " " + std::to_string(told.school.value.lo) + " " +
             std::to_string(told.sequence) + "\n");
      },
      [&] { tell("unanswered\n"); }));
}

}  // namespace klasboek::tests
