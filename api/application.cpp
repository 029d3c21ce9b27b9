#include "api/application.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>

#include "api/admission.h"

namespace klasboek::api {

namespace {

Router router_of(const std::vector<Route>& routes) {
  std::vector<RoutePattern> patterns;
  patterns.reserve(routes.size());
  for (std::size_t i = 0; i < routes.size(); ++i) {
    patterns.push_back({routes[i].method, routes[i].path, i});
  }
  auto router = Router::build(patterns);
  assert(router.has_value());
  return *std::move(router);
}

bool changes_something(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch ||
         method == Method::delete_;
}

/// A misspelt name is refused, not passed over, as in bodies. The name isn't repeated: whoever sent
/// it knows it, and it may be of a person.
std::optional<Problem> unknown_parameter(const Route& route, const QueryParameters& query) {
  for (const auto& parameter : query.parameters()) {
    const bool waits_for_views =
        route.method == Method::get && route.access.kind() == Access::Kind::members;
    if (parameter.name == "min_position" && waits_for_views) continue;
    if (std::ranges::find(route.shape.query(), parameter.name, &QueryParameter::name) ==
        route.shape.query().end()) {
      return invalid_parameter("",
                               "A parameter isn't known here; /openapi.json lists those that are.");
    }
  }
  return std::nullopt;
}

}  // namespace

Application::Application(const reactions::Node& node, ApplicationOptions options)
    : node_(node),
      options_(std::move(options)),
      cursors_(options_.cursor_key),
      router_(router_of(all_routes())) {}

Response Application::handle(const Request& request) {
  const auto result = router_.find(request.method, request.segments);
  if (const auto* found = std::get_if<RouteFound>(&result)) {
    try {
      return dispatch(request, *found);
    } catch (const log::LedgerDamaged&) {
      return to_response(unavailable("The school's log can't be read just now.", 30),
                         request.request_id);
    } catch (const TextUnreadable& fault) {
      spdlog::error("a text can't be read: {}", fault.what());
      return to_response(unavailable("A text can't be read just now.", 5), request.request_id);
    } catch (const projections::RowDamaged&) {
      return to_response(unavailable("A view has to be made anew.", 30), request.request_id);
    }
  }
  if (const auto* options = std::get_if<RouteOptions>(&result)) {
    return options_response(options->allow);
  }
  if (const auto* refused = std::get_if<RouteMethodNotAllowed>(&result)) {
    return to_response(method_not_allowed(refused->allow), request.request_id);
  }
  return to_response(not_found(), request.request_id);
}

std::uint64_t Application::body_bytes_max(Method method, const std::vector<std::string>& segments,
                                          std::uint64_t otherwise) const {
  const auto result = router_.find(method, segments);
  const auto* found = std::get_if<RouteFound>(&result);
  const auto bytes_max = found == nullptr ? 0 : all_routes()[found->index].body_bytes_max;
  return bytes_max == 0 ? otherwise : bytes_max;
}

Response Application::dispatch(const Request& request, const RouteFound& found) {
  const auto& route = all_routes()[found.index];
  Call call{.node = node_,
            .cursors = cursors_,
            .throttle = throttle_,
            .reset_throttle = reset_throttle_,
            .request = request,
            .path = found.parameters,
            .public_url = options_.public_url,
            .now_us = node_.now_us(),
            .school = {},
            .shard = nullptr,
            .views = nullptr,
            .school_row = {},
            .today = {},
            .caller = {}};
  if (route.access.kind() != Access::Kind::anybody) {
    auto session = session_of(call);
    if (!session) return call.problem(session.error());
    call.caller.session = *session;
  }
  if (route.access.kind() == Access::Kind::members) {
    if (auto entered = enter_school(call); !entered) return call.problem(entered.error());
    if (auto admitted = admit(call, route.access); !admitted) {
      return call.problem(admitted.error());
    }
    if (changes_something(route.method)) {
      if (auto command = command_id_of(call); !command) return call.problem(command.error());
    }
    if (call.caller.role == events::Role::auditor) {
      if (auto recorded = record_audit_read(call, route.name); !recorded) {
        return call.problem(recorded.error());
      }
    }
  }
  if (const auto unknown = unknown_parameter(route, request.query)) {
    return call.problem(*unknown);
  }
  return route.handler(call);
}

}  // namespace klasboek::api
