#include "api/openapi.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "api/http_request_head.h"
#include "api/json_writer.h"
#include "api/route_problems.h"

namespace klasboek::api {

namespace {

constexpr std::string_view kProblemType = "application/problem+json";
constexpr std::string_view kDescription =
    "The register between a school and its parents. A request that changes something carries an "
    "Idempotency-Key: repeat it with the same key until you have an answer, and it is done once. "
    "Its answer has the position in the school's log; a GET with min_position waits until it has "
    "that. Errors are problems (RFC 9457) whose code never changes its meaning. More members may "
    "come into answers: pass over those that you don't know.";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return lower;
}

schema::Schema problem_schema() {
  using schema::required, schema::optional, schema::words;
  const auto error = schema::object({
      required("pointer", schema::opaque(1'000, "/first_day")),
      required("code", schema::opaque(100, "missing")),
      required("message", words(2'000, "this member is needed")),
  });
  return schema::object({
      required("type", schema::opaque(200, "urn:klasboek:problem:invalid_body")),
      required("title", words(200, "The body doesn't say what is needed here")),
      required("status", schema::integer({.min = 400, .max = 599}, 422)),
      required("code", schema::opaque(100, "invalid_body")),
      optional("detail", words(2'000, "Each entry of errors names a place in the body.")),
      optional("remedy", words(2'000, "Correct all entries of errors.")),
      optional("request_id", schema::opaque(100, "4bf92f3577b34da6a3ce929d0e0e4736")),
      optional("errors", schema::list({.min = 0, .max = kFieldErrorsMax}, error)),
  });
}

/// Every schema that has a name, of all routes.
std::map<std::string, std::string> named_schemas(const std::vector<Route>& routes) {
  std::map<std::string, std::string> all;
  const auto add = [&](const schema::Schema& one) {
    all.insert(one.named().begin(), one.named().end());
  };
  add(schema::named("Problem", problem_schema()));
  for (const auto& route : routes) {
    const auto& body = route.shape.body();
    if (body) add(*body);
    for (const auto& answer : route.shape.answers()) {
      if (answer.body) add(*answer.body);
    }
    for (const auto& parameter : route.shape.query()) add(parameter.form);
  }
  return all;
}

class Document {
 public:
  Document(const std::vector<Route>& routes, std::string_view public_url) : json_(text_) {
    json_.begin_object().text("openapi", "3.1.0");
    write_info(public_url);
    json_.raw("security", R"([{"session":[]}])").begin_object("paths");
    std::map<std::string_view, std::vector<const Route*>> by_path;
    for (const auto& route : routes) by_path[route.path].push_back(&route);
    for (const auto& [path, operations] : by_path) {
      json_.begin_object(path);
      for (const auto* route : operations) write_operation(*route);
      json_.end_object();
    }
    json_.end_object();
    write_components(routes);
    json_.end_object();
  }
  std::string take() && { return std::move(text_); }

 private:
  void write_info(std::string_view public_url) {
    json_.begin_object("info").text("title", "Klasboek").text("version", "1");
    json_.text("description", kDescription);
    json_.raw("contact", R"({"name":"Whoever runs this installation"})");
    json_
        .raw("license",
             R"({"name":"Apache 2.0","url":"https://www.apache.org/licenses/LICENSE-2.0"})")
        .end_object();
    json_.begin_array("servers").begin_object().text("url", public_url);
    json_.text("description", "This installation (production)").boolean("x-internal", false);
    json_.end_object().end_array();
    json_.begin_array("tags");
    auto tags = all_route_tags();
    std::ranges::sort(tags, {}, &RouteTag::name);
    for (const auto& tag : tags) {
      json_.begin_object().text("name", tag.name).text("description", tag.description).end_object();
    }
    json_.end_array();
  }

  void write_operation(const Route& route) {
    json_.begin_object(lower_case(method_name(route.method)))
        .text("operationId", route.name)
        .text("summary", route.summary)
        .text("description", description_of(route));
    json_.begin_array("tags").text(route.tag).end_array();
    if (route.access.kind() == Access::Kind::anybody) json_.raw("security", "[]");
    // Who may, as it is enforced; tools ignore members that begin with x-.
    json_.begin_array("x-roles");
    for (const auto& grant : route.access.grants()) json_.text(name_of(grant.role));
    json_.end_array();
    write_parameters(route);
    const auto& body = route.shape.body();
    if (body) {
      json_.begin_object("requestBody").boolean("required", true);
      write_content(*body, "application/json");
      json_.end_object();
    }
    json_.begin_object("responses");
    for (const auto& answer : route.shape.answers()) write_answer(route, answer);
    if (route.method == Method::get && route.shape.is_versioned()) write_unchanged();
    write_problems(route);
    json_.end_object().end_object();
  }

  static std::string description_of(const Route& route) {
    switch (route.access.kind()) {
      case Access::Kind::anybody:
        return std::string(route.summary) + ". Open to anybody.";
      case Access::Kind::logged_in:
        return std::string(route.summary) + ". For whoever has logged in.";
      case Access::Kind::members:
        break;
    }
    std::string who;
    for (const auto& grant : route.access.grants()) {
      who += (who.empty() ? "" : ", ") + std::string(name_of(grant.role));
      who += name_of_reach(grant.reach);
    }
    return std::string(route.summary) + ". For: " + who + ".";
  }

  static std::string_view name_of_reach(Reach reach) {
    switch (reach) {
      case Reach::whole_school:
        return "";
      case Reach::own_child:
        return " (own child)";
      case Reach::own_child_with_authority:
        return " (own child, with parental authority)";
      case Reach::own_class:
        return " (own class)";
      case Reach::own_account:
        return " (own account)";
      case Reach::granted:
      case Reach::granted_subject:
        return " (what was granted)";
    }
    std::abort();
  }

  void write_parameters(const Route& route) {
    json_.begin_array("parameters");
    for (const auto name : path_parameter_names(route.path)) {
      const auto known = path_parameter(name);
      write_parameter(name, "path", true, "Which " + std::string(name),
                      known.value_or(schema::opaque(100, "")));
    }
    if (wants_idempotency_key(route)) write_reference("parameters", "idempotency_key");
    if (route.shape.is_versioned()) {
      write_reference("parameters", route.method == Method::get ? "if_none_match" : "if_match");
    }
    if (route.method == Method::get && route.access.kind() == Access::Kind::members) {
      write_reference("parameters", "min_position");
    }
    for (const auto& parameter : route.shape.query()) {
      write_parameter(parameter.name, "query", parameter.is_required, parameter.description,
                      parameter.form);
    }
    json_.end_array();
  }

  void write_reference(std::string_view kind, std::string_view name) {
    json_.begin_object()
        .text("$ref", "#/components/" + std::string(kind) + "/" + std::string(name))
        .end_object();
  }

  void write_parameter(std::string_view name, std::string_view in, bool required,
                       std::string_view description, const schema::Schema& schema) {
    json_.begin_object().text("name", name).text("in", in).boolean("required", required);
    json_.text("description", description).raw("schema", schema.json());
    json_.raw("example", schema.example()).end_object();
  }

  void write_content(const schema::Schema& schema, std::string_view type) {
    json_.begin_object("content").begin_object(type).raw("schema", schema.json());
    json_.raw("example", schema.example()).end_object().end_object();
  }

  void write_answer(const Route& route, const Answer& answer) {
    json_.begin_object(std::to_string(answer.status)).text("description", answer.description);
    json_.begin_object("headers");
    if (answer.status == 201) write_header("Location");
    if (answer.status == 202) write_header("Retry-After");
    if (route.shape.is_versioned() || wants_idempotency_key(route)) write_header("ETag");
    const bool is_page = std::ranges::any_of(
        route.shape.query(), [](const QueryParameter& each) { return each.name == "cursor"; });
    if (is_page) write_header("Link");
    json_.end_object();
    if (answer.body) write_content(*answer.body, answer.content_type);
    json_.end_object();
  }

  void write_header(std::string_view name) {
    json_.begin_object(name).text("$ref", "#/components/headers/" + std::string(name)).end_object();
  }

  void write_unchanged() {
    json_.begin_object("304").text("description", "What If-None-Match names is what there is");
    json_.begin_object("headers");
    write_header("ETag");
    json_.end_object().end_object();
  }

  /// One answer for each status; its examples are all codes that it can have.
  void write_problems(const Route& route) {
    const auto problems = problems_of(route);
    for (auto first = problems.begin(); first != problems.end();) {
      const int status = first->status;
      const auto last = std::ranges::find_if(
          first, problems.end(), [&](const Problem& other) { return other.status != status; });
      json_.begin_object(std::to_string(status)).text("description", first->title);
      if (std::any_of(first, last,
                      [](const Problem& each) { return each.retry_after_s.has_value(); })) {
        json_.begin_object("headers");
        write_header("Retry-After");
        json_.end_object();
      }
      json_.begin_object("content").begin_object(kProblemType);
      json_.raw("schema", R"({"$ref":"#/components/schemas/Problem"})").begin_object("examples");
      for (; first != last; ++first) {
        examples_.try_emplace(first->code, *first);
        json_.begin_object(first->code)
            .text("$ref", "#/components/examples/" + first->code)
            .end_object();
      }
      json_.end_object().end_object().end_object().end_object();
    }
  }

  void write_components(const std::vector<Route>& routes) {
    json_.begin_object("components");
    json_.raw(
        "securitySchemes",
        R"({"session":{"type":"http","scheme":"bearer","description":"The token that POST /v1/sessions answers; a page has it as a cookie"}})");
    json_.begin_object("schemas");
    for (const auto& [name, schema] : named_schemas(routes)) json_.raw(name, schema);
    json_.end_object().begin_object("examples");
    for (const auto& [code, problem] : examples_) {
      json_.begin_object(code).text("summary", problem.title);
      json_.raw("value", to_response(problem, "").body).end_object();
    }
    json_.end_object();
    write_shared_parameters();
    write_headers();
    json_.end_object();
  }

  void write_shared_parameters() {
    // One, several or `*`: as long as a head may be.
    const auto tag = schema::opaque(kHeadBytesMax, R"("12.9c1185a5c5e9fc54612808977ee8f548")");
    json_.begin_object("parameters");
    json_.key("idempotency_key");
    write_parameter("Idempotency-Key", "header", true,
                    "A new random value with each new request; the same one to repeat it",
                    schema::visible_ascii(255, "8e03978e-40d5-43dd-bc93-6894a57f9324"));
    json_.key("if_match");
    write_parameter("If-Match", "header", false,
                    "The ETag of what is changed, as it was read; 412 where it has changed since",
                    tag);
    json_.key("if_none_match");
    write_parameter("If-None-Match", "header", false,
                    "The ETag that one has; 304 where it is still that", tag);
    json_.key("min_position");
    write_parameter("min_position", "query", false,
                    "Answer only from views that have this position of the school's log",
                    schema::position());
    json_.end_object();
  }

  void write_headers() {
    json_.begin_object("headers");
    write_shared_header("ETag", "Of what is answered: version and hash",
                        schema::opaque(200, R"("12.9c1185a5c5e9fc54612808977ee8f548")"));
    write_shared_header("Link", "The next page, where there is one (RFC 8288)",
                        schema::opaque(2'000, R"(</v1/…?cursor=q3Zk8cJx1w>; rel="next")"));
    write_shared_header("Location", "Of what was made",
                        schema::opaque(500, "/v1/schools/…/posts/…"));
    write_shared_header("Retry-After", "Seconds to wait before the same request is tried again",
                        schema::integer({.min = 0, .max = 3600}, 2));
    json_.end_object();
  }

  void write_shared_header(std::string_view name, std::string_view description,
                           const schema::Schema& schema) {
    json_.begin_object(name).text("description", description).raw("schema", schema.json());
    json_.end_object();
  }

  std::string text_;
  JsonWriter json_;
  std::map<std::string, Problem> examples_;
};

}  // namespace

std::string openapi_document(const std::vector<Route>& routes, std::string_view public_url) {
  return Document(routes, public_url).take();
}

}  // namespace klasboek::api
