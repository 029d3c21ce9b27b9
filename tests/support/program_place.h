#pragma once
// The program's commands, run as an operator runs them, on a place of their own.
#include <filesystem>
#include <functional>
#include <string>

#include "tests/support/temporary_directory.h"
#include "tools/commands.h"

namespace klasboek::tests {

/// What a command came to: its exit code, and what it wrote.
struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// A data directory and a master key beside it; empty at first. Nothing is open between commands.
class Place {
 public:
  Place();
  /// Makes a school, De Vlieger, with its director.
  Outcome make() const;

  Outcome run(const std::function<int(const tools::Toolbox&)>& command, bool as_json = true) const;
  /// The same before the eyes of a person: what is written to err goes to a terminal.
  Outcome watch(const std::function<int(const tools::Toolbox&)>& command) const;
  [[nodiscard]] Outcome verify() const { return run(tools::verify_command); }

  [[nodiscard]] std::filesystem::path data() const { return configuration.data_dir; }
  [[nodiscard]] std::filesystem::path ledger() const { return data() / "shard-0" / "ledger"; }
  [[nodiscard]] std::filesystem::path views() const { return data() / "shard-0" / "views"; }
  [[nodiscard]] std::filesystem::path beside(const std::string& name) const {
    return directory_ / name;
  }

  tools::Configuration configuration;

 private:
  TemporaryDirectory directory_;
};

}  // namespace klasboek::tests
