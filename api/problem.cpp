#include "api/problem.h"

#include <utility>

#include "api/json_writer.h"

namespace klasboek::api {
namespace {

// A name under which a program can file the kind of problem; it isn't a page to fetch.
constexpr std::string_view kTypePrefix = "urn:klasboek:problem:";

void append_errors(JsonWriter& json, const std::vector<FieldError>& errors) {
  json.begin_array("errors");
  for (const FieldError& error : errors) {
    json.begin_object()
        .text("pointer", error.pointer)
        .text("code", error.code)
        .text("message", error.message)
        .end_object();
  }
  json.end_array();
}

Problem made(int status, std::string_view code, std::string_view title, std::string detail,
             std::string_view remedy) {
  Problem problem;
  problem.status = status;
  problem.code = code;
  problem.title = title;
  problem.detail = std::move(detail);
  problem.remedy = remedy;
  return problem;
}

}  // namespace

std::string allow_text(const std::vector<Method>& methods) {
  std::string text;
  for (const Method method : methods) {
    if (!text.empty()) text += ", ";
    text += method_name(method);
  }
  return text;
}

Response to_response(const Problem& problem, std::string_view request_id) {
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.add_header("Cache-Control", "no-store");
  if (problem.retry_after_s) {
    response.add_header("Retry-After", std::to_string(*problem.retry_after_s));
  }
  if (!problem.allow.empty()) response.add_header("Allow", allow_text(problem.allow));
  JsonWriter json(response.body);
  json.begin_object()
      .text("type", std::string(kTypePrefix) + problem.code)
      .text("title", problem.title)
      .integer("status", problem.status)
      .text("code", problem.code);
  if (!problem.detail.empty()) json.text("detail", problem.detail);
  if (!problem.remedy.empty()) json.text("remedy", problem.remedy);
  if (!request_id.empty()) json.text("request_id", request_id);
  if (!problem.errors.empty()) append_errors(json, problem.errors);
  json.end_object();
  return response;
}

Problem malformed_request(std::string detail) {
  return made(400, "malformed_request", "The request isn't well-formed HTTP", std::move(detail),
              "Correct what is named and send the request again.");
}

Problem invalid_parameter(std::string_view name, std::string detail) {
  Problem problem = made(400, "invalid_parameter", "A parameter of the query can't be used",
                         std::move(detail), "Correct the parameter or leave it out.");
  if (!name.empty()) {
    problem.errors.push_back({"", "invalid_parameter", "parameter: " + std::string(name)});
  }
  return problem;
}

Problem not_found() {
  return made(404, "not_found", "There is nothing here",
              "No such resource, or none that you may see.",
              "Check the path and the ids in it; /openapi.json lists all paths.");
}

Problem method_not_allowed(std::vector<Method> allow) {
  Problem problem = made(405, "method_not_allowed", "This path doesn't take that method",
                         "The path takes: " + allow_text(allow) + ".",
                         "Use one of the methods that the Allow field names.");
  problem.allow = std::move(allow);
  return problem;
}

Problem request_timeout() {
  return made(408, "request_timeout", "The request took too long to arrive",
              "The whole request wasn't received within the time allowed.",
              "Send the request again, in one go.");
}

Problem length_required() {
  return made(411, "length_required", "The length of the body must be given",
              "POST, PUT and PATCH need Content-Length; Transfer-Encoding isn't accepted.",
              "Send Content-Length (0 when there is no body), and no Transfer-Encoding.");
}

Problem body_too_large(std::uint64_t bytes_max) {
  return made(413, "body_too_large", "The body is too large",
              "The body may be at most " + std::to_string(bytes_max) + " bytes here.",
              "Send less at a time.");
}

Problem target_too_long(std::string detail) {
  return made(414, "target_too_long", "The address is too long", std::move(detail),
              "Shorten the path or the query.");
}

Problem unsupported_media_type(std::string_view expected) {
  return made(415, "unsupported_media_type", "The body has another type than is taken here",
              "Content-Type must be " + std::string(expected) + ".",
              "Send the body in that type, and say so in Content-Type.");
}

Problem expectation_failed() {
  return made(417, "expectation_failed", "The expectation can't be met",
              "Expect may only be 100-continue.", "Leave the Expect field out.");
}

Problem misdirected_request() {
  return made(421, "misdirected_request", "This server doesn't answer for that host",
              "The Host field names a host that isn't configured here.",
              "Use the address that the school gave, or add the host to the configuration.");
}

Problem malformed_json(std::string detail) {
  return made(400, "malformed_json", "The body isn't proper JSON", std::move(detail),
              "Send one JSON object in UTF-8, each member once.");
}

Problem invalid_body(std::vector<FieldError> errors) {
  Problem problem = made(422, "invalid_body", "The body doesn't say what is needed here",
                         "Each entry of errors names a place in the body and what is wrong there.",
                         "Correct all entries of errors and send the request again.");
  problem.errors = std::move(errors);
  return problem;
}

Problem too_many_requests(std::string detail, std::uint32_t retry_after_s) {
  Problem problem = made(429, "too_many_requests", "Too much at a time", std::move(detail),
                         "Wait as long as Retry-After says, then try again.");
  problem.retry_after_s = retry_after_s;
  return problem;
}

Problem headers_too_large(std::string detail) {
  return made(431, "headers_too_large", "The header is too large", std::move(detail),
              "Send fewer and shorter header fields; old cookies are often the cause.");
}

Problem internal_error() {
  return made(500, "internal_error", "Something went wrong on our side",
              "The server met a fault of its own.",
              "Try again later; if it stays, tell the school's office the request id.");
}

Problem method_not_implemented() {
  return made(501, "method_not_implemented", "The server doesn't know that method",
              "Known are GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.",
              "Use one of these methods.");
}

Problem unavailable(std::string detail, std::uint32_t retry_after_s) {
  Problem problem = made(503, "unavailable", "Not possible just now", std::move(detail),
                         "Wait as long as Retry-After says, then try again.");
  problem.retry_after_s = retry_after_s;
  return problem;
}

Problem version_not_supported() {
  return made(505, "version_not_supported", "The server doesn't speak that version of HTTP",
              "HTTP/1.1 and HTTP/1.0 are understood.", "Use HTTP/1.1.");
}

}  // namespace klasboek::api
