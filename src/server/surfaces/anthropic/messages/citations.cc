#include "server/surfaces/anthropic/messages/citations.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json/members.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::Members;
using base::Result;
using Place = llm::Citation::Place;

namespace {

/// How a kind of place is spelt.
struct Spelling {
  std::string_view type;
  Place place;
  std::string_view index;
  std::string_view start;
  std::string_view end;
};

constexpr auto kSpellings = std::to_array<Spelling>(
    {{"char_location", Place::kDocumentChar, "document_index", "start_char_index", "end_char_index"},
     {"page_location", Place::kDocumentPage, "document_index", "start_page_number", "end_page_number"},
     {"content_block_location", Place::kDocumentChunk, "document_index", "start_block_index",
      "end_block_index"},
     {"search_result_location", Place::kSearchResult, "search_result_index", "start_block_index",
      "end_block_index"}});

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object web_json(const llm::Citation& citation) {
  return {{"type", "web_search_result_location"},
          {"cited_text", citation.cited_text},
          {"url", citation.url.empty() ? citation.source : citation.url},
          {"title", text_or_null(citation.title)},
          {"encrypted_index", citation.opaque}};
}

}  // namespace

Result<llm::Citation> read_citation(const json::value& value, const std::string& path) {
  const json::object* object = value.if_object();
  if (object == nullptr) return failure(base::invalid_argument(path, "'" + path + "' must be an object."));
  const Members members(*object, path);
  llm::Citation out;
  CAPROCK_TRY(const auto type, members.required_text("type"));
  CAPROCK_TRY(out.cited_text, members.text("cited_text"));
  if (type == "web_search_result_location") {
    out.place = Place::kWeb;
    CAPROCK_TRY(out.url, members.text("url"));
    CAPROCK_TRY(out.title, members.text("title"));
    CAPROCK_TRY(out.opaque, members.text("encrypted_index"));
    return out;
  }
  const auto* spelling = std::ranges::find(kSpellings, type, &Spelling::type);
  if (spelling == kSpellings.end())
    return failure(base::invalid_argument(
        members.path("type"), "'" + members.path("type") + "' is no kind of citation: '" + type + "'."));
  out.place = spelling->place;
  CAPROCK_TRY(out.title, members.text(out.place == Place::kSearchResult ? "title" : "document_title"));
  CAPROCK_TRY(out.source, members.text("source"));
  CAPROCK_TRY(const auto index, members.integer(spelling->index));
  CAPROCK_TRY(const auto start, members.integer(spelling->start));
  CAPROCK_TRY(const auto end, members.integer(spelling->end));
  out.index = index.value_or(0);
  out.start = start.value_or(0);
  out.end = end.value_or(0);
  return out;
}

json::object citation_json(const llm::Citation& citation) {
  const auto* spelling = std::ranges::find(kSpellings, citation.place, &Spelling::place);
  // A place that nobody knows is told as a page of the web, the kind that needs nothing but words.
  if (spelling == kSpellings.end()) return web_json(citation);
  json::object out{{"type", spelling->type}, {"cited_text", citation.cited_text}};
  out[spelling->index] = citation.index;
  if (citation.place == Place::kSearchResult) {
    out["source"] = citation.source;
    out["title"] = text_or_null(citation.title);
  } else {
    out["document_title"] = text_or_null(citation.title);
    out["file_id"] = nullptr;
  }
  out[spelling->start] = citation.start;
  out[spelling->end] = citation.end;
  return out;
}

}  // namespace caprock::server::anthropic
