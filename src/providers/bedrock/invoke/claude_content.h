#pragma once

#include <string>
#include <vector>

#include "base/json/json_writer.h"
#include "base/result.h"
#include "llm/content.h"

namespace caprock::providers::bedrock::invoke {

/// Writes a list of blocks as Anthropic's messages have them; a cache point becomes the cache_control of the
/// block before it. kInvalidArgument with the path of what they cannot express on Bedrock.
/// https://docs.claude.com/en/api/messages
base::Result<void> write_claude_content(base::JsonWriter& out, const std::vector<llm::ContentBlock>& blocks,
                                        const std::string& path);
/// `cache_control` of a cache point.
void write_cache_control(base::JsonWriter& out, const llm::CachePointBlock& point);
base::Error claude_cannot(std::string field, std::string_view why = {});

}  // namespace caprock::providers::bedrock::invoke
