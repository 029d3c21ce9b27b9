#pragma once
// A real mail server (Debian's python3-aiosmtpd) on a free port of 127.0.0.1, that can be told to
// refuse, to hang up and to be silent. It goes with this object, or with the test program.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temporary_directory.h"

namespace klasboek::tests {

/// One thread. What fails throws std::runtime_error, which fails the test.
class SmtpServer {
 public:
  /// Words for smtp_server.py, such as `--login user password`.
  explicit SmtpServer(std::vector<std::string> words = {});
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// `smtp://127.0.0.1:PORT`.
  [[nodiscard]] std::string url() const;
  /// What it does with mails from now on: "take", "rcpt 450", "data 554", "drop" (hangs up after
  /// the text), "keep-drop" (keeps it and hangs up), "hang" (never answers the text),
  /// "keep-hang" (keeps it and never answers).
  void rule(std::string_view rule);
  /// Waits until so many texts came whose answer is held back.
  void wait_until_held(std::size_t count);
  /// Waits until there are so many; all of them as received, in order.
  std::vector<std::string> mails(std::size_t count);
  /// All that there are now.
  [[nodiscard]] std::vector<std::string> mails() const;
  void stop();
  /// On the same port. REQUIRES: stopped.
  void start();

 private:
  std::string read_line();
  void tell(const std::string& line);

  TemporaryDirectory directory_;
  std::vector<std::string> words_;
  std::uint16_t port_ = 0;
  int pid_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

/// Of a mail as received: the value of a header, unfolded; "" where there is none.
std::string header_of(const std::string& mail, std::string_view name);
/// Its text, out of quoted-printable, with lines that end in LF.
std::string body_of(const std::string& mail);

}  // namespace klasboek::tests
