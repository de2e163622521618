#pragma once

#include <memory>

#include "providers/bedrock/invoke/codec.h"

namespace caprock::providers::bedrock::invoke {

/// Replies of Anthropic's messages, whole or as their events. A stop is only what message_stop confirmed.
/// https://docs.claude.com/en/docs/build-with-claude/streaming
std::unique_ptr<ReplyReader> claude_reader();

}  // namespace caprock::providers::bedrock::invoke
