#include "tests/support/smtp_server.h"
#include "tests/support/source_dir.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace klasboek::tests {

namespace {

const std::string kScript = source_path("tests/support/smtp_server.py");

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("mail server: " + what);
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("no pipe");
  return ends;
}

}  // namespace

SmtpServer::SmtpServer(std::vector<std::string> words) : words_(std::move(words)) { start(); }

SmtpServer::~SmtpServer() { stop(); }

std::string SmtpServer::url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }

void SmtpServer::start() {
  // Debian's own: another Python has other modules.
  std::vector<std::string> words = {"/usr/bin/python3", "-Wignore", kScript,
                                    directory_.path().string()};
  if (port_ != 0) words.insert(words.end(), {"--port", std::to_string(port_)});
  words.insert(words.end(), words_.begin(), words_.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto input = make_pipe();
  const auto output = make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) fail("no new process");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  to_ = ::fdopen(input[1], "w");
  from_ = ::fdopen(output[0], "r");
  const auto line = read_line();
  if (!line.starts_with("port "))
    fail("doesn't listen; is python3-aiosmtpd there (tools/install)?");
  port_ = static_cast<std::uint16_t>(std::stoul(line.substr(5)));
}

void SmtpServer::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  std::fclose(to_);
  std::fclose(from_);
}

std::string SmtpServer::read_line() {
  std::string line;
  for (int c = std::fgetc(from_); c != EOF && c != '\n'; c = std::fgetc(from_)) {
    line += static_cast<char>(c);
  }
  return line;
}

void SmtpServer::tell(const std::string& line) {
  std::fputs((line + "\n").c_str(), to_);
  std::fflush(to_);
  if (read_line() != "ok") fail("didn't obey '" + line + "'");
}

void SmtpServer::rule(std::string_view rule) { tell("rule " + std::string(rule)); }

void SmtpServer::wait_until_held(std::size_t count) { tell("held " + std::to_string(count)); }

std::vector<std::string> SmtpServer::mails(std::size_t count) {
  tell("mails " + std::to_string(count));
  return mails();
}

std::vector<std::string> SmtpServer::mails() const {
  std::vector<std::string> mails;
  for (;;) {
    const auto name = std::to_string(mails.size() + 1) + ".eml";
    std::ifstream in(directory_ / name, std::ios::binary);
    if (!in) return mails;
    mails.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
}

std::string header_of(const std::string& mail, std::string_view name) {
  const auto head = "\r\n" + mail.substr(0, mail.find("\r\n\r\n")) + "\r\n";
  const auto begin = head.find("\r\n" + std::string(name) + ": ");
  if (begin == std::string::npos) return {};
  std::string value;
  auto at = begin + name.size() + 4;
  for (;;) {
    const auto end = head.find("\r\n", at);
    value += head.substr(at, end - at);
    at = end + 2;
    if (at >= head.size() || head[at] != ' ') return value;
  }
}

std::string body_of(const std::string& mail) {
  std::string body;
  for (std::size_t i = mail.find("\r\n\r\n") + 4; i < mail.size(); ++i) {
    if (mail.compare(i, 3, "=\r\n") == 0) {
      i += 2;
    } else if (mail[i] == '=') {
      body += static_cast<char>(std::stoul(mail.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else if (mail[i] != '\r') {
      body += mail[i];
    }
  }
  return body;
}

}  // namespace klasboek::tests
