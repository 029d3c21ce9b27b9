// `klasboek serve` that ends itself at a crash point, as kill -9 would: for tests only, and never
// delivered.
//
//   klasboek_crashing DATA POINT NTH
//
// serves what lies in DATA on a free port of 127.0.0.1, and when POINT is reached for the NTH time
// says `crashed at POINT` on stdout and is gone.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "tests/support/crash_points.h"
#include "tests/support/watched_disk.h"
#include "tools/commands.h"
#include "tools/logging.h"

namespace klasboek::tests {
namespace {

class Crash {
 public:
  Crash(std::string point, std::uint64_t nth) : point_(std::move(point)), left_(nth) {}

  /// Any thread.
  void at(CrashPoint point) {
    if (name_of(point) != point_ || left_.fetch_sub(1) != 1) return;
    const std::string line = "crashed at " + point_ + "\n";
    static_cast<void>(::write(STDOUT_FILENO, line.data(), line.size()));
    ::kill(::getpid(), SIGKILL);
  }

 private:
  std::string point_;
  std::atomic<std::uint64_t> left_;
};

DiskWatch watch_of(Crash& crash) {
  static constexpr std::string_view kLedger = "ledger";
  DiskWatch watch;
  watch.before = [&crash](const DiskCall& call) {
    crash.at(CrashPoint::disk_call);
    if (call.operation == DiskOperation::sync && call.is_of_log_in(kLedger)) {
      crash.at(CrashPoint::before_sync);
    }
    return rocksdb::IOStatus::OK();
  };
  watch.after = [&crash](const DiskCall& call) {
    if (call.operation == DiskOperation::sync && call.is_of_log_in(kLedger)) {
      crash.at(CrashPoint::after_sync);
    }
  };
  return watch;
}

int serve_until(const std::string& place, const std::string& point, std::uint64_t nth) {
  const auto from_environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  const auto configuration = tools::read_configuration(std::nullopt, from_environment,
                                                       {{"data_dir", place},
                                                        {"master_key_file", place + ".master.key"},
                                                        {"listen", "127.0.0.1:0"},
                                                        {"public_url", "http://127.0.0.1:0"}});
  if (!configuration) {
    std::cerr << configuration.error() << "\n";
    return tools::kUsage;
  }
  tools::start_logging(configuration->log_level);
  Crash crash(point, nth);
  const auto disk = watched_disk(watch_of(crash));
  tools::Toolbox toolbox{*configuration, false, std::cout, std::cerr};
  toolbox.surroundings.on_step = [&crash](log::Step step) { crash.at(point_of(step)); };
  toolbox.surroundings.disk = disk.get();
  return tools::serve_command(toolbox);
}

}  // namespace
}  // namespace klasboek::tests

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: klasboek_crashing DATA POINT NTH\n";
    return klasboek::tools::kUsage;
  }
  return klasboek::tests::serve_until(argv[1], argv[2], std::stoull(argv[3]));
}
