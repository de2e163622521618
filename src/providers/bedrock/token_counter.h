#pragma once

#include <memory>

#include "llm/token_counter.h"
#include "providers/bedrock/api_choice.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// CountTokens, of what would be sent by Converse or by InvokeModel. Models that it does not know (all but
/// Claude, as of writing) are estimated, and say so. Thread safe.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
class BedrockTokenCounter final : public llm::TokenCounter {
 public:
  explicit BedrockTokenCounter(std::shared_ptr<Caller> caller,
                               std::shared_ptr<ApiChoice> apis = std::make_shared<ApiChoice>(Settings{}))
      : caller_(std::move(caller)), apis_(std::move(apis)) {}
  base::Awaitable<base::Result<llm::TokenCount>> count(const base::RequestContext& context,
                                                       llm::ChatRequest request) override;

 private:
  const std::shared_ptr<Caller> caller_;
  const std::shared_ptr<ApiChoice> apis_;
};

}  // namespace caprock::providers::bedrock
