#include "api/route_problems.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "api/admission.h"
#include "events/ids.h"
#include "vault/sessions.h"

namespace klasboek::api {

namespace {

using aggregates::Rejection;

constexpr std::size_t kCodeCharactersMax = 200;
constexpr std::uint64_t kBodyBytesOfExample = 1 << 20;

bool changes_something(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch ||
         method == Method::delete_;
}

/// What the door and the application say of any request.
std::vector<Problem> of_anything() {
  return {malformed_request("A header field has no name."),
          invalid_parameter("", "A parameter isn't known here."),
          request_timeout(),
          target_too_long("The path is longer than 1024 bytes."),
          expectation_failed(),
          misdirected_request(),
          too_many_requests("There are too many connections from this address.", 1),
          headers_too_large("There are more than 100 header fields."),
          internal_error(),
          unavailable("Every thread is busy.", 1)};
}

std::vector<Problem> of_a_body() {
  return {length_required(), body_too_large(kBodyBytesOfExample),
          unsupported_media_type("application/json"),
          malformed_json("There is something after the object."),
          invalid_body({{"/first_day", "missing", "this member is needed"}})};
}

/// What any member may hear who changes something.
std::vector<Problem> of_a_change(const Route& route) {
  auto problems = problems_of_change();
  for (const auto rejection :
       {Rejection::account_not_active, Rejection::role_not_held, Rejection::role_not_sufficient,
        Rejection::mandate_does_not_cover, Rejection::school_not_found, Rejection::key_retired}) {
    problems.push_back(problem_of(aggregates::row_of(rejection).name));
  }
  if (route.shape.is_versioned()) {
    problems.push_back(problem_of(aggregates::row_of(Rejection::changed_since_read).name));
  }
  return problems;
}

std::vector<Problem> of_access(const Route& route) {
  std::vector<Problem> problems;
  if (route.access.kind() == Access::Kind::anybody) return problems;
  problems.push_back(not_logged_in("There is no session token in the request."));
  if (route.access.kind() != Access::Kind::members) return problems;
  problems.push_back(not_found());
  problems.push_back(code_required());
  problems.push_back(invalid_parameter("min_position", "It is a position that an answer gave."));
  for (const auto rejection : {Rejection::account_not_active, Rejection::role_not_held}) {
    problems.push_back(problem_of(aggregates::row_of(rejection).name));
  }
  return problems;
}

}  // namespace

std::vector<Problem> problems_of(const Route& route) {
  std::vector<Problem> problems;
  const auto add = [&](std::vector<Problem> some) {
    std::ranges::move(some, std::back_inserter(problems));
  };
  add(of_anything());
  if (changes_something(route.method))
    add({length_required(), body_too_large(kBodyBytesOfExample)});
  if (route.shape.body()) add(of_a_body());
  add(of_access(route));
  if (wants_idempotency_key(route)) add(of_a_change(route));
  if (!path_parameter_names(route.path).empty()) add({not_found()});
  if (!route.shape.query().empty()) add({invalid_parameter("limit", "It is from 1 to 100.")});
  for (const auto& parameter : route.shape.query()) {
    if (parameter.name == "cursor") add({invalid_cursor()});
  }
  for (const auto rejection : route.shape.rejections()) {
    add({problem_of(aggregates::row_of(rejection).name)});
  }
  add(route.shape.problems());
  const auto key = [](const Problem& problem) { return std::tie(problem.status, problem.code); };
  std::ranges::stable_sort(problems, {}, key);
  const auto doubled = std::ranges::unique(problems, {}, key);
  problems.erase(doubled.begin(), doubled.end());
  return problems;
}

std::optional<schema::Schema> path_parameter(std::string_view name) {
  static const std::map<std::string_view, schema::Schema> kParameters = {
      {"school", schema::id<events::SchoolId>()},
      {"group", schema::id<events::GroupId>()},
      {"child", schema::id<events::ChildId>()},
      {"account", schema::id<events::AccountId>()},
      {"guardian", schema::id<events::AccountId>()},
      {"role", schema::opaque(kCodeCharactersMax, "teacher")},
      {"post", schema::id<events::PostId>()},
      {"purpose", schema::id<events::PurposeId>()},
      {"absence", schema::id<events::AbsenceId>()},
      {"leave", schema::id<events::LeaveId>()},
      {"import", schema::id<events::RosterImportId>()},
      {"invitation", schema::id<events::InvitationId>()},
      {"session", schema::id<vault::SessionId>()},
      {"erasure", schema::id<events::EventId>()},
      {"code", schema::opaque(kCodeCharactersMax, "01h455vb4pex5vsknk084sn02q")},
  };
  const auto found = kParameters.find(name);
  if (found == kParameters.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> path_parameter_names(std::string_view path) {
  std::vector<std::string_view> names;
  while (path.find('{') != std::string_view::npos) {
    const auto begin = path.find('{') + 1;
    const auto end = path.find('}');
    names.push_back(path.substr(begin, end - begin));
    path.remove_prefix(end + 1);
  }
  return names;
}

bool wants_idempotency_key(const Route& route) {
  return changes_something(route.method) &&
         (route.access.kind() == Access::Kind::members || route.shape.is_keyed());
}

}  // namespace klasboek::api
