#pragma once
// A node as a program of its own, which can be stopped, continued and killed while it writes. It
// is this test program again, run for a hidden test case that calls run_writing_node.
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/persistent_writer.h"

namespace klasboek::tests {

/// The tag of the hidden test case.
inline constexpr const char* kWritingNodeTag = "[.writing-node]";

struct WritingNodeWords {
  std::string brokers;
  std::string topic;
  /// Of its shard; it stays when the program ends.
  std::filesystem::path directory;
  /// Its commands are `name-from` to `name-(to-1)`, as write_persistently gives them.
  std::string name;
  int from = 0;
  int to = 0;
};

/// The program, until it ends or is killed; killed with this object. What it is told of its
/// commands is noted as it is told.
class WritingNode {
 public:
  WritingNode(const WritingNodeWords& words, Acknowledgements& acknowledgements);
  ~WritingNode();
  WritingNode(const WritingNode&) = delete;
  WritingNode& operator=(const WritingNode&) = delete;

  /// Stops it as a machine does that is suspended; returns when it stands still. REQUIRES: it runs.
  void stop();
  void go_on();
  /// Ends it at once, and waits until it is gone.
  void kill9();
  /// Waits until it ends by itself. Whether it did all that it was to do.
  bool finish();

 private:
  void read_what_it_was_told(Acknowledgements& acknowledgements) const;

  int pid_ = -1;
  int told_ = -1;
  std::thread reader_;
};

/// What the program is: opens its log, writes, and closes it. The body of the hidden test case.
void run_writing_node();

}  // namespace klasboek::tests
