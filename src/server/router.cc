#include "server/router.h"

#include <algorithm>
#include <map>
#include <span>
#include <stdexcept>

#include "server/route_pattern.h"
#include "server/uri.h"

namespace caprock::server {

// A tree over path segments. At the end of a path stand its routes, one a method.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> param;
  std::unique_ptr<Node> rest;
  std::vector<std::size_t> routes;
};

namespace {

using Kind = RoutePattern::Kind;
using Segments = std::span<const std::string_view>;

RoutePattern checked_pattern(const Route& route) {
  auto pattern = parse_pattern(route.pattern);
  if (!pattern) throw std::invalid_argument(pattern.error().detail);
  if (!route.handler)
    throw std::invalid_argument("route '" + std::string(route.pattern) + "' has no handler");
  return std::move(*pattern);
}

void refuse_conflicts(const std::vector<Route>& routes, const std::vector<RoutePattern>& patterns) {
  for (std::size_t i = 0; i < routes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      if (routes[i].method != routes[j].method) continue;
      const Overlap overlap = compare(patterns[i], patterns[j]);
      if (overlap != Overlap::kSame && overlap != Overlap::kAmbiguous) continue;
      throw std::invalid_argument("routes '" + std::string(routes[j].pattern) + "' and '" +
                                  std::string(routes[i].pattern) + "' for " + std::string(routes[i].method) +
                                  (overlap == Overlap::kSame ? " are the same" : " take a common path"));
    }
}

template <class Node>
Node& child(Node& parent, const RoutePattern::Segment& segment) {
  std::unique_ptr<Node>& slot = segment.kind == Kind::kLiteral ? parent.literals[segment.text]
                                : segment.kind == Kind::kParam ? parent.param
                                                               : parent.rest;
  if (!slot) slot = std::make_unique<Node>();
  return *slot;
}

// Calls visit(node, params) for the end of every pattern that takes the path, narrowest first, until it
// returns true.
template <class Node, class Visit>
bool walk(const Node& node, Segments left, std::vector<std::string_view>& params, Visit& visit) {
  if (left.empty()) return !node.routes.empty() && visit(node, params);
  if (const auto found = node.literals.find(left[0]);
      found != node.literals.end() && walk(*found->second, left.subspan(1), params, visit))
    return true;
  if (node.param && !left[0].empty()) {
    params.push_back(left[0]);
    if (walk(*node.param, left.subspan(1), params, visit)) return true;
    params.pop_back();
  }
  if (node.rest && !(left.size() == 1 && left[0].empty())) {
    params.emplace_back(left.front().data(), left.back().data() + left.back().size());
    if (visit(*node.rest, params)) return true;
    params.pop_back();
  }
  return false;
}

std::string join_methods(std::vector<std::string_view> methods) {
  if (std::ranges::find(methods, "GET") != methods.end()) methods.emplace_back("HEAD");
  methods.emplace_back("OPTIONS");
  std::ranges::sort(methods);
  const auto repeated = std::ranges::unique(methods);
  methods.erase(repeated.begin(), repeated.end());
  std::string text;
  for (const std::string_view method : methods) text += (text.empty() ? "" : ", ") + std::string(method);
  return text;
}

base::Result<std::vector<std::string>> decode_params(const Route& route,
                                                     const std::vector<std::string_view>& raw) {
  std::vector<std::string> values;
  for (const std::string_view text : raw) {
    auto value = percent_decode(text);
    if (!value) {
      const auto names = parse_pattern(route.pattern)->param_names();
      return base::failure(base::invalid_argument(names.at(values.size()),
                                                  "this part of the path is no percent-encoded UTF-8"));
    }
    values.push_back(std::move(*value));
  }
  return values;
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)), root_(std::make_unique<Node>()) {
  std::vector<RoutePattern> patterns;
  patterns.reserve(routes_.size());
  for (const Route& route : routes_) patterns.push_back(checked_pattern(route));
  refuse_conflicts(routes_, patterns);
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Node* node = root_.get();
    for (const auto& segment : patterns[i].segments) node = &child(*node, segment);
    node->routes.push_back(i);
  }
}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

base::Result<RouteMatch> Router::match(std::string_view method, std::string_view raw_path) const {
  RouteMatch match;
  std::vector<std::string_view> methods;
  std::vector<std::string_view> raw_params;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  auto visit = [&](const Node& node, const std::vector<std::string_view>&) {
    for (const std::size_t index : node.routes) {
      const Route& route = routes_[index];
      methods.push_back(route.method);
      if (route.method != method && (match.route != nullptr || route.method != wanted)) continue;
      match.route = &route;
      match.index = index;
    }
    // The narrowest pattern decides, also when it has other methods only: OpenAPI gives concrete paths
    // precedence over templated ones whatever the method, and Allow must name what this path takes.
    return !node.routes.empty();
  };
  walk(*root_, split_path(raw_path), raw_params, visit);
  if (match.route == nullptr) {
    if (!methods.empty()) match.allow = join_methods(std::move(methods));
    return match;
  }
  match.head = method == "HEAD" && match.route->method == "GET";
  CAPROCK_TRY(match.params, decode_params(*match.route, raw_params));
  return match;
}

}  // namespace caprock::server
