#pragma once

#include <string>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::providers::bedrock {

/// The body of Converse (`request.stream` false) or ConverseStream (true); the model stands in the path. What
/// Converse leaves to the model goes where the model's family has it: top_k, thinking, one tool at a time.
/// kInvalidArgument with the field for everything that cannot be said, in Converse's names where it has one.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
base::Result<std::string> converse_body(const llm::ChatRequest& request);

/// Whether converse_body asks of itself which stop sequence matched: Claude tells it only among its own
/// fields. The caller did not ask for those, so they are not shown to him.
bool asks_which_stop_sequence(const llm::ChatRequest& request);

/// What CountTokens wants of it: system, messages, tools and the model's own parameters.
base::Result<std::string> converse_tokens_body(const llm::ChatRequest& request);

}  // namespace caprock::providers::bedrock
