#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "providers/bedrock/invoke/codec.h"
#include "providers/bedrock/settings.h"

namespace caprock::providers::bedrock {

/// By which of Bedrock's operations a model is conversed with. Converse is the one way for all models, so it
/// is the first choice; InvokeModel is for those that it does not serve, for those that the operator names,
/// and for everything that has a codec when he says so. Why: docs/decisions/0811-converse-or-invoke.md.
/// Thread safe.
class ApiChoice {
 public:
  /// The settings must have passed their check.
  explicit ApiChoice(const Settings& settings);

  /// The codec to invoke `model` with; null: by Converse.
  const invoke::Codec* codec_for(std::string_view model) const;
  /// The codec to try when Converse refused `model` with `error`, because it does not know it as one to
  /// converse with; remembered. Null when the refusal stands.
  const invoke::Codec* codec_after(std::string_view model, const base::Error& error);

 private:
  const Settings settings_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> not_conversed_;  ///< models that Converse refused
};

}  // namespace caprock::providers::bedrock
