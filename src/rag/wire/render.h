#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rag/answer/answerer.h"
#include "stores/types.h"

namespace caprock::rag {

// The shapes that clients see: the same in REST, in the command line's --json, in tools and in stored
// answers.

/// "<document_id>:<version>:<index>": names a passage of one version of a document for good.
std::string chunk_id(const stores::ChunkKey& key);

std::string_view status_name(stores::DocumentStatus status);
boost::json::object document_json(const stores::Document& document);
boost::json::object chunk_json(const stores::Document& document, std::uint32_t version,
                               const stores::Chunk& chunk);
/// A search result with title and page: what an answer was made from.
boost::json::object source_json(const Passage& passage);
boost::json::array sources_json(const std::vector<Passage>& passages);
boost::json::object citation_json(const Citation& citation);
boost::json::array citations_json(const std::vector<Citation>& citations);
boost::json::object usage_json(const llm::Usage& usage);

}  // namespace caprock::rag
