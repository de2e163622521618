#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace caprock::base {

/// A string that cannot be mistaken for another kind of string: `using TenantId = Strong<struct TenantTag>;`.
template <class Tag>
class Strong {
 public:
  Strong() = default;
  explicit Strong(std::string value) : value_(std::move(value)) {}
  const std::string& str() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }
  auto operator<=>(const Strong&) const = default;

 private:
  std::string value_;
};

using TenantId = Strong<struct TenantIdTag>;
using RequestId = Strong<struct RequestIdTag>;

}  // namespace caprock::base

template <class Tag>
struct std::hash<caprock::base::Strong<Tag>> {
  std::size_t operator()(const caprock::base::Strong<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
