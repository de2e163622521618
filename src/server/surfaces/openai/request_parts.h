#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/members.h"
#include "llm/chat_request.h"

namespace caprock::server::openai {

// What chat completions and responses ask in the same words. Errors: kInvalidArgument with the path.

/// "'store' is not supported here."
base::Error not_supported(std::string field);
/// The members of a body that are not among `known`, in their order.
std::vector<std::string> unknown_members(const boost::json::object& body,
                                         std::span<const std::string_view> known);
/// name, description, parameters and strict of a function that the caller runs.
base::Result<llm::ToolSpec> read_function(const base::Members& function);
/// auto, none or required.
base::Result<llm::ToolChoice> read_choice_word(std::string_view word);
/// name, description, strict and schema.
base::Result<llm::ResponseFormat> read_json_schema(const base::Members& format);
/// effort, and OpenRouter's max_tokens, enabled and exclude: it knows budgets too, which Claude wants.
base::Result<llm::ReasoningSettings> read_reasoning(const base::Members& reasoning);
/// service_tier, prompt_cache_key, safety_identifier or user. A default said aloud asks for nothing.
base::Result<void> read_caller(const base::Members& body, llm::ChatRequest& request);

}  // namespace caprock::server::openai
