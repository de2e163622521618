#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/exchange.h"

namespace caprock::server {

/// What the route table says about a method and a path.
struct RouteMatch {
  const Route* route = nullptr;     ///< null: no such path, or not with this method
  std::size_t index = 0;            ///< of the route in routes()
  std::vector<std::string> params;  ///< decoded
  bool head = false;                ///< a GET route, asked by HEAD
  std::string allow;                ///< of a path that exists: its methods, as in the header Allow
};

/// The one route table. Immutable once made, so any thread may read it.
class Router {
 public:
  /// Throws std::invalid_argument for a malformed pattern, for two routes of one method and path, and for two
  /// patterns of one method that take a common path with neither being the narrower one.
  explicit Router(std::vector<Route> routes);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// The narrowest pattern wins, whatever its methods: literals before {name} before {name+}, from the left.
  /// Errors: kInvalidArgument (field = the parameter) when a value is no well-formed percent-encoded UTF-8.
  base::Result<RouteMatch> match(std::string_view method, std::string_view raw_path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace caprock::server
