#include <algorithm>
#include <iterator>

#include "api/route.h"

namespace klasboek::api {

namespace {

std::vector<Route> gathered() {
  std::vector<Route> all;
  const auto add = [&](std::vector<Route> some) {
    std::ranges::move(some, std::back_inserter(all));
  };
  add(session_routes());
  add(invitation_routes());
  add(school_routes());
  add(group_routes());
  add(roster_routes());
  add(roster_search_routes());
  add(roster_import_routes());
  add(guardian_routes());
  add(account_routes());
  add(post_routes());
  add(consent_routes());
  add(absence_routes());
  add(leave_routes());
  add(notification_routes());
  add(audit_routes());
  add(operation_routes());
  return all;
}

}  // namespace

const std::vector<Route>& all_routes() {
  static const auto kRoutes = gathered();
  return kRoutes;
}

}  // namespace klasboek::api
