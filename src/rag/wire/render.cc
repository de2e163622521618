#include "rag/wire/render.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "base/json/json_text.h"
#include "rag/wire/metadata_json.h"

namespace caprock::rag {

namespace json = boost::json;

namespace {

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object span_json(stores::TextSpan span) { return {{"start", span.start}, {"end", span.end}}; }

// Hundredths of a point are far below what a screen shows; more digits would only be noise of the float.
double rounded(float points) { return std::round(static_cast<double>(points) * 100) / 100; }

json::array boxes_json(const std::vector<stores::LineBox>& lines) {
  json::array out;
  for (const auto& [span, page, box] : lines) {
    out.push_back({{"page", page},
                   {"start", span.start},
                   {"end", span.end},
                   {"x0", rounded(box.x0)},
                   {"y0", rounded(box.y0)},
                   {"x1", rounded(box.x1)},
                   {"y1", rounded(box.y1)}});
  }
  return out;
}

}  // namespace

std::string chunk_id(const stores::ChunkKey& key) {
  return fmt::format("{}:{}:{}", key.document.str(), key.version, key.index);
}

std::string_view status_name(stores::DocumentStatus status) {
  switch (status) {
    case stores::DocumentStatus::kPending:
      return "PENDING";
    case stores::DocumentStatus::kProcessing:
      return "PROCESSING";
    case stores::DocumentStatus::kIndexed:
      return "INDEXED";
    case stores::DocumentStatus::kFailed:
      return "FAILED";
  }
  return "FAILED";
}

json::object document_json(const stores::Document& d) {
  return {{"id", d.id.str()},
          {"title", d.title},
          {"source", d.source},
          {"collection", d.collection.collection},
          {"content_type", d.content_type},
          {"status", status_name(d.status)},
          {"error", text_or_null(d.error)},
          {"version", d.version},
          {"chunk_count", d.chunk_count},
          {"token_count", d.token_count},
          {"size_bytes", d.size_bytes},
          {"content_sha256", d.content_sha256},
          {"created_at", base::iso_time(d.created_at)},
          {"updated_at", base::iso_time(d.updated_at)},
          {"indexed_at", d.indexed_at ? json::value(base::iso_time(*d.indexed_at)) : json::value(nullptr)},
          {"s3_key", d.original_key},
          {"metadata", metadata_json(d.metadata)},
          {"progress",
           {{"bytes_parsed", d.bytes_parsed},
            {"chunks_embedded", d.chunks_embedded},
            {"chunks_total", d.chunks_total}}}};
}

json::object chunk_json(const stores::Document& document, std::uint32_t version, const stores::Chunk& chunk) {
  return {{"chunk_id", chunk_id({document.id, version, chunk.index})},
          {"document_id", document.id.str()},
          {"chunk_index", chunk.index},
          {"start_char", chunk.span.start},
          {"end_char", chunk.span.end},
          {"token_count", chunk.token_count},
          {"content", chunk.content},
          {"context", chunk.context},
          {"section", text_or_null(chunk.section)},
          {"page", or_null(chunk.page)},
          {"boxes", boxes_json(chunk.boxes)}};
}

json::object source_json(const Passage& p) {
  return {{"document_id", p.key.document.str()},
          {"chunk_id", chunk_id(p.key)},
          {"score", p.score},
          {"content", p.chunk.content},
          {"metadata", p.metadata ? metadata_json(*p.metadata) : json::object{}},
          {"title", p.title},
          {"source", p.source},
          {"page", or_null(p.chunk.page)},
          {"section", text_or_null(p.chunk.section)},
          {"span", span_json(p.chunk.span)},
          {"text_rank", or_null(p.text_rank)},
          {"vector_rank", or_null(p.vector_rank)}};
}

json::array sources_json(const std::vector<Passage>& passages) {
  json::array out;
  for (const auto& passage : passages) out.push_back(source_json(passage));
  return out;
}

json::object citation_json(const Citation& c) {
  return {{"number", c.number},
          {"answer_span", span_json(c.answer_span)},
          {"chunk_id", chunk_id(c.chunk)},
          {"document_id", c.chunk.document.str()},
          {"quote", c.quote},
          {"span", span_json(c.source_span)},
          {"title", c.title},
          {"source", c.source},
          {"page", or_null(c.page)},
          {"boxes", boxes_json(c.boxes)}};
}

json::array citations_json(const std::vector<Citation>& citations) {
  json::array out;
  for (const auto& citation : citations) out.push_back(citation_json(citation));
  return out;
}

json::object usage_json(const llm::Usage& usage) {
  return {{"input", usage.total() - usage.output_tokens},
          {"output", usage.output_tokens},
          {"total", usage.total()}};
}

}  // namespace caprock::rag
