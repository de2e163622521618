#include "rag/answer/page_place.h"

namespace caprock::rag {

void place_on_page(Citation& citation, const stores::Chunk& passage) {
  citation.page = passage.page;
  citation.boxes.clear();
  for (const stores::LineBox& line : passage.boxes) {
    if (line.span.end <= citation.source_span.start || line.span.start >= citation.source_span.end) continue;
    citation.boxes.push_back(line);
  }
  if (!citation.boxes.empty()) citation.page = citation.boxes.front().page;
}

}  // namespace caprock::rag
