#pragma once

#include <string>
#include <vector>

#include "providers/bedrock/invoke/body.h"
#include "providers/bedrock/invoke/turns.h"

namespace caprock::providers::bedrock::invoke {

/// A conversation with Command R: texts, and, when its last message brings results of tools, these with the
/// calls that they belong to. `text` then ends with the question that was asked before the calls.
struct CohereTurns {
  Turns text;
  struct Result {
    const llm::ToolUseBlock* call = nullptr;
    const llm::ToolResultBlock* result = nullptr;
  };
  std::vector<Result> results = {};  ///< views of the request
};

/// kInvalidArgument for calls that are not answered by the last message: Command R's history is text alone.
base::Result<CohereTurns> cohere_turns(const llm::ChatRequest& request, const Abilities& abilities);

/// `tools`. Command R knows parameters by name, type and description: a schema that says more is refused.
base::Result<void> write_cohere_tools(base::JsonWriter& out, const llm::ChatRequest& request,
                                      const Abilities& abilities);
/// `tool_results`.
base::Result<void> write_cohere_results(base::JsonWriter& out, const CohereTurns& turns);

}  // namespace caprock::providers::bedrock::invoke
