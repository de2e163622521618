#pragma once

#include <memory>

#include "llm/token_counter.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// CountTokens. Models that it does not know (all but Claude, as of writing) are estimated, and say so.
/// Thread safe. https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
class BedrockTokenCounter final : public llm::TokenCounter {
 public:
  explicit BedrockTokenCounter(std::shared_ptr<Caller> caller) : caller_(std::move(caller)) {}
  base::Awaitable<base::Result<llm::TokenCount>> count(const base::RequestContext& context,
                                                       llm::ChatRequest request) override;

 private:
  const std::shared_ptr<Caller> caller_;
};

}  // namespace caprock::providers::bedrock
