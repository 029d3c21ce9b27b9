// Router: which route a method and a path belong to. A trie over path segments; no regular
// expressions, so that the longest path costs a few comparisons and no stack.
//
// A template is '/' and segments: literal ("posts"), parameter ("{post}") or parameter with a
// fixed ending ("{secret}.ics"). A parameter takes exactly one segment, never an empty one. Where
// several templates fit a path, literal goes before fixed ending before parameter, from the left;
// of those that take the method the first wins. A HEAD is answered by the GET of its path.
//
// Segments come decoded: "%2F" within a segment is a '/' that belongs to the parameter, for
// whoever validates that parameter to refuse.
//
// Thread safety: immutable once built; any number of threads may find(). Ownership: the router
// copies the templates; parameters that find() returns are views of the segments it was given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http_message.h"

namespace klasboek::api {

inline constexpr std::size_t kPathParametersMax = 8;

struct RoutePattern {
  Method method;
  std::string_view path_template;  // "/v1/schools/{school}/posts/{post}"
  std::size_t index;               // the caller's number of this route
};

// What is wrong with a table of routes.
enum class RouteFaultKind : std::uint8_t {
  template_without_slash,  // doesn't begin with '/'
  malformed_segment,       // empty, or braces that don't make a parameter
  too_many_parameters,     // more than kPathParametersMax
  repeated_parameter,      // one name twice in one template
  repeated_route,          // two routes take the same method and the same paths
  head_or_options          // these two are answered by the router itself
};

struct RouteFault {
  RouteFaultKind kind;
  std::size_t index;  // of the pattern that has it
};

struct PathParameter {
  std::string_view name;
  std::string_view value;
};

// Parameters of a path in the order of the template.
class PathParameters {
 public:
  // The value, without the fixed ending. REQUIRES: the template has a parameter of that name.
  std::string_view operator[](std::string_view name) const;

  std::span<const PathParameter> all() const { return {parameters_.data(), count_}; }

 private:
  friend class Router;
  std::array<PathParameter, kPathParametersMax> parameters_{};
  std::size_t count_ = 0;
};

struct RouteFound {
  std::size_t index = 0;
  PathParameters parameters;
};
struct RouteMethodNotAllowed {
  std::vector<Method> allow;  // what the path does take, OPTIONS included, in order of Method
};
struct RouteOptions {
  std::vector<Method> allow;
};
struct RouteNotFound {};

using RouteResult = std::variant<RouteFound, RouteMethodNotAllowed, RouteOptions, RouteNotFound>;

class Router {
 public:
  static std::expected<Router, RouteFault> build(std::span<const RoutePattern> patterns);

  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // `segments`: the path split on '/', each decoded (Request::segments). The parameters in the
  // result view into `segments` and into this router.
  RouteResult find(Method method, std::span<const std::string> segments) const;

 private:
  struct Node;
  struct Search;
  explicit Router(std::unique_ptr<Node> root);

  std::unique_ptr<Node> root_;
};

// 204 with Allow, the answer to OPTIONS.
Response options_response(const std::vector<Method>& allow);

}  // namespace klasboek::api
