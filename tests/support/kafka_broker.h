#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace klasboek::tests {

// A real Apache Kafka: one process that is broker and controller, on free ports of 127.0.0.1, its
// files in a temporary directory that goes with it. Ready in 2–4 s.
//
// The jars come from tools/kafka-jars; KLASBOEK_KAFKA_JARS names another directory. Whatever can't
// be done (no jars, no java, a broker that doesn't get ready) throws std::runtime_error that says
// what to do, with the end of the broker's own log.
//
// Not thread-safe. REQUIRES: made and restarted on a thread that outlives the broker, such as the
// one that runs the tests: the kernel kills the broker when that thread ends, so that a test that
// dies leaves none behind.
class KafkaBroker {
 public:
  // One of several: number 1 is also their only controller, whom the others ask.
  struct Seat {
    int number = 1;
    // How many brokers there will be, which is what Kafka's own topics are replicated to.
    int brokers = 1;
    // "HOST:PORT" of the controller; number 1 finds its own.
    std::string controller;
  };

  KafkaBroker() : KafkaBroker(Seat()) {}
  explicit KafkaBroker(Seat seat);
  ~KafkaBroker();
  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;

  // The broker of this test program: started when first asked for, stopped when the program ends.
  // Tests that share it keep apart by topic (see unique_topic); those that kill it make their own.
  static KafkaBroker& shared();

  // A topic name that no other caller got.
  static std::string unique_topic(const std::string& stem);

  // "127.0.0.1:PORT", the same through all restarts.
  const std::string& bootstrap() const { return bootstrap_; }
  // Of the controller that it obeys.
  const std::string& controller() const { return seat_.controller; }

  // Creates a topic (replication 1) and returns when it can be written. `settings` are Kafka's own,
  // as in {"retention.ms", "-1"}.
  void create_topic(const std::string& name, int partitions,
                    const std::map<std::string, std::string>& settings = {});

  // Ends it at once, with nothing flushed or said. REQUIRES: it runs.
  void kill9();

  // Ends it in order. REQUIRES: it runs.
  void stop();

  // Starts it on the same files and ports, and returns when every partition has a leader again.
  // REQUIRES: it was stopped or killed.
  void restart();

  // Freezes it: connections stay open and nothing answers, until resume. REQUIRES: it runs.
  void suspend();
  void resume();

 private:
  void format_storage();
  void start();
  void wait_until_ready();
  void end_with(int signal);
  std::string log_tail() const;

  Seat seat_;
  std::filesystem::path jars_;
  std::filesystem::path directory_;
  std::string bootstrap_;
  pid_t pid_ = -1;
};

}  // namespace klasboek::tests
