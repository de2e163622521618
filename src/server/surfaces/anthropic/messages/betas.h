#pragma once

#include <string_view>

#include "llm/chat_request.h"
#include "server/surfaces/anthropic/messages/content_blocks.h"

namespace caprock::server::anthropic {

/// Sorts a name of `anthropic-beta`: what became ordinary since needs nothing, what changes the model goes on
/// to it in `request.betas`, the rest is ignored and named: Bedrock refuses a request for a name that it does
/// not know.
void take_beta(std::string_view name, llm::ChatRequest& request, Ignored& ignored);

/// The same for a header's value: names between commas.
void take_betas(std::string_view names, llm::ChatRequest& request, Ignored& ignored);

}  // namespace caprock::server::anthropic
