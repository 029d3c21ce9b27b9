#include "tests/support/server_program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <stdexcept>

namespace klasboek::tests {

namespace {

constexpr std::string_view kListens = "klasboek listens on ";

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Appends what comes; false at the end.
bool read_some(int file, std::string& text) {
  std::array<char, 1024> buffer{};
  ssize_t count = 0;
  do {
    count = ::read(file, buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

/// Of the line that says where it listens; 0 while that isn't whole.
std::uint16_t port_in(const std::string& said) {
  const auto at = said.find(kListens);
  const auto end = at == std::string::npos ? at : said.find('\n', at);
  if (end == std::string::npos) return 0;
  const auto colon = said.rfind(':', end);
  std::uint16_t port = 0;
  std::from_chars(said.data() + colon + 1, said.data() + end, port);
  return port;
}

}  // namespace

ServerProgram::ServerProgram(const ServerProgramWords& words) {
  // All is made ready before the fork: other threads of this program may hold any lock at it.
  std::vector<std::string> arguments = {words.program};
  arguments.insert(arguments.end(), words.arguments.begin(), words.arguments.end());
  std::vector<std::string> environment = words.environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  const auto argument_pointers = pointers_to(arguments);
  const auto environment_pointers = pointers_to(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int log_file =
      words.log_file.empty()
          ? -1
          : ::open(words.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    if (log_file >= 0) ::dup2(log_file, STDERR_FILENO);
    ::execve(words.program.c_str(), argument_pointers.data(), environment_pointers.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (log_file >= 0) ::close(log_file);
  output_ = ends[0];
  if (pid_ < 0) throw std::runtime_error("no new program");
  while (port_ == 0 && read_some(output_, said_)) port_ = port_in(said_);
}

ServerProgram::~ServerProgram() {
  if (pid_ > 0) {
    kill();
    end();
  }
  if (output_ >= 0) ::close(output_);
}

void ServerProgram::kill() const { ::kill(pid_, SIGKILL); }

void ServerProgram::stop() const {
  ::kill(pid_, SIGSTOP);
  int status = 0;
  while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
  }
}

void ServerProgram::go_on() const { ::kill(pid_, SIGCONT); }

bool ServerProgram::has_ended_within(std::chrono::milliseconds wait_max) {
  const auto until = std::chrono::steady_clock::now() + wait_max;
  // The pipe closes when the program ends, and not before.
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd output{output_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&output, 1, static_cast<int>(left.count())) == 0) return false;
    if (!read_some(output_, said_)) return true;
  }
}

ServerEnd ServerProgram::end() {
  while (read_some(output_, said_)) {
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ServerEnd ended;
  ended.was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  ended.said = said_;
  return ended;
}

}  // namespace klasboek::tests
