#pragma once
// A school whose server is killed again and again: its place on disk, its mail server, its people
// with their sessions, and how it is served, truly or by klasboek_crashing.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/program_place.h"
#include "tests/support/raw_http.h"
#include "tests/support/server_program.h"
#include "tests/support/smtp_server.h"

namespace klasboek::tests {

/// A request that changes something, as it is sent and sent again.
struct Asked {
  std::string method;
  std::string path;
  std::string key;
  std::string body;
};

/// The bytes of it, asked by whoever has the token; without a key where it is empty.
std::string bytes_of(const Asked& asked, const std::string& token);

/// Whoever sends requests: the director, or a guardian of one child with a second guardian, who
/// gets mail about it.
struct CrashPerson {
  std::string name;
  std::string account;
  std::string token;
  std::string child;
};

class CrashSchool {
 public:
  /// Made with a real server, and closed. REQUIRES: the programs of these paths are there.
  CrashSchool(std::string program, std::string crashing_program);

  [[nodiscard]] ServerProgramWords real() const;
  [[nodiscard]] ServerProgramWords crashing_at(std::string_view point, std::uint64_t nth) const;

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] SmtpServer& mail() { return mail_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] std::string root() const { return "/v1/schools/" + id_; }
  [[nodiscard]] const CrashPerson& director() const { return director_; }
  [[nodiscard]] const std::vector<CrashPerson>& guardians() const { return guardians_; }
  [[nodiscard]] const std::string& group() const { return group_; }
  [[nodiscard]] const std::string& purpose() const { return purpose_; }
  /// A second guardian of some child, who never comes in.
  [[nodiscard]] const std::string& invited() const { return invited_; }
  /// A school day that many days from now.
  [[nodiscard]] static std::string day(int offset);
  /// The last lines that the servers logged.
  [[nodiscard]] std::string last_log_lines() const;

 private:
  nlohmann::json done(std::uint16_t port, const std::string& method, const std::string& path,
                      const nlohmann::json& body, const std::string& token);
  void furnish(std::uint16_t port, const std::string& invitation);
  void add_family(std::uint16_t port, int number);
  std::string open_account(std::uint16_t port, const std::string& name);
  std::string come_in(std::uint16_t port, const std::string& code);
  void link(std::uint16_t port, const std::string& child, const std::string& account,
            int household);

  std::string program_;
  std::string crashing_program_;
  Place place_;
  SmtpServer mail_;
  std::string id_;
  std::string group_;
  std::string purpose_;
  std::string invited_;
  CrashPerson director_;
  std::vector<CrashPerson> guardians_;
  int keys_ = 0;
};

}  // namespace klasboek::tests
