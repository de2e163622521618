#pragma once

#include <memory>

#include "llm/chat_model.h"
#include "providers/bedrock/api_choice.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// Converse (for requests that nobody reads as a stream) and ConverseStream, or InvokeModel with and without
/// stream where ApiChoice says so. One attempt, no retry: a model that Converse does not serve was not asked.
/// `request.model` is an id, a profile's id or an ARN. Thread safe; a stream belongs to the loop that asked.
class BedrockChatModel final : public llm::ChatModel {
 public:
  /// `apis` is shared with who counts tokens.
  explicit BedrockChatModel(std::shared_ptr<Caller> caller,
                            std::shared_ptr<ApiChoice> apis = std::make_shared<ApiChoice>(Settings{}))
      : caller_(std::move(caller)), apis_(std::move(apis)) {}
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;

 private:
  using Stream = base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>>;
  // The request is read until the first suspension is over; its owner awaits.
  Stream by_converse(const base::RequestContext& context, const llm::ChatRequest& request);
  Stream by_invoke(const base::RequestContext& context, const llm::ChatRequest& request,
                   const invoke::Codec& codec);

  std::shared_ptr<Caller> caller_;
  std::shared_ptr<ApiChoice> apis_;
};

}  // namespace caprock::providers::bedrock
