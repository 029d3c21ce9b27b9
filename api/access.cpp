#include "api/access.h"

#include <cstdlib>
#include <utility>

namespace klasboek::api {

Access anybody() { return {Access::Kind::anybody, {}}; }
Access logged_in() { return {Access::Kind::logged_in, {}}; }
Access members(std::vector<RouteGrant> grants) {
  return {Access::Kind::members, std::move(grants)};
}

std::string_view name_of(events::Role role) {
  // The schema can't have a member called operator.
  return role == events::Role::operator_ ? "operator" : events::wire::EnumNameRole(role);
}

}  // namespace klasboek::api
