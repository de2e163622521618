#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/content.h"

namespace caprock::llm {

/// What a guardrail is to look at, apart from any model.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html
struct GuardrailRequest {
  enum class Source : std::uint8_t { kInput, kOutput };
  std::string id;       ///< or its ARN
  std::string version;  ///< a number, or DRAFT
  Source source = Source::kInput;
  std::vector<GuardBlock> content = {};
  std::string output_scope = {};  ///< INTERVENTIONS, FULL; empty for the service's default
};

/// Members that end in _json are as the wire has them.
struct GuardrailReply {
  bool intervened = false;
  std::string action_reason = {};
  std::vector<std::string> outputs = {};  ///< what is to be said instead; empty when nothing was changed
  std::string assessments_json = "[]";    ///< what each policy found
  std::string usage_json = "{}";          ///< units of each policy, by which it is billed
  std::string coverage_json = {};         ///< how much of the content was looked at, where the service says
};

/// Thread safe. Errors: those of the provider; kNotFound with field "guardrailIdentifier" for one that does
/// not exist.
class Guardrail {
 public:
  virtual ~Guardrail() = default;
  virtual base::Awaitable<base::Result<GuardrailReply>> apply(const base::RequestContext& context,
                                                              GuardrailRequest request) = 0;
};

}  // namespace caprock::llm
