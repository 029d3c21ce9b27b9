#include "tests/support/matrix_school.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"
#include "tests/support/recorded_answers.h"

namespace klasboek::tests {

namespace {

constexpr std::int64_t kDayUs = 24LL * 3600 * 1'000'000;
/// The door closes a connection after as many.
constexpr std::size_t kRequestsPerConnection = 900;

}  // namespace

const std::vector<std::string>& MatrixSchool::everybody() {
  static const std::vector<std::string> kAll = {"mother",
                                                "father",
                                                "stepfather",
                                                "shielded",
                                                "former",
                                                "blocked",
                                                "closed",
                                                "classmate_mother",
                                                "other_mother",
                                                "teacher",
                                                "other_teacher",
                                                "teacher_tomorrow",
                                                "teacher_yesterday",
                                                "director",
                                                "office",
                                                "care",
                                                "board",
                                                "deputy",
                                                "mandated",
                                                "office_tomorrow",
                                                "office_yesterday",
                                                "auditor_school",
                                                "auditor_child",
                                                "auditor_other",
                                                "auditor_expired",
                                                "auditor_ended",
                                                "stranger",
                                                "expired",
                                                "logged_out",
                                                "nobody"};
  return kAll;
}

MatrixSchool::MatrixSchool() {
  make_guardians();
  make_staff();
  make_auditors();
  logged_out_ = school.token_of("director");
  const auto session =
      school.installation().node().vault.sessions().read(logged_out_, school.now_us());
  REQUIRE(session.has_value());
  REQUIRE(school.installation().node().vault.sessions().deny(*session).has_value());
  server_ = std::make_unique<api::HttpServer>(
      api::HttpServerOptions{},
      [this](const api::Request& request) { return recorded(school.application(), request); });
  REQUIRE(server_->start().has_value());
}

void MatrixSchool::link(const std::string& guardian, const std::string& child,
                        const std::string& authority) {
  ApiSchool::done(school.post("director", "/children/" + school.id(child) + "/guardians",
                              {{"account", school.id(guardian)},
                               {"relation", "guardian"},
                               {"authority", authority},
                               {"household", 3},
                               {"contact_order", 3}}));
}

void MatrixSchool::make_guardians() {
  for (const auto* child : {"classmate", "leaver"}) {
    school.name(child,
                ApiSchool::done(school.post("director", "/children",
                                            {{"name", {{"given", child}, {"family", "Leerling"}}},
                                             {"birth_day", "2020-04-01"},
                                             {"group", school.id("class")},
                                             {"first_day", "2026-08-24"}}))["id"]);
  }
  for (const auto* guardian : {"shielded", "former", "blocked", "closed", "spare"}) {
    school.admit(guardian);
    link(guardian, "child", "with");
  }
  school.admit("classmate_mother");
  link("classmate_mother", "classmate", "with");
  link("former", "other_child", "with");
  const auto child = "/children/" + school.id("child");
  ApiSchool::done(school.remove("director", child + "/guardians/" + school.id("former")));
  ApiSchool::done(school.post("office", child + "/guardians/" + school.id("shielded") + "/shield",
                              {{"reason", "Een uitspraak"}}));
  ApiSchool::done(school.post("director", "/accounts/" + school.id("blocked") + "/block",
                              {{"reason", "Gedragsregels"}}));
  ApiSchool::done(school.post("director", "/accounts/" + school.id("closed") + "/close",
                              {{"last_day", "2026-10-04"}}));
}

void MatrixSchool::give_role(const std::string& who, const std::string& role,
                             const std::string& first_day, const std::string& last_day) {
  json body = {{"role", role}, {"first_day", first_day}};
  if (!last_day.empty()) body["last_day"] = last_day;
  ApiSchool::done(school.post("director", "/accounts/" + school.id(who) + "/roles", body));
}

void MatrixSchool::make_staff() {
  for (const auto* who : {"care", "board", "deputy", "mandated", "teacher_tomorrow",
                          "teacher_yesterday", "office_tomorrow", "office_yesterday"}) {
    school.admit(who);
  }
  for (const auto* who : {"care", "board", "deputy"}) give_role(who, who, "2026-08-24");
  ApiSchool::done(school.post("director", "/mandates",
                              {{"account", school.id("mandated")},
                               {"powers", {"leave"}},
                               {"first_day", "2026-10-05"},
                               {"last_day", "2026-10-05"}}));
  give_role("office_tomorrow", "office", "2026-10-06");
  give_role("office_yesterday", "office", "2026-08-24", "2026-10-04");
  const auto assign = [&](const std::string& who, const json& term) {
    give_role(who, "teacher", "2026-08-24");
    json body = term;
    body["account"] = school.id(who);
    ApiSchool::done(
        school.post("director", "/groups/" + school.id("class") + "/assignments", body));
  };
  assign("teacher_tomorrow", {{"first_day", "2026-10-06"}});
  assign("teacher_yesterday", {{"first_day", "2026-08-24"}, {"last_day", "2026-10-04"}});
}

void MatrixSchool::make_auditors() {
  const auto grant = [&](const std::string& who, const std::string& last_day, const json& more) {
    school.admit(who);
    json body = {{"account", school.id(who)}, {"last_day", last_day}, {"purpose", "Onderzoek"}};
    body.update(more);
    ApiSchool::done(school.post("director", "/audit-grants", body));
  };
  grant("auditor_school", "2026-10-30", {{"readable_text", true}});
  grant("auditor_child", "2026-10-30", {{"child", school.id("child")}});
  grant("auditor_other", "2026-10-30",
        {{"child", school.id("other_child")}, {"readable_text", true}});
  grant("auditor_ended", "2026-10-30", {{"readable_text", true}});
  ApiSchool::done(school.remove("director", "/audit-grants/" + school.id("auditor_ended")));
  // One that ran until yesterday was given before.
  school.on("2026-10-04 10:00");
  grant("auditor_expired", "2026-10-04", {{"readable_text", true}});
  school.on("2026-10-05 10:00");
}

std::string MatrixSchool::token(const std::string& who) {
  if (who == "nobody") return "";
  if (who == "logged_out") return logged_out_;
  if (who == "expired") {
    return school.token_of("director", school.now_us() - vault::kSessionLifetimeUs - kDayUs);
  }
  return school.token_of(who);
}

std::string MatrixSchool::filled(std::string text) const {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open)) {
    const auto close = text.find('}', open);
    const auto name = text.substr(open + 1, close - open - 1);
    const bool is_name =
        !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    if (close == std::string::npos || !is_name) {
      ++open;  // a brace of JSON
      continue;
    }
    const auto id = school.id(name);
    text.replace(open, close - open + 1, id);
    open += id.size();
  }
  return text;
}

RawAnswer MatrixSchool::ask(const std::string& who, const std::string& method,
                            const std::string& target, const std::string& body) {
  return ask_with(token(who), method, target, body);
}

RawAnswer MatrixSchool::ask_with(const std::string& token, const std::string& method,
                                 const std::string& target, const std::string& body) {
  if (client_ == nullptr || asked_ % kRequestsPerConnection == 0) {
    client_ = std::make_unique<RawClient>(server_->port());
  }
  ++asked_;
  const bool is_whole = target.starts_with("/v1") || target == "/livez" || target == "/readyz" ||
                        target == "/metrics" || target == "/openapi.json";
  const auto path = filled(is_whole ? target : school.root() + target);
  const auto content = filled(body);
  std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
  if (method != "GET") {
    request += "Idempotency-Key: matrix-" + std::to_string(asked_) + "\r\n";
    request += "Content-Length: " + std::to_string(content.size()) + "\r\n";
  }
  if (!content.empty()) request += "Content-Type: application/json\r\n";
  client_->send(request + "\r\n" + content);
  return client_->read_answer();
}

std::uint64_t MatrixSchool::events() {
  const auto id = events::parse_id<events::SchoolId>(school.id("school"));
  return school.installation().node().shards.of(*id).ledger().school_head(*id).next_sequence;
}

}  // namespace klasboek::tests
