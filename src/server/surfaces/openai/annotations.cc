#include "server/surfaces/openai/annotations.h"

namespace caprock::server::openai {

namespace json = boost::json;

std::string_view annotation_type(const llm::Citation& citation) {
  return citation.place == llm::Citation::Place::kWeb ? "url_citation" : "document_citation";
}

json::object annotation_members(const llm::Citation& citation) {
  if (citation.place == llm::Citation::Place::kWeb) {
    json::object page{{"url", citation.url}, {"title", citation.title}};
    if (citation.text_start) page["start_index"] = *citation.text_start;
    if (citation.text_end) page["end_index"] = *citation.text_end;
    return page;
  }
  return {{"title", citation.title}, {"source", citation.source}, {"cited_text", citation.cited_text},
          {"index", citation.index}, {"start", citation.start},   {"end", citation.end}};
}

}  // namespace caprock::server::openai
