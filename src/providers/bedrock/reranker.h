#pragma once

#include <memory>
#include <string>

#include "llm/reranker.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// Rerank of bedrock-agent-runtime, by a model such as cohere.rerank-v3-5:0. Thread safe.
class BedrockReranker final : public llm::Reranker {
 public:
  /// `model` is an id or an ARN.
  BedrockReranker(std::shared_ptr<Caller> caller, std::string model)
      : caller_(std::move(caller)), model_(std::move(model)) {}
  base::Awaitable<base::Result<std::vector<double>>> rerank(const base::RequestContext& context,
                                                            std::string query,
                                                            std::vector<std::string> passages) override;

 private:
  const std::shared_ptr<Caller> caller_;
  const std::string model_;
};

}  // namespace caprock::providers::bedrock
