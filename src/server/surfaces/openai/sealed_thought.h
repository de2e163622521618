#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/content.h"

namespace caprock::server::openai {

/// A thought as `encrypted_content` of a reasoning item: everything that its model wants back unchanged.
/// Opaque to the caller by agreement only: what it holds, the caller may read in the item itself.
std::string seal_thought(const llm::ReasoningBlock& thought);

/// The same thought again. kInvalidArgument at `path` for a text that no reply of ours had.
base::Result<llm::ReasoningBlock> open_thought(std::string_view sealed, const std::string& path);

}  // namespace caprock::server::openai
