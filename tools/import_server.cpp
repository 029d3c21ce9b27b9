// An import through a running installation, as an office does it from its own machine.
#include <httplib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "api/base64.h"
#include "api/json_writer.h"
#include "tools/import_report.h"
#include "tools/progress.h"
#include "vault/random.h"

namespace klasboek::tools {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kAnswerMax{90};
constexpr int kCreated = 201;
constexpr int kDone200 = 200;
constexpr int kMoreToDo = 202;

/// Names and birthdays of children don't travel in the clear.
bool is_safe(const std::string& server) {
  if (server.starts_with("https://")) return true;
  for (const std::string_view here : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (server == here || server.starts_with(std::string(here) + ":")) return true;
  }
  return false;
}

std::optional<std::string> session_token(const std::string& file) {
  std::string token;
  if (file.empty()) {
    const char* variable = std::getenv("KLASBOEK_TOKEN");
    if (variable != nullptr) token = variable;
  } else {
    std::ifstream(file) >> token;
  }
  if (token.empty()) return std::nullopt;
  return token;
}

std::string text_in(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : std::string();
}

class ServerImport {
 public:
  ServerImport(const Toolbox& toolbox, const ImportOptions& options, const std::string& token)
      : toolbox_(toolbox), options_(options), client_(options.server) {
    client_.set_bearer_token_auth(token.c_str());
    client_.set_read_timeout(kAnswerMax);
    client_.set_write_timeout(kAnswerMax);
  }

  ImportReport run(const std::string& school, const std::vector<api::roster::NamedFile>& files) {
    for (const auto& file : files) names_.push_back(file.name);
    const auto found = school.empty() ? own_school() : school;
    if (found.empty()) return std::move(report_);
    imports_ = "/v1/schools/" + found + "/roster-imports";
    if (!upload(files)) return std::move(report_);
    if (options_.plan_only) return given_up(ImportEnd::planned);
    if (plan_.value("changes_nothing", false)) return given_up(ImportEnd::unchanged);
    return apply();
  }

 private:
  bool stop(std::string why) {
    report_.end = ImportEnd::stopped;
    report_.why = std::move(why);
    return false;
  }

  /// The body of an answer with one of these statuses; otherwise says what is wrong.
  std::optional<json> body_of(const httplib::Result& result, std::initializer_list<int> wanted) {
    if (!result) {
      stop(options_.server + " can't be reached (" + httplib::to_string(result.error()) +
           "): look at the address, and whether the server runs.");
      return std::nullopt;
    }
    auto body = json::parse(result->body, nullptr, false);
    if (std::ranges::find(wanted, result->status) != wanted.end() && body.is_object()) return body;
    const auto detail = text_in(body, "detail");
    stop(detail.empty() ? options_.server + " answers " + std::to_string(result->status) +
                              ", which is no answer of klasboek: look at the address."
                        : detail + " " + text_in(body, "remedy"));
    return std::nullopt;
  }

  std::string own_school() {
    const auto me = body_of(client_.Get("/v1/me"), {kDone200});
    if (!me) return {};
    const auto schools = me->value("schools", json::array());
    if (schools.size() == 1) return text_in(schools[0], "school");
    stop(schools.empty() ? "This session belongs to no school."
                         : "This session belongs to several schools: name one by --school.");
    return {};
  }

  httplib::Headers headers() const {
    return {{"Idempotency-Key", events::to_hex(vault::draw<16>(vault::system_random()))},
            {"Accept-Language", options_.language}};
  }

  bool upload(const std::vector<api::roster::NamedFile>& files) {
    std::string body;
    api::JsonWriter writer(body);
    writer.begin_object().begin_array("files");
    for (const auto& file : files) {
      writer.begin_object()
          .text("name", file.name)
          .text("content", api::base64_of(file.bytes))
          .end_object();
    }
    writer.end_array().end_object();
    const auto result = client_.Post(imports_, headers(), body, "application/json");
    if (result && result->status == 422) {
      const auto problem = json::parse(result->body, nullptr, false);
      if (text_in(problem, "code") == "roster_refused") return refuse(problem);
    }
    const auto answer = body_of(result, {kCreated});
    if (!answer) return false;
    import_ = imports_ + "/" + text_in(*answer, "id");
    report_.text = text_in(*answer, "text");
    plan_ = answer->value("plan", json::object());
    report_.plan_json = plan_.dump();
    for (const auto& problem : plan_.value("problems", json::array())) {
      report_.problems.push_back({name_of(problem.value("file", 0U)), text_in(problem, "severity"),
                                  text_in(problem, "message"), text_in(problem, "remedy")});
    }
    return true;
  }

  bool refuse(const json& problem) {
    for (const auto& error : problem.value("errors", json::array())) {
      const auto pointer = text_in(error, "pointer");
      const auto number = pointer.substr(pointer.rfind('/') + 1);
      report_.problems.push_back({name_of(number == "1" ? 1 : 0), "error",
                                  text_in(error, "message"), text_in(problem, "remedy")});
    }
    report_.end = ImportEnd::refused;
    return false;
  }

  std::string name_of(std::size_t file) const {
    return file < names_.size() ? names_[file] : std::string();
  }

  /// The files don't stay on the server.
  ImportReport given_up(ImportEnd end) {
    client_.Delete(import_, headers());
    report_.end = end;
    return std::move(report_);
  }

  ImportReport apply() {
    const auto ask = plan_.value("requires_confirmation", json());
    report_.leavers = ask.is_object() ? ask.value("leavers", std::size_t{0}) : 0;
    const std::string body =
        options_.leavers ? "{\"leavers\":" + std::to_string(*options_.leavers) + "}" : "{}";
    const auto bar = progress_bar(toolbox_, "import");
    for (;;) {
      const auto result = client_.Post(import_ + "/apply", headers(), body, "application/json");
      if (result && result->status == 409 &&
          text_in(json::parse(result->body, nullptr, false), "code") == "leavers_not_confirmed") {
        return given_up(ImportEnd::not_confirmed);
      }
      const auto answer = body_of(result, {kDone200, kMoreToDo});
      if (!answer) return std::move(report_);
      if (bar) bar(answer->value("chunks_done", 0U), answer->value("chunks", 0U));
      if (result->status == kDone200) break;
    }
    report_.end = ImportEnd::imported;
    return std::move(report_);
  }

  const Toolbox& toolbox_;
  const ImportOptions& options_;
  httplib::Client client_;
  std::vector<std::string> names_;
  std::string imports_;
  std::string import_;
  json plan_;
  ImportReport report_;
};

ImportReport misused(std::string why) {
  ImportReport report;
  report.end = ImportEnd::misused;
  report.why = std::move(why);
  return report;
}

}  // namespace

ImportReport import_by_server(const Toolbox& toolbox, const std::string& school,
                              const ImportOptions& options,
                              const std::vector<api::roster::NamedFile>& files) {
  if (!is_safe(options.server)) {
    return misused(
        "--server is an address like https://school.example; http:// only of this "
        "machine, since names of children mustn't travel in the clear.");
  }
  const auto token = session_token(options.token_file);
  if (!token) {
    return misused(
        "There is no session token: log in (POST /v1/sessions) and give it by --token-file or "
        "KLASBOEK_TOKEN.");
  }
  return ServerImport(toolbox, options, *token).run(school, files);
}

}  // namespace klasboek::tools
