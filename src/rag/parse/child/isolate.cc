#include "rag/parse/child/isolate.h"

namespace caprock::rag {

base::Result<ParsedDocument> parse_in_child(const Format& format, const ParseRequest& request,
                                            const ParseSettings& settings) {
  return format.parse({.bytes = request.bytes,
                       .charset = {},
                       .max_text = settings.max_text.count,
                       .cpu_time = settings.cpu_time});
}

}  // namespace caprock::rag
