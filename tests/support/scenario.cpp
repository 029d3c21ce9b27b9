#include "tests/support/scenario.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "api/application.h"
#include "api/http_server.h"
#include "events/local_time.h"
#include "reactions/verification.h"
#include "tests/support/raw_http.h"
#include "tests/support/recorded_answers.h"
#include "tests/support/temporary_directory.h"
#include "tools/commands.h"

namespace klasboek::tests {

namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr const char* kPassword = "een zin als wachtwoord";

struct Answer {
  int status = 0;
  json body;
  [[nodiscard]] std::string code() const { return body.value("code", ""); }
};

/// An installation that serves on a free port, and everybody in it by name.
class World {
 public:
  explicit World(const tools::Configuration& configuration) : configuration_(configuration) {}

  void found_school(const std::string& name, const std::string& director) {
    std::ostringstream out;
    const tools::Toolbox toolbox{configuration_, true, out, std::cerr};
    tools::SchoolOptions options;
    options.name = name;
    options.director_name = director;
    options.director_email = email_of(director);
    REQUIRE(tools::school_create_command(toolbox, options) == tools::kDone);
    const auto made = json::parse(out.str());
    school_ = made["school"];
    serve();
    accounts_[director] = made["director"];
    tokens_[director] = come_in(made["invitation"]);
    director_ = director;
    set_calendar();
  }

  /// School at every hour of every day, so that a scenario holds whenever it runs.
  void set_calendar() {
    json days = json::array();
    for (int weekday = 1; weekday <= 7; ++weekday) {
      days.push_back({{"weekday", weekday}, {"starts_minute", 1}, {"ends_minute", 1439}});
    }
    done(put(director_, "/school-days", {{"days", days}}));
    done(put(director_, "/school-years",
             {{"first_day", day(-100)}, {"last_day", day(200)}, {"periods", json::array()}}));
    done(put(director_, "/posting-window", {{"opens_minute", 0}, {"closes_minute", 1440}}));
  }

  std::string open_account(const std::string& name) {
    const auto account = done(
        post(director_, "/accounts", {{"name", split(name)}, {"email", email_of(name)}}))["id"];
    accounts_[name] = account;
    const auto invited = done(post(director_, "/invitations", {{"account", account}}));
    tokens_[name] = come_in(invited["code"]);
    return account;
  }

  static json split(const std::string& name) {
    const auto space = name.find(' ');
    return {{"given", name.substr(0, space)}, {"family", name.substr(space + 1)}};
  }

  static std::string email_of(const std::string& name) {
    std::string email;
    for (const char c : name) email += c == ' ' ? '.' : static_cast<char>(std::tolower(c));
    return email + "@example.org";
  }

  std::string come_in(const std::string& code) {
    const auto answer = send("POST", "/v1/invitations/" + code, {{"password", kPassword}}, "");
    REQUIRE(answer.status == 200);
    return answer.body["token"];
  }

  Answer get(const std::string& who, const std::string& path) {
    return send("GET", "/v1/schools/" + school_ + path, nullptr, who);
  }
  Answer post(const std::string& who, const std::string& path, const json& body,
              const std::string& key = {}) {
    return send("POST", "/v1/schools/" + school_ + path, body, who, key);
  }
  Answer put(const std::string& who, const std::string& path, const json& body) {
    return send("PUT", "/v1/schools/" + school_ + path, body, who);
  }

  Answer send(const std::string& method, const std::string& path, const json& body,
              const std::string& who, const std::string& key = {}) {
    const std::string text = body.is_null() ? "" : body.dump();
    std::string request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    if (!who.empty()) request += "Authorization: Bearer " + tokens_.at(who) + "\r\n";
    if (method != "GET") {
      request +=
          "Idempotency-Key: " + (key.empty() ? "key-" + std::to_string(++keys_) : key) +
          "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
          "\r\n";
    }
    const auto raw = ask(server_->port(), request + "\r\n" + text);
    return {raw.status, json::parse(raw.body, nullptr, false)};
  }

  /// The body of an answer that must say that it was done.
  static json done(const Answer& answer) {
    INFO(answer.body.dump());
    REQUIRE(answer.status >= 200);
    REQUIRE(answer.status < 300);
    return answer.body;
  }

  /// A day that many days from now, in the school's zone.
  static std::string day(int offset) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto here = events::local_time(tools::SchoolOptions{}.time_zone, now.count());
    return events::to_text(here.day.plus(offset));
  }

  void serve() {
    const tools::Toolbox toolbox{configuration_, true, std::cout, std::cerr};
    installation_ = tools::open_installation(toolbox);
    REQUIRE(installation_ != nullptr);
    application_ =
        std::make_unique<api::Application>(installation_->node(), api::ApplicationOptions{});
    server_ = std::make_unique<api::HttpServer>(
        api::HttpServerOptions{},
        [this](const api::Request& request) { return recorded(*application_, request); });
    REQUIRE(server_->start().has_value());
  }

  reactions::Installation& installation() { return *installation_; }
  const std::string& director() const { return director_; }
  std::map<std::string, std::string>& accounts() { return accounts_; }
  std::map<std::string, std::string>& groups() { return groups_; }
  std::map<std::string, std::string>& children() { return children_; }
  std::map<std::string, std::string>& purposes() { return purposes_; }

  std::string leave;
  std::uint64_t last_answer_position = 0;
  int decisions_that_stood = 0;
  Answer first_post;
  int leave_days_from = 20;

 private:
  tools::Configuration configuration_;
  std::unique_ptr<reactions::Installation> installation_;
  std::unique_ptr<api::Application> application_;
  std::unique_ptr<api::HttpServer> server_;
  std::string school_;
  std::string director_;
  std::map<std::string, std::string> tokens_;
  std::map<std::string, std::string> accounts_;
  std::map<std::string, std::string> groups_;
  std::map<std::string, std::string> children_;
  std::map<std::string, std::string> purposes_;
  std::atomic<int> keys_{0};
};

using Step = std::function<void(World&, const Words&)>;

json post_body(World& world, const std::string& title, const std::string& group) {
  return {{"groups", {world.groups().at(group)}}, {"title", title}, {"text", "Tot dan!"}};
}

int times_in_feed(World& world, const std::string& who, const std::string& title) {
  int times = 0;
  const auto feed = World::done(world.get(who, "/feed"));
  for (const auto& item : feed["items"]) {
    if (item["title"] == title) ++times;
  }
  return times;
}

std::string consent_path(World& world, const std::string& child) {
  return "/children/" + world.children().at(child) + "/consents";
}

std::string consent_status(World& world, const std::string& child, const std::string& purpose,
                           const std::string& query) {
  const auto answer = World::done(world.get(world.director(), consent_path(world, child) + query));
  for (const auto& item : answer["items"]) {
    if (item["code"] == purpose) return item["status"];
  }
  return "not asked";
}

void link_guardian(World& world, const Words& w) {
  const auto account = world.open_account(w[0]);
  World::done(world.post(world.director(), "/children/" + world.children().at(w[1]) + "/guardians",
                         {{"account", account}, {"relation", "guardian"}, {"authority", "with"}}));
}

Answer report_ill(World& world, const Words& w) {
  return world.post(w[0], "/absences",
                    {{"children", {world.children().at(w[1])}},
                     {"reason", "ill"},
                     {"first_day", World::day(0)},
                     {"last_day", World::day(0)}});
}

void ask_leave(World& world, const std::string& who, const std::string& child) {
  const int from = world.leave_days_from;
  world.leave_days_from += 10;
  const auto asked = World::done(world.post(who, "/leaves",
                                            {{"children", {world.children().at(child)}},
                                             {"ground", "other_circumstances"},
                                             {"first_day", World::day(from)},
                                             {"last_day", World::day(from + 1)},
                                             {"motivation", "Een bruiloft in de familie"}}));
  world.leave = asked["items"][0]["id"];
}

Answer decide_leave(World& world, const std::string& who, const json& decision) {
  return world.post(who, "/leaves/" + world.leave + "/decision", decision);
}

void race_decisions(World& world, const Words&) {
  std::array<int, 2> statuses{};
  std::array<std::thread, 2> deciders;
  for (std::size_t i = 0; i < deciders.size(); ++i) {
    deciders[i] = std::thread([&, i] {
      const json decision = i == 0 ? json{{"verdict", "grant"}}
                                   : json{{"verdict", "refuse"}, {"reasons", "Geen bijzonderheid"}};
      statuses[i] = decide_leave(world, world.director(), decision).status;
    });
  }
  for (auto& decider : deciders) decider.join();
  world.decisions_that_stood = static_cast<int>(std::ranges::count(statuses, 200));
  CHECK(std::ranges::count(statuses, 409) == 1);
}

void verify_register(World& world, const Words&) {
  for (const auto& shard : world.installation().shards().all()) {
    const TemporaryDirectory scratch;
    const auto found = reactions::verify(shard->ledger(), scratch.path() / "copy");
    for (const auto& fault : found.faults) UNSCOPED_INFO(fault);
    CHECK(found.faults.empty());
    CHECK(found.decisions == found.commits);
  }
}

void rebuild_views(World& world, const Words&) {
  for (const auto& shard : world.installation().shards().all()) {
    for (const auto& view : projections::all_views()) {
      const auto report = shard->projector->rebuild(*view);
      REQUIRE(report.has_value());
      INFO(report->view);
      CHECK(report->equal());
    }
  }
}

/// Every sentence that a scenario can use; "" stands for a name.
const std::map<std::string, Step>& steps() {
  static const std::map<std::string, Step> kSteps = {
      {R"(the school "" with director "")",
       [](World& world, const Words& w) { world.found_school(w[0], w[1]); }},
      {R"(the class "")",
       [](World& world, const Words& w) {
         world.groups()[w[0]] = World::done(world.post(
             world.director(), "/groups", {{"name", w[0]}, {"kind", "class_group"}}))["id"];
       }},
      {R"(the teacher "" of "")",
       [](World& world, const Words& w) {
         const auto account = world.open_account(w[0]);
         World::done(world.post(world.director(), "/accounts/" + account + "/roles",
                                {{"role", "teacher"}}));
         World::done(world.post(world.director(),
                                "/groups/" + world.groups().at(w[1]) + "/assignments",
                                {{"account", account}}));
       }},
      {R"(the child "" born "" in "")",
       [](World& world, const Words& w) {
         world.children()[w[0]] = World::done(world.post(world.director(), "/children",
                                                         {{"name", World::split(w[0])},
                                                          {"birth_day", w[1]},
                                                          {"group", world.groups().at(w[2])},
                                                          {"first_day", World::day(-50)}}))["id"];
       }},
      {R"(the guardian "" of "" with authority)", link_guardian},
      {R"("" posts "" to "")",
       [](World& world, const Words& w) {
         World::done(world.post(w[0], "/posts", post_body(world, w[1], w[2])));
       }},
      {R"("" sees "" in the feed)",
       [](World& world, const Words& w) { CHECK(times_in_feed(world, w[0], w[1]) == 1); }},
      {R"("" doesn't see "" in the feed)",
       [](World& world, const Words& w) { CHECK(times_in_feed(world, w[0], w[1]) == 0); }},
      {R"("" may not post to "": "")",
       [](World& world, const Words& w) {
         CHECK(world.post(w[0], "/posts", post_body(world, "Nee", w[1])).code() == w[2]);
       }},
      {R"("" moves to "")",
       [](World& world, const Words& w) {
         World::done(world.post(world.director(),
                                "/children/" + world.children().at(w[0]) + "/placements",
                                {{"group", world.groups().at(w[1])}}));
       }},
      {R"(the school asks consent for "")",
       [](World& world, const Words& w) {
         const json texts = {{{"language", "nl"}, {"title", "Foto's"}, {"text", "Mag dit?"}},
                             {{"language", "en"}, {"title", "Photos"}, {"text", "May we?"}}};
         world.purposes()[w[0]] = World::done(world.post(world.director(), "/consent-purposes",
                                                         {{"code", w[0]}, {"texts", texts}}))["id"];
       }},
      {R"("" answers "" for "" of "")",
       [](World& world, const Words& w) {
         const auto answered = World::done(
             world.put(w[0], consent_path(world, w[3]) + "/" + world.purposes().at(w[2]),
                       {{"answer", w[1]}, {"notice_version", 1}, {"language", "nl"}}));
         world.last_answer_position = answered["position"];
       }},
      {R"(consent of "" for "" is "")",
       [](World& world, const Words& w) { CHECK(consent_status(world, w[0], w[1], "") == w[2]); }},
      {R"(consent of "" for "" is not "")",
       [](World& world, const Words& w) { CHECK(consent_status(world, w[0], w[1], "") != w[2]); }},
      {R"(before the last answer consent of "" for "" was "")",
       [](World& world, const Words& w) {
         const auto at = "?at=" + std::to_string(world.last_answer_position - 1);
         CHECK(consent_status(world, w[0], w[1], at) == w[2]);
       }},
      {R"("" may not see consents of "": "")",
       [](World& world, const Words& w) {
         CHECK(world.get(w[0], consent_path(world, w[1])).code() == w[2]);
       }},
      {R"("" reports "" ill today)",
       [](World& world, const Words& w) {
         CHECK(World::done(report_ill(world, w))["items"][0]["added"] == false);
       }},
      {R"("" reports "" ill today as well)",
       [](World& world, const Words& w) {
         CHECK(World::done(report_ill(world, w))["items"][0]["added"] == true);
       }},
      {R"("" sees "" absent today once)",
       [](World& world, const Words& w) {
         const auto items = World::done(world.get(w[0], "/absences?day=" + World::day(0)))["items"];
         REQUIRE(items.size() == 1);
         CHECK(items[0]["child"] == world.children().at(w[1]));
       }},
      {R"("" asks 2 days of leave for "")",
       [](World& world, const Words& w) { ask_leave(world, w[0], w[1]); }},
      {R"("" may not decide on it: "")",
       [](World& world, const Words& w) {
         CHECK(decide_leave(world, w[0], {{"verdict", "grant"}}).code() == w[1]);
       }},
      {R"("" grants it)",
       [](World& world, const Words& w) {
         World::done(decide_leave(world, w[0], {{"verdict", "grant"}}));
       }},
      {R"("" may not refuse it any more: "")",
       [](World& world, const Words& w) {
         CHECK(
             decide_leave(world, w[0], {{"verdict", "refuse"}, {"reasons", "Toch niet"}}).code() ==
             w[1]);
       }},
      {R"(leave of "" is "")",
       [](World& world, const Words& w) {
         const auto leave = World::done(world.get(world.director(), "/leaves/" + world.leave));
         CHECK(leave["child"] == world.children().at(w[0]));
         CHECK(leave["status"] == w[1]);
       }},
      {"two decisions on it race", race_decisions},
      {"exactly one decision on it stands",
       [](World& world, const Words&) { CHECK(world.decisions_that_stood == 1); }},
      {R"("" sends the same post twice)",
       [](World& world, const Words& w) {
         const auto body = post_body(world, "Tweemaal verzonden", "Groep 3");
         world.first_post = world.post(w[0], "/posts", body, "the-same-key");
         const auto again = world.post(w[0], "/posts", body, "the-same-key");
         World::done(world.first_post);
         CHECK(again.body == world.first_post.body);
       }},
      {R"(it is in the feed of "" once)",
       [](World& world, const Words& w) {
         CHECK(times_in_feed(world, w[0], "Tweemaal verzonden") == 1);
       }},
      {R"(the same key with another body is refused: "")",
       [](World& world, const Words& w) {
         CHECK(world
                   .post("Tomas Leraar", "/posts", post_body(world, "Anders", "Groep 3"),
                         "the-same-key")
                   .code() == w[0]);
       }},
      {"the register verifies", verify_register},
      {"every view rebuilt equals the live one", rebuild_views},
  };
  return kSteps;
}

/// A line without its first word, its names taken out into `words`.
std::string sentence_of(const std::string& line, Words& words) {
  const auto space = line.find(' ');
  std::string sentence;
  bool inside = false;
  for (const char c : line.substr(space + 1)) {
    if (c == '"') {
      inside = !inside;
      if (inside) words.emplace_back();
      sentence += c;
    } else if (inside) {
      words.back() += c;
    } else {
      sentence += c;
    }
  }
  return sentence;
}

}  // namespace

void run_scenario(const std::filesystem::path& file, const tools::Configuration& configuration) {
  World world(configuration);
  std::ifstream lines(file);
  REQUIRE(lines.good());
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    INFO(file.filename().string() << ":" << number << ": " << line);
    Words words;
    const auto step = steps().find(sentence_of(line, words));
    REQUIRE(step != steps().end());
    step->second(world, words);
  }
}

}  // namespace klasboek::tests
