#pragma once

#include <boost/json/value.hpp>

#include "base/json/members.h"
#include "base/result.h"
#include "llm/chat_request.h"
#include "server/surfaces/anthropic/messages/content_blocks.h"
#include "server/surfaces/anthropic/messages/places.h"

namespace caprock::server::anthropic {

/// `tools` and `tool_choice` of a request. Tools of Anthropic's own types that the caller runs (bash,
/// text_editor, computer, memory) go on to the provider, which may know them; those that Anthropic's servers
/// run are refused by name. kInvalidArgument with the path.
/// https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview
base::Result<void> read_tools(const base::Members& body, llm::ChatRequest& request, Places& places,
                              Ignored& ignored);

}  // namespace caprock::server::anthropic
