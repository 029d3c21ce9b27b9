#include "api/openapi.h"

#include <algorithm>
#include <map>

#include "aggregates/rejection.h"
#include "api/json_writer.h"

namespace klasboek::api {

namespace {

bool changes_something(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch ||
         method == Method::delete_;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

void write_parameter(JsonWriter& json, std::string_view name, std::string_view in, bool required,
                     std::string_view description) {
  json.begin_object().text("name", name).text("in", in).boolean("required", required);
  json.text("description", description).raw("schema", R"({"type":"string"})").end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.begin_array("parameters");
  for (auto rest = route.path; rest.find('{') != std::string_view::npos;) {
    const auto begin = rest.find('{') + 1;
    const auto end = rest.find('}');
    write_parameter(json, rest.substr(begin, end - begin), "path", true, "Typed id");
    rest.remove_prefix(end + 1);
  }
  if (changes_something(route.method) && route.access.kind() == Access::Kind::members) {
    write_parameter(json, "Idempotency-Key", "header", true,
                    "A new random value with each new request; the same one to repeat it");
  }
  if (route.method == Method::get && route.access.kind() == Access::Kind::members) {
    write_parameter(json, "min_position", "query", false,
                    "Answer only from views that have this position of the school's log");
  }
  json.end_array();
}

void write_content(JsonWriter& json, std::string_view schema, std::string_view type) {
  json.begin_object("content").begin_object(type).raw("schema", schema).end_object().end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.begin_object(lower_case(method_name(route.method)))
      .text("operationId", route.name)
      .text("summary", route.summary);
  if (route.access.kind() == Access::Kind::anybody) json.raw("security", "[]");
  // Who may, as it is enforced; tools ignore members that begin with x-.
  json.begin_array("x-roles");
  for (const auto& grant : route.access.grants()) json.text(name_of(grant.role));
  json.end_array();
  write_parameters(json, route);
  if (!route.shape.request.empty()) {
    json.begin_object("requestBody").boolean("required", true);
    write_content(json, route.shape.request, "application/json");
    json.end_object();
  }
  json.begin_object("responses").begin_object("2XX").text("description", "Done");
  if (!route.shape.answer.empty()) write_content(json, route.shape.answer, "application/json");
  json.end_object().begin_object("default").text("description", "A problem (RFC 9457)");
  write_content(json, R"({"$ref":"#/components/schemas/Problem"})", "application/problem+json");
  json.end_object().end_object().end_object();
}

void write_problem_schema(JsonWriter& json) {
  json.begin_object("Problem").text("type", "object").begin_object("properties");
  json.raw("status", R"({"type":"integer"})").raw("title", R"({"type":"string"})");
  json.raw("detail", R"({"type":"string"})").raw("remedy", R"({"type":"string"})");
  json.begin_object("code").text("type", "string");
  json.text("description", "Stable; rejections of the domain are listed in x-rejections");
  json.begin_array("x-rejections");
  for (int n = 0; n < static_cast<int>(aggregates::Rejection::count_); ++n) {
    json.text(aggregates::row_of(static_cast<aggregates::Rejection>(n)).name);
  }
  json.end_array().end_object().end_object().end_object();
}

}  // namespace

std::string openapi_document(const std::vector<Route>& routes, std::string_view public_url) {
  std::map<std::string_view, std::vector<const Route*>> by_path;
  for (const auto& route : routes) by_path[route.path].push_back(&route);
  std::string text;
  JsonWriter json(text);
  json.begin_object().text("openapi", "3.1.0");
  json.begin_object("info").text("title", "Klasboek").text("version", "1").end_object();
  json.begin_array("servers").begin_object().text("url", public_url).end_object().end_array();
  json.raw("security", R"([{"session":[]}])").begin_object("paths");
  for (const auto& [path, operations] : by_path) {
    json.begin_object(path);
    for (const auto* route : operations) write_operation(json, *route);
    json.end_object();
  }
  json.end_object().begin_object("components");
  json.raw("securitySchemes", R"({"session":{"type":"http","scheme":"bearer"}})");
  json.begin_object("schemas");
  write_problem_schema(json);
  json.end_object().end_object().end_object();
  return text;
}

}  // namespace klasboek::api
