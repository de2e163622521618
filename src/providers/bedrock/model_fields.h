#pragma once

#include <string>

#include "base/result.h"
#include "llm/chat_request.h"
#include "providers/bedrock/model_family.h"

namespace caprock::providers::bedrock {

/// additionalModelRequestFields: the caller's own and those that say what Converse has no word for but the
/// model's family has. Empty when there are none. kInvalidArgument with the field for what the family does
/// not have either, and for one that is said twice.
base::Result<std::string> model_fields(const llm::ChatRequest& request, Family family);

/// The effort for outputConfig, where the family takes it there; empty for none.
std::string effort_of(const llm::ChatRequest& request, Family family);

}  // namespace caprock::providers::bedrock
