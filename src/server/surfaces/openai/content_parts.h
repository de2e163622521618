#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/content.h"

namespace caprock::server::openai {

/// `content` of a message: a string, or parts of the kinds text, image_url, file, input_audio, refusal, each
/// with cache_control after it where there is one (OpenRouter's spelling). kInvalidArgument with the path.
base::Result<std::vector<llm::ContentBlock>> read_content(const boost::json::value& content,
                                                          const std::string& path);

}  // namespace caprock::server::openai
