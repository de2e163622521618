#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "base/result.h"
#include "llm/content.h"

namespace caprock::server::anthropic {

/// A citation of a text block that is sent back. kInvalidArgument with the member's path.
/// https://docs.claude.com/en/docs/build-with-claude/citations
base::Result<llm::Citation> read_citation(const boost::json::value& value, const std::string& path);

boost::json::object citation_json(const llm::Citation& citation);

}  // namespace caprock::server::anthropic
