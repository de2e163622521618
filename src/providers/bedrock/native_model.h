#pragma once

#include <memory>

#include "llm/native_model.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// Calls in Bedrock's own words: addressed and signed here, otherwise as their client wrote them. One
/// attempt, no retry. Thread safe; a reply belongs to the loop that called.
class BedrockNativeModel final : public llm::NativeModel {
 public:
  explicit BedrockNativeModel(std::shared_ptr<Caller> caller) : caller_(std::move(caller)) {}
  /// Whatever it is called: Bedrock says best which models it does not know.
  bool is_native(const std::string&) const override { return true; }
  base::Awaitable<base::Result<std::unique_ptr<llm::NativeReply>>> call(const base::RequestContext& context,
                                                                        const llm::NativeCall& call) override;

 private:
  const std::shared_ptr<Caller> caller_;
};

}  // namespace caprock::providers::bedrock
