#include "tests/bench/raw_postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace klasboek::bench {

namespace {

/// Where Debian has the programs that aren't meant for everybody's PATH.
constexpr std::string_view kPrograms = "/usr/lib/postgresql/15/bin/";
constexpr std::string_view kIsReady = "database system is ready to accept connections";
/// Debian's user and group without rights, who serves where this program is root.
constexpr uid_t kNobody = 65534;
constexpr const char* kUser = "bench";

// What an event store promises: an order of all, dense versions per stream, a command once.
constexpr std::string_view kSchema = R"(
CREATE TABLE events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream bigint NOT NULL,
  version bigint NOT NULL,
  command uuid NOT NULL UNIQUE,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  body bytea NOT NULL,
  UNIQUE (stream, version));
CREATE FUNCTION append(to_stream bigint, expected bigint, by_command uuid, event_body bytea)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last_version bigint;
  given bigint;
BEGIN
  SELECT max(version) INTO last_version FROM events WHERE stream = to_stream;
  IF coalesce(last_version, 0) <> expected THEN
    RAISE EXCEPTION 'stream % is at version %', to_stream, last_version;
  END IF;
  INSERT INTO events (stream, version, command, body)
  VALUES (to_stream, expected + 1, by_command, event_body) RETURNING position INTO given;
  RETURN given;
END $$;
)";

/// A program that was begun, and the end of a pipe that takes what it says.
struct Begun {
  int pid;
  int output;
};

bool is_root() { return ::geteuid() == 0; }

Begun begin(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int pid = ::fork();
  if (pid == 0) {
    const bool is_lowered = !is_root() || (::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 &&
                                           ::setuid(kNobody) == 0);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    if (is_lowered && ::chdir("/") == 0) ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (pid < 0) throw std::runtime_error("no new program");
  return {pid, ends[0]};
}

/// Appends what comes; false at the end.
bool read_some(int file, std::string& text) {
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  do {
    count = ::read(file, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

int wait_for(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// What it said; throws that where it failed.
std::string run(const std::vector<std::string>& words) {
  const auto begun = begin(words);
  std::string said;
  while (read_some(begun.output, said)) {
  }
  ::close(begun.output);
  const int status = wait_for(begun.pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(words.front() + " failed: " + said);
  }
  return said;
}

std::string program(const std::string& name) { return std::string(kPrograms) + name; }

std::string in_hex(const events::Bytes& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error(path.string() + " can't be written");
}

}  // namespace

RawPostgres::RawPostgres(const std::vector<events::Bytes>& bodies) {
  if (!std::filesystem::exists(program("postgres"))) {
    throw std::runtime_error("PostgreSQL 15 isn't installed: apt-get install postgresql-15");
  }
  for (std::size_t i = 0; i < std::min(bodies.size(), kBodiesMax); ++i) {
    const auto path = directory_ / ("append-" + std::to_string(i) + ".sql");
    write_file(path,
               "\\set n :n + 1\n"
               "\\set stream (:run * 1000 + :client_id) * 1000000 + :n / 4\n"
               "\\set expected :n % 4\n"
               "SELECT append(:stream, :expected, gen_random_uuid(), '\\x" +
                   in_hex(bodies[i]) + "');\n");
    scripts_.push_back(path.string());
  }
  write_file(directory_ / "schema.sql", kSchema);
  if (is_root() && ::chown(directory_.path().c_str(), kNobody, kNobody) != 0) {
    throw std::runtime_error("the cluster's directory can't be given to who serves it");
  }
  run({program("initdb"), "--pgdata", (directory_ / "cluster").string(), "--username", kUser,
       "--auth", "trust", "--encoding", "UTF8", "--locale", "C"});
  start();
  auto words = client_words("psql");
  words.insert(words.end(), {"--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file",
                             (directory_ / "schema.sql").string(), "postgres"});
  run(words);
}

RawPostgres::~RawPostgres() {
  // A fast end: whoever is connected is cut off.
  if (pid_ > 0 && ::kill(pid_, SIGINT) == 0) wait_for(pid_);
}

void RawPostgres::start() {
  const auto begun = begin({program("postgres"), "-D", (directory_ / "cluster").string(), "-k",
                            directory_.path().string(), "-c", "listen_addresses=", "-c",
                            "max_connections=200", "-c", "log_checkpoints=off"});
  pid_ = begun.pid;
  std::string said;
  bool is_alive = true;
  while (is_alive && said.find(kIsReady) == std::string::npos) {
    is_alive = read_some(begun.output, said);
  }
  // It says little from now on, and goes on where nobody listens any more.
  ::close(begun.output);
  if (!is_alive) {
    wait_for(std::exchange(pid_, -1));
    throw std::runtime_error("PostgreSQL doesn't start: " + said);
  }
}

std::vector<std::string> RawPostgres::client_words(const std::string& name) const {
  return {program(name), "--host", directory_.path().string(), "--username", kUser};
}

double RawPostgres::appends_per_second(std::size_t clients, double seconds) {
  auto words = client_words("pgbench");
  words.insert(words.end(),
               {"--no-vacuum", "--protocol", "prepared", "--client", std::to_string(clients),
                "--jobs", "1", "--define", "n=-1", "--define", "run=" + std::to_string(++runs_)});
  // pgbench counts in whole seconds; where less is wanted, in calls of each client.
  if (seconds >= 1) {
    words.insert(words.end(), {"--time", std::to_string(static_cast<int>(std::ceil(seconds)))});
  } else {
    words.insert(words.end(), {"--transactions", "3"});
  }
  for (const auto& script : scripts_) words.insert(words.end(), {"--file", script});
  words.emplace_back("postgres");
  const auto said = run(words);
  constexpr std::string_view kRate = "\ntps = ";
  constexpr std::string_view kFailed = "number of failed transactions: 0 ";
  const auto at = said.find(kRate);
  if (at == std::string::npos || said.find(kFailed) == std::string::npos) {
    throw std::runtime_error("pgbench gives no rate, or appends failed: " + said);
  }
  return std::stod(said.substr(at + kRate.size()));
}

}  // namespace klasboek::bench
