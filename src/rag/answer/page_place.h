#pragma once

#include "rag/answer/answerer.h"

namespace caprock::rag {

/// Sets `page` and `boxes` of a citation to the lines of the passage that its quotation touches; to the
/// passage's page where the format knows no lines. Pure.
void place_on_page(Citation& citation, const stores::Chunk& passage);

}  // namespace caprock::rag
