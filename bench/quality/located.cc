#include "quality/located.h"

#include <cstdio>

#include "base/utf8.h"

namespace caprock::bench {

void Located::check(Workspace& workspace, const rag::Answer& answer) {
  const std::size_t length = base::count_code_points(answer.text);
  for (const rag::Citation& citation : answer.citations) {
    ++citations;
    const std::string& text = workspace.text(citation.chunk.document);
    const bool right =
        !citation.quote.empty() && citation.answer_span.start < citation.answer_span.end &&
        citation.answer_span.end <= length &&
        base::slice_code_points(text, citation.source_span.start, citation.source_span.end) == citation.quote;
    found += right ? 1 : 0;
    if (!right) std::fprintf(stderr, "not located: [%u] %s\n", citation.number, citation.quote.c_str());
  }
}

}  // namespace caprock::bench
