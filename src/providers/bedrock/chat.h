#pragma once

#include <memory>

#include "llm/chat_model.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// Converse (for requests that nobody reads as a stream) and ConverseStream. One attempt, no retry.
/// `request.model` is an id, a profile's id or an ARN. Thread safe; a stream belongs to the loop that asked.
class BedrockChatModel final : public llm::ChatModel {
 public:
  explicit BedrockChatModel(std::shared_ptr<Caller> caller) : caller_(std::move(caller)) {}
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;

 private:
  std::shared_ptr<Caller> caller_;
};

}  // namespace caprock::providers::bedrock
