#pragma once

#include <memory>

#include "llm/native_model.h"
#include "providers/bedrock/api_choice.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// Calls in Bedrock's own words: addressed and signed here, otherwise as their client wrote them. One
/// attempt, no retry. Thread safe; a reply belongs to the loop that called.
class BedrockNativeModel final : public llm::NativeModel {
 public:
  BedrockNativeModel(std::shared_ptr<Caller> caller, std::shared_ptr<const ApiChoice> apis)
      : caller_(std::move(caller)), apis_(std::move(apis)) {}
  /// Whatever it is called: Bedrock says best which models it does not know. But a model that is to be called
  /// by InvokeModel cannot be conversed with in Converse's own words.
  bool is_native(const std::string& model, llm::NativeOperation operation) const override {
    return !llm::is_for_any_model(operation) || apis_->codec_for(model) == nullptr;
  }
  base::Awaitable<base::Result<std::unique_ptr<llm::NativeReply>>> call(const base::RequestContext& context,
                                                                        const llm::NativeCall& call) override;

 private:
  const std::shared_ptr<Caller> caller_;
  const std::shared_ptr<const ApiChoice> apis_;
};

}  // namespace caprock::providers::bedrock
