#pragma once
// A row of the route table: it routes, authorises, describes and is tested from this one place.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "api/access.h"
#include "api/call.h"
#include "api/shape.h"

namespace klasboek::api {

using Handler = Response (*)(Call&);

struct Route {
  Method method;
  /// Under `/v1/schools/{school}` unless it begins with `/v1/` otherwise or is of operations.
  std::string_view path;
  /// Unique, snake_case: the operation's id in OpenAPI.
  std::string_view name;
  std::string_view summary;
  Access access;
  Handler handler;
  Shape shape;
  /// Of the request; 0: as large as the door lets any body be.
  std::uint64_t body_bytes_max = 0;
  /// The stem it belongs to, which routes.cpp fills in.
  std::string_view tag = {};
};

/// A stem of the table, as /openapi.json and generated clients group its routes.
struct RouteTag {
  std::string_view name;
  std::string_view description;
};
/// In the order of the table.
const std::vector<RouteTag>& all_route_tags();

/// Every stem gives its rows; routes.cpp puts them together.
std::vector<Route> session_routes();
std::vector<Route> one_time_code_routes();
std::vector<Route> invitation_routes();
std::vector<Route> password_reset_routes();
std::vector<Route> school_routes();
std::vector<Route> group_routes();
std::vector<Route> roster_routes();
std::vector<Route> roster_search_routes();
std::vector<Route> roster_import_routes();
std::vector<Route> guardian_routes();
std::vector<Route> shield_routes();
std::vector<Route> account_routes();
std::vector<Route> post_routes();
std::vector<Route> consent_routes();
std::vector<Route> absence_routes();
std::vector<Route> leave_routes();
std::vector<Route> notification_routes();
std::vector<Route> audit_routes();
std::vector<Route> audit_grant_routes();
std::vector<Route> mandate_routes();
std::vector<Route> erasure_routes();
std::vector<Route> operation_routes();

/// The whole table, in one order.
const std::vector<Route>& all_routes();

}  // namespace klasboek::api
