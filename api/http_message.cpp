#include "api/http_message.h"

#include <algorithm>
#include <array>

#include "api/http_text.h"

namespace klasboek::api {
namespace {

constexpr std::array<std::string_view, 7> kMethodNames = {"GET",   "HEAD",   "POST",   "PUT",
                                                          "PATCH", "DELETE", "OPTIONS"};

Response streamed(StreamBody body, std::string content_type) {
  Response response;
  response.content_type = std::move(content_type);
  response.add_header("Cache-Control", "private, no-store");
  response.stream = std::move(body);
  return response;
}

}  // namespace

std::string_view method_name(Method method) { return kMethodNames[std::to_underlying(method)]; }

std::optional<Method> method_from(std::string_view name) {
  const auto found = std::ranges::find(kMethodNames, name);
  if (found == kMethodNames.end()) return std::nullopt;
  return static_cast<Method>(found - kMethodNames.begin());
}

bool carries_body(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch;
}

void Headers::add(std::string name, std::string value) {
  fields_.push_back({std::move(name), std::move(value)});
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equals_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [&](const Field& field) { return equals_ignoring_case(field.name, name); }));
}

bool QueryParameters::add(std::string name, std::string value) {
  if (find(name)) return false;
  parameters_.push_back({std::move(name), std::move(value)});
  return true;
}

std::optional<std::string_view> QueryParameters::find(std::string_view name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return parameter.value;
  }
  return std::nullopt;
}

void Response::add_header(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
}

Response ok_json(std::string body) {
  Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

Response event_stream(StreamBody body) {
  if (body.heartbeat_text.empty()) body.heartbeat_text = ":\n\n";
  return streamed(std::move(body), "text/event-stream");
}

Response ndjson_stream(StreamBody body) {
  return streamed(std::move(body), "application/x-ndjson");
}

}  // namespace klasboek::api
