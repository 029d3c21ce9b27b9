#include <algorithm>
#include <array>
#include <iterator>

#include "api/route.h"

namespace klasboek::api {

namespace {

struct Stem {
  RouteTag tag;
  std::vector<Route> (*routes)();
};

constexpr auto kStems = std::to_array<Stem>({
    {{"sessions", "Logging in and out, and who am I"}, session_routes},
    {{"one_time_codes", "A second factor: one's own, and the school's asking for it"},
     one_time_code_routes},
    {{"invitations", "How a person whom the school knows comes in"}, invitation_routes},
    {{"password_resets", "A new password for who can't log in"}, password_reset_routes},
    {{"school", "The school, its days, years and rules"}, school_routes},
    {{"groups", "Groups and who works with them"}, group_routes},
    {{"children", "Children by hand"}, roster_routes},
    {{"roster_search", "Finding somebody by a part of the name"}, roster_search_routes},
    {{"roster_imports", "Children, guardians and staff from files of the administration"},
     roster_import_routes},
    {{"guardians", "Who belongs with which child, with what rights"}, guardian_routes},
    {{"shields", "A child of which nothing may reach one of its guardians"}, shield_routes},
    {{"accounts", "Accounts, roles, and what one chooses oneself"}, account_routes},
    {{"mandates", "What a deputy may do in the director's name, and the end of any role"},
     mandate_routes},
    {{"posts", "Posts and the feed"}, post_routes},
    {{"consents", "Purposes, notices, answers and what they come to"}, consent_routes},
    {{"absences", "Reports, the list of a day, recovery"}, absence_routes},
    {{"leaves", "Requests and notices of leave, decisions, the balance"}, leave_routes},
    {{"notifications", "What one is told of"}, notification_routes},
    {{"audit", "Who did what, when, on whose behalf"}, audit_routes},
    {{"audit_grants", "What auditors may read, until when, and why"}, audit_grant_routes},
    {{"erasures", "What is forgotten, and until when something of it may lie somewhere"},
     erasure_routes},
    {{"operations", "Alive, ready, figures, and this description"}, operation_routes},
});

std::vector<Route> gathered() {
  std::vector<Route> all;
  for (const auto& stem : kStems) {
    for (auto& route : stem.routes()) {
      route.tag = stem.tag.name;
      all.push_back(std::move(route));
    }
  }
  return all;
}

}  // namespace

const std::vector<Route>& all_routes() {
  static const auto kRoutes = gathered();
  return kRoutes;
}

const std::vector<RouteTag>& all_route_tags() {
  static const auto kTags = [] {
    std::vector<RouteTag> tags;
    std::ranges::transform(kStems, std::back_inserter(tags), &Stem::tag);
    return tags;
  }();
  return kTags;
}

}  // namespace klasboek::api
