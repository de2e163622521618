#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace caprock::gateway {

/// Where an attempt goes. Quotas and breakers are one for each (provider, account, region, model).
struct Target {
  std::string id;        ///< as whoever makes the attempt takes it: "bedrock@west/anthropic.claude-…"
  std::string provider;  ///< for records and metrics
  std::string account;
  std::string region;
  std::string model;  ///< as the provider knows it
};

/// Finds who serves a model's id; an empty id is the default model. Errors: kNotFound with field "model" when
/// nobody does. Thread safe, does not wait.
using TargetFinder = std::function<base::Result<Target>(const std::string& id)>;

}  // namespace caprock::gateway
