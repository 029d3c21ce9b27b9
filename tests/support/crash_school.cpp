#include "tests/support/crash_school.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <iterator>

#include "events/local_time.h"

namespace klasboek::tests {

namespace {

using nlohmann::json;

constexpr int kFamilies = 3;
constexpr const char* kPassword = "een zin als wachtwoord";

}  // namespace

std::string bytes_of(const Asked& asked, const std::string& token) {
  std::string bytes = asked.method + " " + asked.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (!token.empty()) bytes += "Authorization: Bearer " + token + "\r\n";
  if (!asked.key.empty()) bytes += "Idempotency-Key: " + asked.key + "\r\n";
  if (!asked.body.empty()) {
    bytes +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(asked.body.size()) +
        "\r\n";
  }
  return bytes + "\r\n" + asked.body;
}

CrashSchool::CrashSchool(std::string program, std::string crashing_program)
    : program_(std::move(program)), crashing_program_(std::move(crashing_program)) {
  // As the program has it where only --data is said.
  place_.configuration.master_key_file = place_.configuration.data_dir + ".master.key";
  const auto made = json::parse(place_.make().out);
  id_ = made["school"];
  director_.name = "director";
  director_.account = made["director"];
  ServerProgram server(real());
  furnish(server.port(), made["invitation"]);
}

ServerProgramWords CrashSchool::real() const {
  return {program_,
          {"serve", "--data", place_.configuration.data_dir, "--listen", "127.0.0.1:0"},
          {"KLASBOEK_MAIL_SERVER=" + mail_.url(), "KLASBOEK_MAIL_FROM=school@example.org"},
          place_.beside("server.log")};
}

ServerProgramWords CrashSchool::crashing_at(std::string_view point, std::uint64_t nth) const {
  auto words = real();
  words.program = crashing_program_;
  words.arguments = {place_.configuration.data_dir, std::string(point), std::to_string(nth)};
  return words;
}

std::string CrashSchool::day(int offset) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto here = events::local_time(tools::SchoolOptions{}.time_zone, now.count());
  return events::to_text(here.day.plus(offset));
}

std::string CrashSchool::last_log_lines() const {
  constexpr std::size_t kBytesMax = 4000;
  std::ifstream file(place_.beside("server.log"));
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  return all.size() > kBytesMax ? all.substr(all.size() - kBytesMax) : all;
}

json CrashSchool::done(std::uint16_t port, const std::string& method, const std::string& path,
                       const json& body, const std::string& token) {
  const Asked asked{method, path, "made-" + std::to_string(++keys_), body.dump()};
  const auto answer = ask(port, bytes_of(asked, token));
  INFO(method << " " << path << ": " << answer.body);
  REQUIRE(answer.status >= 200);
  REQUIRE(answer.status < 300);
  return json::parse(answer.body, nullptr, false);
}

/// School at every hour of every day, so that it doesn't matter when the test runs.
void CrashSchool::furnish(std::uint16_t port, const std::string& invitation) {
  director_.token = come_in(port, invitation);
  const auto& token = director_.token;
  json days = json::array();
  for (int weekday = 1; weekday <= 7; ++weekday) {
    days.push_back({{"weekday", weekday}, {"starts_minute", 1}, {"ends_minute", 1439}});
  }
  done(port, "PUT", root() + "/school-days", {{"days", days}}, token);
  done(port, "PUT", root() + "/school-years",
       {{"first_day", day(-100)}, {"last_day", day(200)}, {"periods", json::array()}}, token);
  done(port, "PUT", root() + "/posting-window", {{"opens_minute", 0}, {"closes_minute", 1440}},
       token);
  const json texts = {{{"language", "nl"}, {"title", "Foto's"}, {"text", "Mag dit?"}}};
  purpose_ = done(port, "POST", root() + "/consent-purposes",
                  {{"code", "photos"}, {"texts", texts}}, token)["id"];
  group_ = done(port, "POST", root() + "/groups", {{"name", "Groep 3"}, {"kind", "class_group"}},
                token)["id"];
  for (int number = 1; number <= kFamilies; ++number) add_family(port, number);
}

void CrashSchool::add_family(std::uint16_t port, int number) {
  const auto n = std::to_string(number);
  CrashPerson guardian;
  guardian.name = "guardian-" + n;
  guardian.child = done(port, "POST", root() + "/children",
                        {{"name", {{"given", "Kind" + n}, {"family", "Voorbeeld"}}},
                         {"birth_day", day(-8 * 365)},
                         {"group", group_},
                         {"first_day", day(-90)}},
                        director_.token)["id"];
  guardian.account = open_account(port, "ouder" + n);
  link(port, guardian.child, guardian.account, 1);
  const auto code = done(port, "POST", root() + "/invitations", {{"account", guardian.account}},
                         director_.token)["code"];
  guardian.token = come_in(port, code);
  invited_ = open_account(port, "tweede" + n);
  link(port, guardian.child, invited_, 2);
  guardians_.push_back(std::move(guardian));
}

std::string CrashSchool::open_account(std::uint16_t port, const std::string& name) {
  return done(
      port, "POST", root() + "/accounts",
      {{"name", {{"given", name}, {"family", "Voorbeeld"}}}, {"email", name + "@example.org"}},
      director_.token)["id"];
}

std::string CrashSchool::come_in(std::uint16_t port, const std::string& code) {
  return done(port, "POST", "/v1/invitations/" + code, {{"password", kPassword}}, "")["token"];
}

void CrashSchool::link(std::uint16_t port, const std::string& child, const std::string& account,
                       int household) {
  done(port, "POST", root() + "/children/" + child + "/guardians",
       {{"account", account},
        {"relation", "guardian"},
        {"authority", "with"},
        {"household", household},
        {"contact_order", household}},
       director_.token);
}

}  // namespace klasboek::tests
