#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "llm/guardrail.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// ApplyGuardrail. Thread safe.
class BedrockGuardrail final : public llm::Guardrail {
 public:
  explicit BedrockGuardrail(std::shared_ptr<Caller> caller) : caller_(std::move(caller)) {}
  base::Awaitable<base::Result<llm::GuardrailReply>> apply(const base::RequestContext& context,
                                                           llm::GuardrailRequest request) override;

 private:
  const std::shared_ptr<Caller> caller_;
};

/// The body of ApplyGuardrail. kInvalidArgument for an image that is not sent along.
base::Result<std::string> guardrail_body(const llm::GuardrailRequest& request);
/// kUpstream with `detail` when it is not as the service model says.
base::Result<llm::GuardrailReply> read_guardrail_reply(std::string_view body);

}  // namespace caprock::providers::bedrock
