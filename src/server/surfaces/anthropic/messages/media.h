#pragma once

#include "base/json/members.h"
#include "base/result.h"
#include "llm/content.h"

namespace caprock::server::anthropic {

// Blocks that hold something to look at or to cite. kInvalidArgument with the path. A url is passed on to a
// provider that fetches by itself (the others refuse it by name); stored files are not known here.

base::Result<llm::ImageBlock> read_image(const base::Members& block);
base::Result<llm::DocumentBlock> read_document(const base::Members& block);
base::Result<llm::SearchResultBlock> read_search_result(const base::Members& block);

}  // namespace caprock::server::anthropic
