#include "providers/openai_compatible/content_parts.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "providers/openai_compatible/message_codec.h"

namespace caprock::providers::openai {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

std::string data_url(const std::string& type, const std::string& bytes) {
  return "data:" + type + ";base64," + base::base64_encode(bytes);
}

}  // namespace

Result<void> ContentParts::add(const llm::ContentBlock& block, std::size_t index) {
  const std::string field = fmt::format("{}[{}].{}", path_, index, llm::kind_of(block));
  if (const auto* text = std::get_if<llm::TextBlock>(&block)) return add_text(*text, field);
  if (const auto* image = std::get_if<llm::ImageBlock>(&block)) return add_image(*image, field);
  if (const auto* document = std::get_if<llm::DocumentBlock>(&block)) return add_document(*document, field);
  if (const auto* audio = std::get_if<llm::AudioBlock>(&block)) return add_audio(*audio, field);
  if (const auto* point = std::get_if<llm::CachePointBlock>(&block)) return add_cache_point(*point, field);
  return failure(not_expressible(dialect_, field));
}

json::value ContentParts::take() {
  if (parts_.size() == 1) {
    const json::object& only = parts_.front().get_object();
    if (only.size() == 2 && only.at("type") == "text") return only.at("text");
  }
  return std::move(parts_);
}

Result<void> ContentParts::add_text(const llm::TextBlock& block, const std::string& field) {
  if (!block.citations.empty()) return failure(not_expressible(dialect_, field + ".citations"));
  parts_.push_back(json::object{{"type", "text"}, {"text", block.text}});
  return {};
}

Result<void> ContentParts::add_image(const llm::ImageBlock& block, const std::string& field) {
  std::string url = block.source.uri;
  if (url.empty()) url = data_url("image/" + block.format, block.source.bytes);
  if (url.starts_with("s3:")) return failure(not_expressible(dialect_, field + ".source.s3Location"));
  json::object image{{"url", std::move(url)}};
  if (!block.detail.empty()) image["detail"] = block.detail;
  parts_.push_back(json::object{{"type", "image_url"}, {"image_url", std::move(image)}});
  return {};
}

Result<void> ContentParts::add_document(const llm::DocumentBlock& block, const std::string& field) {
  if (!dialect_.files) return failure(not_expressible(dialect_, field));
  if (block.citations.value_or(false)) return failure(not_expressible(dialect_, field + ".citations"));
  if (!block.context.empty()) return failure(not_expressible(dialect_, field + ".context"));
  if (block.format != "pdf" || block.source.bytes.empty())
    return failure(not_expressible(dialect_, field + (block.format == "pdf" ? ".source" : ".format")));
  parts_.push_back(json::object{
      {"type", "file"},
      {"file", {{"filename", block.name}, {"file_data", data_url("application/pdf", block.source.bytes)}}}});
  return {};
}

Result<void> ContentParts::add_audio(const llm::AudioBlock& block, const std::string& field) {
  if (!dialect_.audio) return failure(not_expressible(dialect_, field));
  if (block.source.bytes.empty()) return failure(not_expressible(dialect_, field + ".source"));
  parts_.push_back(json::object{
      {"type", "input_audio"},
      {"input_audio", {{"data", base::base64_encode(block.source.bytes)}, {"format", block.format}}}});
  return {};
}

Result<void> ContentParts::add_cache_point(const llm::CachePointBlock& block, const std::string& field) {
  if (!dialect_.cache_control) return failure(not_expressible(dialect_, field));
  if (parts_.empty()) return failure(base::invalid_argument(field, "must come after what is to be cached"));
  json::object control{{"type", "ephemeral"}};
  if (!block.ttl.empty()) control["ttl"] = block.ttl;
  parts_.back().get_object()["cache_control"] = std::move(control);
  return {};
}

}  // namespace caprock::providers::openai
