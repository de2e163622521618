#pragma once

#include <string>
#include <vector>

#include "base/json/json_writer.h"
#include "base/result.h"
#include "llm/content.h"

namespace caprock::providers::bedrock {

/// kInvalidArgument that names what Converse has no word for.
base::Error not_expressible(std::string field, std::string_view why = {});

/// `json` checked to be an object, for what goes into a body as it is. kInvalidArgument with `field`.
base::Result<std::string_view> checked_object(std::string_view json, std::string_view field);

/// Writes a list of content blocks as Converse has them. `path` is the list's place in the request, for
/// errors: kInvalidArgument for what Converse cannot express.
base::Result<void> write_content(base::JsonWriter& out, const std::vector<llm::ContentBlock>& blocks,
                                 const std::string& path);
/// The same for `system`, which has fewer kinds of blocks.
base::Result<void> write_system(base::JsonWriter& out, const std::vector<llm::ContentBlock>& blocks,
                                const std::string& path);
void write_cache_point(base::JsonWriter& out, const llm::CachePointBlock& point);

}  // namespace caprock::providers::bedrock
