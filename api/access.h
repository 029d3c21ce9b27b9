#pragma once
// Who may ask: each route says it where it stands, and a route that doesn't say it doesn't compile.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "events/event.h"

namespace klasboek::api {

/// How far a role reaches on a route; what the path names must lie within it.
enum class Reach : std::uint8_t {
  whole_school,
  /// {child}: one's own as a guardian.
  own_child,
  /// {child}: one's own as a guardian with parental authority.
  own_child_with_authority,
  /// {child} or {group}: of a class that one works with today.
  own_class,
  /// {account}: oneself; without it in the path: what the route gives is the caller's own.
  own_account,
  /// {child}, or without it in the path the whole school: what an auditor was granted.
  granted,
  /// The child that ?subject= names, else the whole school: what an auditor was granted.
  granted_subject
};

struct RouteGrant {
  events::Role role = events::Role::none;
  Reach reach = Reach::whole_school;
};

/// The access of one route. There is no default: one of the functions below makes it.
class Access {
 public:
  enum class Kind : std::uint8_t { anybody, logged_in, members };
  Access() = delete;
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] std::span<const RouteGrant> grants() const { return grants_; }

 private:
  Access(Kind kind, std::vector<RouteGrant> grants) : kind_(kind), grants_(std::move(grants)) {}
  friend Access anybody();
  friend Access logged_in();
  friend Access members(std::vector<RouteGrant> grants);
  Kind kind_;
  std::vector<RouteGrant> grants_;
};

/// No session asked.
Access anybody();
/// Any session; the route is outside of a school.
Access logged_in();
/// An account of the school in the path, in one of these roles within its reach. The first grant
/// that holds is the role by which the caller acts.
Access members(std::vector<RouteGrant> grants);

/// `guardian`, `deputy`, …: the public name of a role.
std::string_view name_of(events::Role role);

}  // namespace klasboek::api
