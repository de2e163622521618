#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/content.h"

namespace caprock::server::bedrock {

/// A ContentBlock of Converse. Errors as of Shape.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
base::Result<llm::ContentBlock> read_content_block(const boost::json::value& value, const std::string& path);

/// A SystemContentBlock: text, guardContent, cachePoint.
base::Result<llm::ContentBlock> read_system_block(const boost::json::value& value, const std::string& path);

/// A CachePointBlock, the value of "cachePoint".
base::Result<llm::CachePointBlock> read_cache_point(const boost::json::value& value, const std::string& path);

}  // namespace caprock::server::bedrock
