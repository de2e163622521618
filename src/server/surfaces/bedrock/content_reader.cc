#include "server/surfaces/bedrock/content_reader.h"

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "server/surfaces/bedrock/shape.h"
#include "server/surfaces/bedrock/tool_name.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

Result<llm::MediaSource> read_place(const Shape& source) {
  if (source.has("s3Location")) {
    CAPROCK_TRY(const Shape place, source.required_shape("s3Location", {"uri", "bucketOwner"}));
    llm::MediaSource out;
    CAPROCK_TRY(out.uri, place.required_text("uri"));
    CAPROCK_TRY(out.bucket_owner, place.text("bucketOwner"));
    return out;
  }
  CAPROCK_TRY(const std::string encoded, source.required_text("bytes"));
  auto bytes = base::base64_decode(encoded);
  if (!bytes) return failure(source.must_be("bytes", "base64"));
  return llm::MediaSource{.bytes = *std::move(bytes)};
}

Result<llm::MediaSource> read_source(const Shape& of) {
  CAPROCK_TRY(const Shape source, of.required_shape("source", {"bytes", "s3Location"}));
  CAPROCK_CHECK(source.sole());
  return read_place(source);
}

Result<llm::TextBlock> read_text(const json::value& value, const std::string& path) {
  if (!value.is_string()) return failure(base::invalid_argument(path, path + " must be a string"));
  if (value.get_string().empty()) return failure(base::invalid_argument(path, path + " must not be empty"));
  return llm::TextBlock{std::string(value.get_string())};
}

/// The texts of a list of {"text"}.
Result<std::vector<std::string>> read_texts(const Shape& of, std::string_view name) {
  std::vector<std::string> out;
  CAPROCK_TRY(const json::array* list, of.array(name));
  if (list == nullptr) return out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    CAPROCK_TRY(const Shape item, Shape::of((*list)[i], item_path(of.path(name), i), {"text"}));
    CAPROCK_TRY(std::string text, item.text("text"));
    out.push_back(std::move(text));
  }
  return out;
}

Result<std::optional<bool>> read_enabled(const Shape& of, std::string_view name) {
  CAPROCK_TRY(const auto config, of.shape(name, {"enabled"}));
  if (!config) return std::nullopt;
  return config->flag("enabled");
}

Result<llm::ImageBlock> read_image(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape image, Shape::of(value, path, {"format", "source"}));
  llm::ImageBlock out;
  CAPROCK_TRY(out.format, image.choice("format", {"png", "jpeg", "gif", "webp"}));
  if (out.format.empty()) return failure(image.must_be("format", "given"));
  CAPROCK_TRY(out.source, read_source(image));
  return out;
}

template <class Block>
Result<Block> read_media(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape media, Shape::of(value, path, {"format", "source"}));
  Block out;
  CAPROCK_TRY(out.format, media.required_text("format"));
  CAPROCK_TRY(out.source, read_source(media));
  return out;
}

Result<llm::DocumentBlock> read_document(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape document,
              Shape::of(value, path, {"format", "name", "source", "context", "citations"}));
  llm::DocumentBlock out;
  CAPROCK_TRY(out.format,
              document.choice("format", {"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"}));
  CAPROCK_TRY(out.name, document.required_text("name"));
  CAPROCK_TRY(out.context, document.text("context"));
  CAPROCK_TRY(out.citations, read_enabled(document, "citations"));
  CAPROCK_TRY(const Shape source,
              document.required_shape("source", {"bytes", "s3Location", "text", "content"}));
  CAPROCK_TRY(const std::string_view kind, source.sole());
  if (kind == "text") {
    CAPROCK_TRY(out.text, source.required_text("text"));
  } else if (kind == "content") {
    CAPROCK_TRY(out.content, read_texts(source, "content"));
  } else {
    CAPROCK_TRY(out.source, read_place(source));
  }
  return out;
}

Result<llm::ToolUseBlock> read_tool_use(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape tool, Shape::of(value, path, {"toolUseId", "name", "input", "type"}));
  llm::ToolUseBlock out;
  CAPROCK_TRY(out.id, tool.required_text("toolUseId"));
  CAPROCK_TRY(out.name, read_tool_name(tool));
  CAPROCK_TRY(out.type, tool.text("type"));
  const json::value* input = tool.find("input");
  if (input == nullptr || !input->is_object()) return failure(tool.must_be("input", "an object"));
  out.input_json = base::json_text(*input);
  return out;
}

Result<llm::SearchResultBlock> read_search_result(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape result, Shape::of(value, path, {"source", "title", "content", "citations"}));
  llm::SearchResultBlock out;
  CAPROCK_TRY(out.source, result.text("source"));
  CAPROCK_TRY(out.title, result.text("title"));
  CAPROCK_TRY(out.content, read_texts(result, "content"));
  CAPROCK_TRY(out.citations, read_enabled(result, "citations"));
  return out;
}

Result<llm::ToolResultContent> read_result_content(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape block,
              Shape::of(value, path, {"text", "json", "image", "document", "video", "searchResult"}));
  CAPROCK_TRY(const std::string_view kind, block.sole());
  const json::value& inner = *block.find(kind);
  const std::string at = block.path(kind);
  // A tool may well have nothing to say.
  if (kind == "text") {
    CAPROCK_TRY(std::string text, block.text(kind));
    return llm::TextBlock{std::move(text)};
  }
  if (kind == "json") return llm::JsonBlock{base::json_text(inner)};
  if (kind == "image") return read_image(inner, at);
  if (kind == "document") return read_document(inner, at);
  if (kind == "video") return read_media<llm::VideoBlock>(inner, at);
  return read_search_result(inner, at);
}

Result<llm::ToolResultBlock> read_tool_result(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape result, Shape::of(value, path, {"toolUseId", "content", "status", "type"}));
  llm::ToolResultBlock out;
  CAPROCK_TRY(out.tool_use_id, result.required_text("toolUseId"));
  CAPROCK_TRY(const std::string status, result.choice("status", {"success", "error"}));
  out.is_error = status == "error";
  CAPROCK_TRY(out.type, result.text("type"));
  CAPROCK_TRY(const json::array* content, result.array("content"));
  if (content == nullptr) return failure(result.must_be("content", "given"));
  for (std::size_t i = 0; i < content->size(); ++i) {
    CAPROCK_TRY(auto item, read_result_content((*content)[i], item_path(result.path("content"), i)));
    out.content.push_back(std::move(item));
  }
  return out;
}

Result<llm::ReasoningBlock> read_reasoning(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape reasoning, Shape::of(value, path, {"reasoningText", "redactedContent"}));
  CAPROCK_TRY(const std::string_view kind, reasoning.sole());
  llm::ReasoningBlock out;
  if (kind == "redactedContent") {
    CAPROCK_TRY(out.redacted, reasoning.required_text("redactedContent"));
    if (!base::base64_decode(out.redacted)) return failure(reasoning.must_be("redactedContent", "base64"));
    return out;
  }
  CAPROCK_TRY(const Shape said, reasoning.required_shape("reasoningText", {"text", "signature"}));
  CAPROCK_TRY(out.text, said.text("text"));
  CAPROCK_TRY(out.signature, said.text("signature"));
  return out;
}

Result<llm::GuardBlock> read_guard(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape guard, Shape::of(value, path, {"text", "image"}));
  CAPROCK_TRY(const std::string_view kind, guard.sole());
  llm::GuardBlock out;
  if (kind == "image") {
    CAPROCK_TRY(out.image, read_image(*guard.find("image"), guard.path("image")));
    return out;
  }
  CAPROCK_TRY(const Shape text, guard.required_shape("text", {"text", "qualifiers"}));
  CAPROCK_TRY(out.text, text.required_text("text"));
  CAPROCK_TRY(out.qualifiers, text.texts("qualifiers"));
  return out;
}

Result<void> read_location(const Shape& location, llm::Citation& out) {
  using enum llm::Citation::Place;
  CAPROCK_TRY(const std::string_view kind, location.sole());
  if (kind == "web") {
    CAPROCK_TRY(const Shape web, location.required_shape("web", {"url", "domain"}));
    out.place = kWeb;
    CAPROCK_TRY(out.url, web.text("url"));
    CAPROCK_TRY(out.domain, web.text("domain"));
    return {};
  }
  const bool result = kind == "searchResultLocation";
  const std::string_view index = result ? "searchResultIndex" : "documentIndex";
  CAPROCK_TRY(const Shape place, location.required_shape(kind, {index, "start", "end"}));
  out.place = result                   ? kSearchResult
              : kind == "documentChar" ? kDocumentChar
              : kind == "documentPage" ? kDocumentPage
                                       : kDocumentChunk;
  CAPROCK_TRY(const auto at, place.integer(index, 0));
  CAPROCK_TRY(const auto start, place.integer("start", 0));
  CAPROCK_TRY(const auto end, place.integer("end", 0));
  out.index = at.value_or(0);
  out.start = start.value_or(0);
  out.end = end.value_or(0);
  return {};
}

Result<llm::Citation> read_citation(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape citation, Shape::of(value, path, {"title", "source", "sourceContent", "location"}));
  llm::Citation out;
  CAPROCK_TRY(out.title, citation.text("title"));
  CAPROCK_TRY(out.source, citation.text("source"));
  CAPROCK_TRY(const auto cited, read_texts(citation, "sourceContent"));
  for (const std::string& text : cited) out.cited_text += text;
  CAPROCK_TRY(const auto location, citation.shape("location", {"web", "documentChar", "documentPage",
                                                               "documentChunk", "searchResultLocation"}));
  if (location) CAPROCK_CHECK(read_location(*location, out));
  return out;
}

Result<llm::TextBlock> read_cited_text(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape cited, Shape::of(value, path, {"content", "citations"}));
  llm::TextBlock out;
  CAPROCK_TRY(const auto texts, read_texts(cited, "content"));
  for (const std::string& text : texts) out.text += text;
  CAPROCK_TRY(const json::array* citations, cited.array("citations"));
  for (std::size_t i = 0; citations != nullptr && i < citations->size(); ++i) {
    CAPROCK_TRY(auto citation, read_citation((*citations)[i], item_path(cited.path("citations"), i)));
    out.citations.push_back(std::move(citation));
  }
  return out;
}

}  // namespace

Result<llm::CachePointBlock> read_cache_point(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape point, Shape::of(value, path, {"type", "ttl"}));
  CAPROCK_TRY(const std::string type, point.choice("type", {"default"}));
  if (type.empty()) return failure(point.must_be("type", "\"default\""));
  llm::CachePointBlock out;
  CAPROCK_TRY(out.ttl, point.choice("ttl", {"5m", "1h"}));
  return out;
}

Result<llm::ContentBlock> read_content_block(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape block, Shape::of(value, path,
                                           {"text", "image", "document", "video", "audio", "toolUse",
                                            "toolResult", "guardContent", "cachePoint", "reasoningContent",
                                            "citationsContent", "searchResult"}));
  CAPROCK_TRY(const std::string_view kind, block.sole());
  const json::value& inner = *block.find(kind);
  const std::string at = block.path(kind);
  if (kind == "text") return read_text(inner, at);
  if (kind == "image") return read_image(inner, at);
  if (kind == "document") return read_document(inner, at);
  if (kind == "video") return read_media<llm::VideoBlock>(inner, at);
  if (kind == "audio") return read_media<llm::AudioBlock>(inner, at);
  if (kind == "toolUse") return read_tool_use(inner, at);
  if (kind == "toolResult") return read_tool_result(inner, at);
  if (kind == "guardContent") return read_guard(inner, at);
  if (kind == "cachePoint") return read_cache_point(inner, at);
  if (kind == "reasoningContent") return read_reasoning(inner, at);
  if (kind == "citationsContent") return read_cited_text(inner, at);
  return read_search_result(inner, at);
}

Result<llm::ContentBlock> read_system_block(const json::value& value, const std::string& path) {
  CAPROCK_TRY(const Shape block, Shape::of(value, path, {"text", "guardContent", "cachePoint"}));
  return read_content_block(value, path);
}

}  // namespace caprock::server::bedrock
