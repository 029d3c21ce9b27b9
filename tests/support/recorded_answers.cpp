#include "tests/support/recorded_answers.h"

#include <errno.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/openapi.h"
#include "api/route.h"

namespace klasboek::tests {

namespace {

using nlohmann::json;

std::string to_line(const json& value) {
  // Tests send bytes that are no text, too.
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

class Recorder {
 public:
  static Recorder& of_this_program() {
    static Recorder recorder;
    return recorder;
  }

  void write(const json& line) {
    if (!file_.is_open()) return;
    const std::lock_guard guard(mutex_);
    file_ << to_line(line) << std::flush;
  }

 private:
  Recorder() {
    const char* const directory = std::getenv("KLASBOEK_RECORDED");
    if (directory == nullptr) return;
    std::filesystem::create_directories(directory);
    const auto place = std::filesystem::path(directory) / program_invocation_short_name;
    file_.open(place.string() + ".ndjson", std::ios::trunc);
    file_ << to_line({{"openapi", json::parse(api::openapi_document(
                                      api::all_routes(), "https://school.example.org"))}});
  }

  std::mutex mutex_;
  std::ofstream file_;
};

json line_of(const api::Request& request, const api::Response& response) {
  json asked = {{"method", api::method_name(request.method)},
                {"path", request.path},
                {"body", request.body},
                {"query", json::object()},
                {"headers", json::object()}};
  for (const auto& [name, value] : request.query.parameters()) asked["query"][name] = value;
  for (const auto& [name, value] : request.headers.fields()) asked["headers"][name] = value;
  asked["headers"].erase("Authorization");
  json answered = {{"status", response.status},
                   {"content_type", response.content_type},
                   {"body", response.body},
                   {"headers", json::object()}};
  for (const auto& [name, value] : response.headers) answered["headers"][name] = value;
  return {{"request", asked}, {"answer", answered}};
}

}  // namespace

api::Response recorded(api::Application& application, const api::Request& request) {
  auto response = application.handle(request);
  Recorder::of_this_program().write(line_of(request, response));
  return response;
}

}  // namespace klasboek::tests
