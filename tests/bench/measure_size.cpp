#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/bench/history.h"
#include "tests/bench/measures.h"
#include "tests/bench/run.h"
#include "tests/support/server_program.h"

namespace klasboek::bench {

namespace {

/// The number after a name in a file of /proc; in its own unit.
double number_after(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto at = text.find(name);
  if (at == std::string::npos) throw std::runtime_error(path + " doesn't say " + name);
  return std::stod(text.substr(at + name.size()));
}

double peak_memory_mib(int pid) {
  constexpr double kKibPerMib = 1024;
  return number_after("/proc/" + std::to_string(pid) + "/status", "VmHWM:") / kKibPerMib;
}

/// Bytes that this program wrote to files. What goes to a socket by send() isn't counted by Linux.
double written_bytes() { return number_after("/proc/self/io", "wchar:"); }

std::uint64_t record_bytes(const log::Ledger& ledger, log::Position from) {
  std::uint64_t bytes = 0;
  ledger.read_log(from, [&](const log::StoredCommit& commit) {
    bytes += commit.frame_bytes.bytes().size();
    return true;
  });
  return bytes;
}

/// An installation with many events in its log: one school lived a year, and the same year stands
/// there again for as many other schools as it takes.
class GrownInstallation {
 public:
  GrownInstallation(const Effort& effort, const Say& say) {
    place_.data_directory = directory_ / "data";
    place_.master_key_file = directory_ / "data.master.key";
    say("P8: a school lives a year");
    {
      const Product product(place_);
      district_ = live_a_year(product, effort);
    }
    const auto ledger_directory = place_.data_directory / "shard-0" / "ledger";
    const auto identity = log::Ledger::identity_in(ledger_directory);
    if (!identity || !*identity) throw std::runtime_error("the log can't be found");
    const auto ledger = log::Ledger::open(ledger_directory, **identity);
    if (!ledger) throw std::runtime_error(ledger.error().message);
    const auto school = district_.schools.front().id;
    const auto of_one_school = (*ledger)->school_head(school).next_sequence;
    const auto schools = (effort.grown_events + of_one_school - 1) / of_one_school;
    say("P8: the same year in " + std::to_string(schools) + " schools");
    events_ = of_one_school + copy_school(**ledger, school, 1, schools - 1, **ledger).events;
  }

  [[nodiscard]] const District& district() const { return district_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] tests::ServerProgramWords serve() const {
    return {KLASBOEK_PROGRAM,
            {"serve", "--data", place_.data_directory.string(), "--listen", "127.0.0.1:0"},
            {},
            directory_ / "server.log"};
  }

 private:
  tests::TemporaryDirectory directory_;
  reactions::InstallationPlace place_;
  District district_;
  std::uint64_t events_ = 0;
};

Run load(const tests::ServerProgram& server, std::size_t clients, const Until& until,
         const NextRequest& next) {
  auto run = run_http_load(server.port(), clients, until, next);
  if (run.refused > 0) throw std::runtime_error("refused: " + run.first_refusal);
  return run;
}

/// Starts the program and asks it until it says that it is ready.
std::unique_ptr<tests::ServerProgram> start_until_ready(const GrownInstallation& grown) {
  auto server = std::make_unique<tests::ServerProgram>(grown.serve());
  if (server->port() == 0) throw std::runtime_error("the program didn't start");
  load(*server, 1, {.calls = 1}, [] { return "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"; });
  return server;
}

void measure_restart(const Effort& effort, const Say& say, Report& report) {
  const GrownInstallation grown(effort, say);
  const Until until{.time = std::chrono::duration<double>(effort.seconds)};
  SchoolLife life(grown.district(), effort.seed);
  say("P8: views of " + std::to_string(grown.events()) + " events");
  const auto first_start = Clock::now();
  auto server = start_until_ready(grown);
  std::ostringstream note;
  note << "P8: " << grown.events() << " events; the start at which their views were made took "
       << seconds_since(first_start) << " s";
  report.notes.push_back(note.str());
  Line restart{"P8", "restart after kill -9, until ready", "s", {}, {}, {}};
  Line memory{"P11", "most memory that was resident", "MiB", {}, {}, {}};
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P8: round " + std::to_string(round));
    load(*server, kManyClients, until, [&] { return life.next(); });
    memory.ours.push_back(peak_memory_mib(server->pid()));
    server->kill();
    server->end();
    const auto start = Clock::now();
    server = start_until_ready(grown);
    restart.ours.push_back(seconds_since(start));
  }
  constexpr double kRestartMaxS = 1;
  constexpr double kMemoryMaxMib = 256;
  restart.goal = {Goal::Kind::ours_at_most, kRestartMaxS};
  memory.goal = {Goal::Kind::ours_at_most, kMemoryMaxMib};
  report.lines.push_back(std::move(restart));
  report.lines.push_back(std::move(memory));
}

void measure_written(const Effort& effort, const Say& say, Report& report) {
  say("P11: founding schools");
  const Product product;
  const auto district = found_district(product.node(), effort.district, effort.seed);
  SchoolLife life(district, effort.seed);
  const auto& ledger = product.node().shards.of(district.schools.front().id).ledger();
  Line line{"P11", "bytes written for those of commits", "bytes", {}, {}, {}};
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P11: round " + std::to_string(round));
    const auto position = ledger.tail()->position + 1;
    const auto before = written_bytes();
    run_commands(product, kManyClients, {.calls = effort.single_calls}, life);
    line.ours.push_back(written_bytes() - before);
    line.raw.push_back(static_cast<double>(record_bytes(ledger, position)));
  }
  constexpr double kWrittenMax = 2.5;
  line.goal = {Goal::Kind::ratio_at_most, kWrittenMax};
  report.lines.push_back(std::move(line));
}

}  // namespace

void measure_size(const Effort& effort, const Say& say, Report& report) {
  measure_restart(effort, say, report);
  measure_written(effort, say, report);
}

}  // namespace klasboek::bench
