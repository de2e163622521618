#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::base {

/// The candidate that a person most likely meant, when one is near enough to be a slip of the hand.
std::optional<std::string> did_you_mean(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace caprock::base
