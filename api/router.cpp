#include "api/router.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "api/problem.h"

namespace klasboek::api {
namespace {

constexpr std::size_t kMethodCount = std::to_underlying(Method::options) + 1;

// A segment of a template, taken apart.
struct TemplateSegment {
  bool is_parameter = false;
  std::string_view name;  // of the parameter, or the literal itself
  std::string_view ending;
};

std::optional<TemplateSegment> parse_segment(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.front() != '{') {
    if (text.find_first_of("{}") != std::string_view::npos) return std::nullopt;
    return TemplateSegment{false, text, {}};
  }
  const std::size_t close = text.find('}');
  if (close == std::string_view::npos || close == 1) return std::nullopt;
  const std::string_view ending = text.substr(close + 1);
  if (ending.find_first_of("{}") != std::string_view::npos) return std::nullopt;
  return TemplateSegment{true, text.substr(1, close - 1), ending};
}

using Parsed = std::expected<std::vector<TemplateSegment>, RouteFaultKind>;

Parsed parse_template(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return std::unexpected(RouteFaultKind::template_without_slash);
  }
  std::vector<TemplateSegment> segments;
  std::vector<std::string_view> names;
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const auto segment = parse_segment(path.substr(0, slash));
    if (!segment) return std::unexpected(RouteFaultKind::malformed_segment);
    if (segment->is_parameter) {
      if (std::ranges::find(names, segment->name) != names.end()) {
        return std::unexpected(RouteFaultKind::repeated_parameter);
      }
      names.push_back(segment->name);
    }
    segments.push_back(*segment);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) return std::unexpected(RouteFaultKind::malformed_segment);
  }
  if (names.size() > kPathParametersMax) {
    return std::unexpected(RouteFaultKind::too_many_parameters);
  }
  return segments;
}

}  // namespace

struct Router::Node {
  struct Child {
    std::string text;  // the literal, or the ending ("" of a plain parameter)
    std::unique_ptr<Node> node;
  };
  // A route that ends here. Names belong to the route: two routes may call one place differently.
  struct Route {
    std::size_t index = 0;
    std::vector<std::string> parameter_names;
  };

  std::vector<Child> literals;    // sorted by text
  std::vector<Child> parameters;  // longest ending first
  std::array<std::optional<Route>, kMethodCount> routes;

  bool has_routes() const {
    return std::ranges::any_of(routes, [](const auto& route) { return route.has_value(); });
  }

  Node& child_for(const TemplateSegment& segment) {
    auto& children = segment.is_parameter ? parameters : literals;
    const std::string_view text = segment.is_parameter ? segment.ending : segment.name;
    for (Child& child : children) {
      if (child.text == text) return *child.node;
    }
    children.push_back({std::string(text), std::make_unique<Node>()});
    Node& made = *children.back().node;
    if (segment.is_parameter) {
      std::ranges::stable_sort(children, std::ranges::greater{},
                               [](const Child& child) { return child.text.size(); });
    } else {
      std::ranges::sort(children, {}, &Child::text);
    }
    return made;
  }

  const Node* literal(std::string_view text) const {
    const auto found = std::ranges::lower_bound(
        literals, text, {}, [](const Child& child) { return std::string_view(child.text); });
    return found != literals.end() && found->text == text ? found->node.get() : nullptr;
  }
};

// One look-up: walks all templates that fit, best first, until one takes the method.
struct Router::Search {
  Method method;
  std::span<const std::string> segments;
  std::array<std::string_view, kPathParametersMax> values{};
  std::array<bool, kMethodCount> taken{};
  bool path_exists = false;
  std::optional<RouteFound> found = std::nullopt;

  // Ends at the first route that takes the method. Depth is bounded by the templates' length.
  bool walk(const Node& node, std::size_t depth, std::size_t value_count) {
    if (depth == segments.size()) return arrive(node, value_count);
    const std::string_view segment = segments[depth];
    if (const Node* literal = node.literal(segment)) {
      if (walk(*literal, depth + 1, value_count)) return true;
    }
    for (const Node::Child& child : node.parameters) {
      if (segment.size() <= child.text.size() || !segment.ends_with(child.text)) continue;
      values[value_count] = segment.substr(0, segment.size() - child.text.size());
      if (walk(*child.node, depth + 1, value_count + 1)) return true;
    }
    return false;
  }

  bool arrive(const Node& node, std::size_t value_count) {
    if (!node.has_routes()) return false;
    path_exists = true;
    for (std::size_t i = 0; i < kMethodCount; ++i) taken[i] = taken[i] || node.routes[i];
    const Method wanted = method == Method::head ? Method::get : method;
    const auto& route = node.routes[std::to_underlying(wanted)];
    if (!route) return false;
    found.emplace();
    found->index = route->index;
    found->parameters.count_ = value_count;
    for (std::size_t i = 0; i < value_count; ++i) {
      found->parameters.parameters_[i] = {route->parameter_names[i], values[i]};
    }
    return true;
  }

  std::vector<Method> allow() const {
    std::vector<Method> methods;
    for (std::size_t i = 0; i < kMethodCount; ++i) {
      const auto candidate = static_cast<Method>(i);
      const bool as_get = candidate == Method::head && taken[std::to_underlying(Method::get)];
      if (taken[i] || as_get || candidate == Method::options) methods.push_back(candidate);
    }
    return methods;
  }
};

Router::Router(std::unique_ptr<Node> root) : root_(std::move(root)) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

std::expected<Router, RouteFault> Router::build(std::span<const RoutePattern> patterns) {
  auto root = std::make_unique<Node>();
  for (const RoutePattern& pattern : patterns) {
    const auto fault = [&](RouteFaultKind kind) {
      return std::unexpected(RouteFault{kind, pattern.index});
    };
    if (pattern.method == Method::head || pattern.method == Method::options) {
      return fault(RouteFaultKind::head_or_options);
    }
    const Parsed segments = parse_template(pattern.path_template);
    if (!segments) return fault(segments.error());
    Node* node = root.get();
    Node::Route route{pattern.index, {}};
    for (const TemplateSegment& segment : *segments) {
      node = &node->child_for(segment);
      if (segment.is_parameter) route.parameter_names.emplace_back(segment.name);
    }
    auto& place = node->routes[std::to_underlying(pattern.method)];
    if (place) return fault(RouteFaultKind::repeated_route);
    place = std::move(route);
  }
  return Router(std::move(root));
}

RouteResult Router::find(Method method, std::span<const std::string> segments) const {
  Search search{.method = method, .segments = segments};
  // An OPTIONS never matches a route, so the walk collects what every fitting template takes.
  if (search.walk(*root_, 0, 0) && search.found) return *search.found;
  if (!search.path_exists) return RouteNotFound{};
  if (method == Method::options) return RouteOptions{search.allow()};
  return RouteMethodNotAllowed{search.allow()};
}

std::string_view PathParameters::operator[](std::string_view name) const {
  for (const PathParameter& parameter : all()) {
    if (parameter.name == name) return parameter.value;
  }
  assert(false && "the template has no parameter of that name");
  return {};
}

Response options_response(const std::vector<Method>& allow) {
  Response response = no_content();
  response.add_header("Allow", allow_text(allow));
  return response;
}

}  // namespace klasboek::api
