#pragma once

#include "rag/parse/parsed.h"
#include "rag/parse/pdf/bbox.h"

namespace caprock::rag::pdf {

/// Pages of words → the document: running lines dropped, reading order, paragraphs (also across columns and
/// pages), headings by size, table rows with " | ", hyphenation joined, and each line's box kept.
ParsedDocument assemble(BboxDocument source);

}  // namespace caprock::rag::pdf
