// Measures the product against raw sides that do only the unavoidable work; tools/bench builds and
// calls it.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/vfs.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <set>
#include <string_view>

#include "tests/bench/measures.h"

namespace klasboek::bench {

namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2 };

/// What has to be installed besides.
enum class Needs : std::uint8_t { nothing, postgres, kafka };

struct Measure {
  std::string_view name;
  std::string_view what;
  void (*run)(const Effort&, const Say&, Report&);
  Needs needs;
};

constexpr std::array kMeasures = {
    Measure{"p1", "durable commands over HTTP, 64 clients", &measure_commands, Needs::nothing},
    Measure{"p2", "the same beside PostgreSQL as an event store", &measure_postgres,
            Needs::postgres},
    Measure{"p3", "how long a command takes, 1 and 64 clients", &measure_waits, Needs::nothing},
    Measure{"p6", "views made anew from a log of 24 school years", &measure_rebuild,
            Needs::nothing},
    Measure{"p7", "live views that follow a log of 4 school years", &measure_projection,
            Needs::nothing},
    Measure{"p8", "restart with a million events; p11 with it", &measure_size, Needs::nothing},
    Measure{"p9", "commands over HTTP on Kafka, 1 and 64 clients", &measure_kafka, Needs::kafka},
    Measure{"p11", "memory and bytes written; p8 with it", &measure_size, Needs::nothing},
    Measure{"p12", "every hash of a log made again", &measure_integrity, Needs::nothing},
};

void print_usage(std::ostream& out) {
  out << "Usage: klasboek_bench [NAME…] [--json] [--smoke] [--rounds N] [--seconds S] [--seed N]\n"
         "Measures klasboek against raw sides; without names all of it.\n";
  for (const auto& measure : kMeasures) out << "  " << measure.name << "  " << measure.what << "\n";
  out << "  --json     figures of every round, for programs\n"
         "  --smoke    tiny numbers, to see that it works: all that needs nothing else, or "
         "those named\n"
         "  --rounds   how often each side has its turn (5)\n"
         "  --seconds  of a side in a round, where it is time that ends it (4)\n"
         "  --seed     of schools and commands (drawn, and printed)\n"
         "What it writes goes to a directory of its own in $TMPDIR, and goes away.\n";
}

struct Wanted {
  Effort effort;
  std::set<std::string_view> names;
  bool json = false;
  bool smoke = false;
};

/// Numbers so small that the figures mean nothing.
void make_tiny(Effort& effort) {
  effort.rounds = 1;
  effort.seconds = 0.1;
  effort.single_calls = 30;
  effort.district = {
      .schools = 2, .children_per_school = 12, .children_per_class = 6, .purposes = 6};
  effort.history_schools = 2;
  effort.grown_events = 1000;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0;
}

/// Empty: all well; else what is wrong.
std::string read_arguments(const std::vector<std::string_view>& arguments, Wanted& wanted) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto argument = arguments[i];
    const auto value = i + 1 < arguments.size() ? arguments[i + 1] : std::string_view();
    const auto takes = [&](std::string_view name, auto& number) {
      return argument == name && read_number(value, number);
    };
    if (argument == "--json") {
      wanted.json = true;
    } else if (argument == "--smoke") {
      wanted.smoke = true;
      make_tiny(wanted.effort);
    } else if (takes("--rounds", wanted.effort.rounds) || takes("--seed", wanted.effort.seed) ||
               takes("--seconds", wanted.effort.seconds)) {
      ++i;
    } else {
      std::string name(argument);
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
      const auto known = std::ranges::find(kMeasures, name, &Measure::name);
      if (known == kMeasures.end()) {
        return "can't make anything of '" + std::string(argument) + "' here";
      }
      wanted.names.insert(known->name);
    }
  }
  return {};
}

/// Empty: all well. What is durable in memory is soon measured and means nothing.
std::string refuse_memory() {
  constexpr long kTmpfsMagic = 0x01021994;
  const auto directory = std::filesystem::temp_directory_path();
  struct statfs found{};
  if (::statfs(directory.c_str(), &found) == 0 && found.f_type == kTmpfsMagic) {
    return directory.string() +
           " is in memory, where syncing costs nothing: set TMPDIR to a "
           "directory on a disk";
  }
  return {};
}

int run(const std::vector<std::string_view>& arguments) {
  Wanted wanted;
  wanted.effort.seed = vault::draw<1>(vault::system_random())[0] + std::uint64_t{1};
  const auto complaint = [](const std::string& what) {
    std::cerr << "klasboek_bench: " << what << "\n";
  };
  if (const auto wrong = read_arguments(arguments, wanted); !wrong.empty()) {
    complaint(wrong);
    print_usage(std::cerr);
    return kUsage;
  }
  if (const auto wrong = refuse_memory(); !wrong.empty() && !wanted.smoke) {
    complaint(wrong);
    return kFailed;
  }
  Report report;
  report.seed = wanted.effort.seed;
  report.rounds = wanted.effort.rounds;
  const Say say = [](const std::string& what) { std::cerr << what << std::endl; };
  std::set<decltype(Measure::run)> done;
  for (const auto& measure : kMeasures) {
    const bool named = wanted.names.contains(measure.name);
    const bool unnamed = wanted.names.empty() && !(wanted.smoke && measure.needs != Needs::nothing);
    if ((!named && !unnamed) || !done.insert(measure.run).second) continue;
    try {
      measure.run(wanted.effort, say, report);
    } catch (const std::exception& fault) {
      complaint(std::string(measure.name) + " with seed " + std::to_string(report.seed) + ": " +
                fault.what());
      return kFailed;
    }
  }
  if (wanted.json) {
    print_json(report, std::cout);
  } else {
    print_table(report, std::cout);
  }
  return kDone;
}

}  // namespace

}  // namespace klasboek::bench

int main(int count, char** arguments) {
  // What the product says while it is measured isn't part of the figures.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("bench"));
  spdlog::set_level(spdlog::level::err);
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  if (std::ranges::find(words, "--help") != words.end() ||
      std::ranges::find(words, "-h") != words.end()) {
    klasboek::bench::print_usage(std::cout);
    return klasboek::bench::kDone;
  }
  return klasboek::bench::run(words);
}
