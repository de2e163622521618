#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "llm/content.h"

namespace caprock::server::openai {

/// url_citation, or document_citation: places in documents have no form in OpenAI's dialects, and readers
/// skip types that they do not know.
std::string_view annotation_type(const llm::Citation& citation);

/// The members of an annotation besides its type.
boost::json::object annotation_members(const llm::Citation& citation);

}  // namespace caprock::server::openai
