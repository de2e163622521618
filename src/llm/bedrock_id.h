#pragma once

#include <string_view>

namespace caprock::llm {

/// What an id of Bedrock says: "us.anthropic.claude-…" is the profile of area "us" over a model. Views into
/// the id.
struct BedrockId {
  std::string_view area;    ///< of a cross-region profile: us, eu, global, …; empty: the region itself
  std::string_view region;  ///< of an ARN
  std::string_view model;   ///< "anthropic.claude-…"; what is opaque is given back as it is
  bool opaque = false;      ///< the ARN of an application's profile, of provisioned or imported models
};

/// ARNs of foundation models and of the system's profiles name what is behind them, others do not. Never
/// fails: an id of somebody else is a model without area.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
BedrockId split_bedrock_id(std::string_view id);

}  // namespace caprock::llm
