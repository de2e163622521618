#pragma once

#include "base/result.h"
#include "base/utf8.h"
#include "rag/parse/parsed.h"

namespace caprock::rag {

/// What holds for every parsed document, whatever went in; traps otherwise. For fuzz targets and tests.
inline bool holds_invariants(const ParsedDocument& document) {
  const std::size_t points = base::count_code_points(document.text);
  if (!base::is_valid_utf8(document.text)) return false;
  std::uint32_t last = 0;
  for (const Block& block : document.blocks) {
    if (block.span.start < last || block.span.end < block.span.start || block.span.end > points) return false;
    last = block.span.end;
    for (const Block::Line& line : block.lines)
      if (line.span.start < block.span.start || line.span.end > block.span.end) return false;
  }
  return true;
}

inline void check_invariants(const base::Result<ParsedDocument>& document) {
  if (document && !holds_invariants(*document)) __builtin_trap();
}

}  // namespace caprock::rag
