#pragma once
// Which problems a route can answer: its own, and those that follow from method, path and access.
#include <optional>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "api/route.h"
#include "api/schema.h"

namespace klasboek::api {

/// Each as an example, by status and code, every code once.
std::vector<Problem> problems_of(const Route& route);

/// What the parameters of paths are, by name: `{post}` is a post's id wherever it stands. nullopt
/// where route_problems.cpp has no row for it.
std::optional<schema::Schema> path_parameter(std::string_view name);

/// The names in a path's braces, from the left.
std::vector<std::string_view> path_parameter_names(std::string_view path);

/// Whether a request of the route carries an Idempotency-Key.
bool wants_idempotency_key(const Route& route);

}  // namespace klasboek::api
