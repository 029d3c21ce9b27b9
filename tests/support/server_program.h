#pragma once
// `klasboek serve` as a program of its own, until it is killed or ends itself. It goes with this
// object, or with the test program.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace klasboek::tests {

struct ServerProgramWords {
  std::string program;
  std::vector<std::string> arguments;
  /// Besides this program's own, as NAME=VALUE.
  std::vector<std::string> environment;
  /// Takes what it writes on stderr; empty: this program's own.
  std::filesystem::path log_file;
};

/// How a program ended, and what it had said on stdout from its first line on.
struct ServerEnd {
  bool was_killed = false;
  int exit_code = 0;
  std::string said;
};

class ServerProgram {
 public:
  /// Starts it and waits until it listens or has ended. Throws std::runtime_error where there can
  /// be no new program.
  explicit ServerProgram(const ServerProgramWords& words);
  ~ServerProgram();
  ServerProgram(const ServerProgram&) = delete;
  ServerProgram& operator=(const ServerProgram&) = delete;

  /// 0 where it ended before it listened.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Of the program while it runs.
  [[nodiscard]] int pid() const { return pid_; }
  /// As kill -9 does; doesn't wait. Any thread, but not once somebody waits for the end.
  void kill() const;
  /// Stops it as a machine does that is suspended, until it goes on: its connections stay open and
  /// it answers nobody. Returns when it stands still.
  void stop() const;
  void go_on() const;
  /// Whether it has ended by itself, for which this waits so long at most.
  bool has_ended_within(std::chrono::milliseconds wait_max);
  /// Waits until it has ended. Once.
  ServerEnd end();

 private:
  int pid_ = -1;
  int output_ = -1;
  std::uint16_t port_ = 0;
  std::string said_;
};

}  // namespace klasboek::tests
