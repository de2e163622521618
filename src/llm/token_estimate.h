#pragma once

#include <cstdint>
#include <string_view>

#include "llm/chat_request.h"

namespace caprock::llm {

/// How many tokens a model will read, where nobody counts. Each model cuts text differently: this is near the
/// tokenizers in use for English, above them for code and numbers. An image counts as the largest that Claude
/// reads, a file of unknown text as a token for every 4 bytes.
std::int64_t estimate_tokens(const ChatRequest& request);
std::int64_t estimate_tokens(std::string_view text);

}  // namespace caprock::llm
