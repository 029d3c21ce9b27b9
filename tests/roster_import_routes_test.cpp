// An import by HTTP: who may, what waits, and what becomes of it.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/application.h"
#include "api/base64.h"
#include "api/http_server.h"
#include "api/roster_upload.h"
#include "tests/support/import_school.h"
#include "tests/support/recorded_answers.h"
#include "tests/support/roster_files.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/vault_place.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

using api::Method;
using events::Role;
using nlohmann::json;

struct Answer {
  int status = 0;
  json body;
  std::string code() const { return body.value("code", ""); }
};

/// A school with people in it, and the application that they talk to.
class Counter {
 public:
  Counter() : application_(school_.node(), {}) {
    REQUIRE(school_.import(files_).end == api::roster::ApplyEnd::completed);
    give_role("Hanneke van Oeverloos", Role::director);
    give_role("Ferit Demirbahçe", Role::deputy);
    school_.next_day();
  }

  const std::string& come_in(const std::string& name) {
    auto& token = tokens_[name];
    if (!token.empty()) return token;
    const auto code = school_.invite(school_.account(name).id);
    const auto answer =
        ask(Method::post, "/v1/invitations/" + code, {{"password", "een zin als wachtwoord"}});
    INFO(answer.body.dump());
    REQUIRE(answer.status == 200);
    token = answer.body["token"];
    return token;
  }

  Answer ask(Method method, const std::string& path, const json& body = nullptr,
             const std::string& token = {}, const std::string& key = {}) {
    api::Request request;
    request.method = method;
    request.path = path;
    for (std::size_t at = 1; at <= path.size();) {
      const auto end = std::min(path.find('/', at), path.size());
      request.segments.push_back(path.substr(at, end - at));
      at = end + 1;
    }
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    request.headers.add("Idempotency-Key", key.empty() ? "key-" + std::to_string(++keys_) : key);
    request.headers.add("Content-Type", "application/json");
    if (!body.is_null()) request.body = body.dump();
    request.deadline = deadline;
    const auto response = recorded(application_, request);
    return {response.status, json::parse(response.body, nullptr, false)};
  }

  api::Application& application() { return application_; }

  std::string imports() const {
    return "/v1/schools/" + events::to_text(school_.school()) + "/roster-imports";
  }

  Answer upload(const std::string& who, const ImportSchool::Files& files,
                const std::string& key = {}) {
    json items = json::array();
    for (const auto& file : files) {
      items.push_back({{"name", file.name}, {"content", api::base64_of(file.bytes)}});
    }
    return ask(Method::post, imports(), {{"files", items}}, come_in(who), key);
  }

  std::size_t waiting() {
    return school_.node().vault.transit().list(vault::TransitKind::roster_file)->size();
  }

  /// The demo school with one name corrected.
  ImportSchool::Files corrected() const {
    auto files = files_;
    files[0].bytes =
        with(files[0].bytes, "<roepnaam>Finn</roepnaam>", "<roepnaam>Finnegan</roepnaam>");
    return files;
  }

  ImportSchool& school() { return school_; }
  std::chrono::steady_clock::time_point deadline{};

 private:
  void give_role(const std::string& name, Role role) {
    events::GiveRole command;
    command.account = school_.account(name).id;
    command.role = role;
    command.first_day = school_.today();
    command.open_ended = true;
    school_.give(command);
  }

  const ImportSchool::Files files_ = demo_files();
  ImportSchool school_;
  api::Application application_;
  std::map<std::string, std::string> tokens_;
  int keys_ = 0;
};

const std::string kOffice = "Gerda den Rietzangers";
const std::string kDirector = "Hanneke van Oeverloos";

TEST_CASE("the office uploads files, sees their plan, and applies it") {
  Counter counter;
  const auto uploaded = counter.upload(kOffice, counter.corrected());
  INFO(uploaded.body.dump());
  REQUIRE(uploaded.status == 201);
  CHECK(uploaded.body["status"] == "waiting");
  CHECK(uploaded.body["plan"]["counts"]["children_corrected"] == 1);
  CHECK(uploaded.body["text"].get<std::string>().contains("Finnegan"));
  CHECK(counter.waiting() == 1);

  const auto path = counter.imports() + "/" + uploaded.body["id"].get<std::string>();
  const auto seen = counter.ask(Method::get, path, nullptr, counter.come_in(kDirector));
  CHECK(seen.status == 200);
  CHECK(seen.body["plan"] == uploaded.body["plan"]);
  CHECK(seen.body["files"] == json({"roster.xml", "guardians.csv"}));

  const auto applied =
      counter.ask(Method::post, path + "/apply", json::object(), counter.come_in(kOffice));
  INFO(applied.body.dump());
  REQUIRE(applied.status == 200);
  CHECK(applied.body["status"] == "completed");
  CHECK(counter.waiting() == 0);
  CHECK(counter.school().child("Finnegan ter Waterbrink").version > 0);

  const auto before = counter.school().events_in_log();
  CHECK(
      counter.ask(Method::post, path + "/apply", json::object(), counter.come_in(kOffice)).status ==
      200);
  CHECK(counter.ask(Method::get, path, nullptr, counter.come_in(kOffice)).body["status"] ==
        "completed");
  CHECK(counter.school().events_in_log() == before);
  CHECK(counter.school().faults().empty());
}

TEST_CASE("nobody but office and director imports") {
  Counter counter;
  const auto mine = counter.upload(kDirector, counter.corrected());
  REQUIRE(mine.status == 201);
  const auto path = counter.imports() + "/" + mine.body["id"].get<std::string>();
  for (const auto* name : {"Rayan Bouchariti", "Samira van Kersenlaan", "Ferit Demirbahçe"}) {
    INFO(name);
    CHECK(counter.upload(name, counter.corrected()).code() == "role_not_held");
    const auto& token = counter.come_in(name);
    CHECK(counter.ask(Method::get, path, nullptr, token).code() == "role_not_held");
    CHECK(counter.ask(Method::post, path + "/apply", json::object(), token).code() ==
          "role_not_held");
    CHECK(counter.ask(Method::delete_, path, nullptr, token).code() == "role_not_held");
  }
  CHECK(counter.ask(Method::get, path).code() == "not_logged_in");
  CHECK(counter.waiting() == 1);
}

TEST_CASE("files that can't be used are refused with what is wrong, and don't wait") {
  Counter counter;
  const auto cut_off = counter.corrected()[0].bytes.substr(0, 9000);
  const auto refused = counter.upload(kOffice, {{"roster.xml", cut_off}});
  CHECK(refused.status == 422);
  CHECK(refused.code() == "roster_refused");
  REQUIRE_FALSE(refused.body["errors"].empty());
  CHECK(refused.body["errors"][0]["pointer"] == "/files/0");
  CHECK(refused.body["errors"][0]["code"] == "xml_truncated");
  const auto malformed = counter.ask(Method::post, counter.imports(),
                                     {{"files", {{{"name", "a.xml"}, {"content", "no base64!"}}}}},
                                     counter.come_in(kOffice));
  CHECK(malformed.code() == "invalid_body");
  CHECK(counter.waiting() == 0);
}

TEST_CASE("by HTTP, too, many leavers are to be said by their number") {
  Counter counter;
  const auto uploaded = counter.upload(
      kOffice, {{"roster.xml", edex_of(clean_pupil("L1001") + clean_pupil("L1002"))}});
  REQUIRE(uploaded.status == 201);
  CHECK(uploaded.body["plan"]["requires_confirmation"]["leavers"] == 58);
  const auto path = counter.imports() + "/" + uploaded.body["id"].get<std::string>() + "/apply";
  const auto& token = counter.come_in(kOffice);
  const auto before = counter.school().events_in_log();
  CHECK(counter.ask(Method::post, path, json::object(), token).code() == "leavers_not_confirmed");
  CHECK(counter.ask(Method::post, path, {{"leavers", 57}}, token).code() ==
        "leavers_not_confirmed");
  CHECK(counter.school().events_in_log() == before);
  CHECK(counter.ask(Method::post, path, {{"leavers", 58}}, token).status == 200);
}

TEST_CASE("a repeated upload is the same import, and other files under its key are refused") {
  Counter counter;
  const auto first = counter.upload(kOffice, counter.corrected(), "one-key");
  const auto again = counter.upload(kOffice, counter.corrected(), "one-key");
  CHECK(first.body["id"] == again.body["id"]);
  CHECK(counter.waiting() == 1);
  const auto other = counter.upload(kOffice, demo_files(), "one-key");
  CHECK(other.code() == "idempotency_key_reused");
}

TEST_CASE(
    "an import that is given up leaves nothing behind, and one that isn't there is not found") {
  Counter counter;
  const auto uploaded = counter.upload(kOffice, counter.corrected());
  const auto& token = counter.come_in(kOffice);
  const auto path = counter.imports() + "/" + uploaded.body["id"].get<std::string>();
  CHECK(counter.ask(Method::delete_, path, nullptr, token).status == 204);
  CHECK(counter.waiting() == 0);
  CHECK(counter.ask(Method::get, path, nullptr, token).status == 404);
  CHECK(counter.ask(Method::post, path + "/apply", json::object(), token).status == 404);
  CHECK(counter.ask(Method::get, counter.imports() + "/nothing", nullptr, token).status == 404);
}

TEST_CASE("an import that outlasts its request is asked again") {
  Counter counter;
  const auto uploaded = counter.upload(kOffice, counter.corrected());
  const auto path = counter.imports() + "/" + uploaded.body["id"].get<std::string>() + "/apply";
  const auto& token = counter.come_in(kOffice);
  counter.deadline = std::chrono::steady_clock::now();
  CHECK(counter.ask(Method::post, path, json::object(), token).status == 202);
  counter.deadline += std::chrono::hours(1);
  CHECK(counter.ask(Method::post, path, json::object(), token).body["status"] == "completed");
}

TEST_CASE("files that wait are sealed, and are given up after a week") {
  Counter counter;
  REQUIRE(counter.upload(kOffice, counter.corrected()).status == 201);
  for (int day = 0; day < 8; ++day) counter.school().next_day();
  REQUIRE(counter.upload(kOffice, counter.corrected()).status == 201);
  CHECK(counter.waiting() == 1);
  const auto bytes = counter.school().all_bytes();
  CHECK_FALSE(holds_text(bytes, "<roepnaam>Finnegan"));
  CHECK_FALSE(holds_text(bytes, "ter Waterbrink"));
}

TEST_CASE("only where roster files are uploaded a body may be larger") {
  constexpr std::uint64_t kOtherwise = 1000;
  Counter counter;
  const auto bytes_max_of = [&](Method method, const std::vector<std::string>& segments) {
    return counter.application().body_bytes_max(method, segments, kOtherwise);
  };
  const std::vector<std::string> uploads = {"v1", "schools", "school_x", "roster-imports"};
  CHECK(bytes_max_of(Method::post, uploads) == api::kRosterUploadBytesMax);
  CHECK(bytes_max_of(Method::get, uploads) == kOtherwise);
  CHECK(bytes_max_of(Method::post, {"v1", "sessions"}) == kOtherwise);
}

TEST_CASE("the command imports through a running server as it does by itself") {
  Counter counter;
  api::HttpServerOptions options;
  options.body_bytes_max_of = [&](Method method, const std::vector<std::string>& segments) {
    return counter.application().body_bytes_max(method, segments, 1024UL * 1024);
  };
  api::HttpServer server(options, [&](const api::Request& request) {
    return recorded(counter.application(), request);
  });
  REQUIRE(server.start().has_value());
  const TemporaryDirectory directory;
  tools::ImportOptions import;
  import.server = "http://127.0.0.1:" + std::to_string(server.port());
  import.token_file = directory / "token";
  std::ofstream(import.token_file) << counter.come_in(kOffice) << "\n";
  for (const auto& file : counter.corrected()) {
    import.files.push_back(directory / file.name);
    std::ofstream(import.files.back(), std::ios::binary) << file.bytes;
  }
  const auto run = [&](bool plan_only) {
    import.plan_only = plan_only;
    std::ostringstream out;
    std::ostringstream err;
    const int code = tools::import_command(tools::Toolbox{{}, false, out, err}, "", import);
    INFO(err.str());
    CHECK(code == tools::kDone);
    return out.str();
  };
  const auto before = counter.school().events_in_log();
  CHECK(run(true).contains("Finnegan"));
  CHECK(counter.school().events_in_log() == before);
  CHECK(run(false).contains("Imported."));
  CHECK(counter.school().child("Finnegan ter Waterbrink").version > 0);
  CHECK(run(false).contains("nothing was changed"));
  CHECK(counter.waiting() == 0);
}

}  // namespace
}  // namespace klasboek::tests
