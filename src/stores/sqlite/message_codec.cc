#include <openssl/evp.h>

#include <algorithm>
#include <boost/json.hpp>

#include "stores/sqlite/codec.h"

namespace caprock::stores {
namespace {

namespace json = boost::json;
using base::failure;
using base::Result;

std::string to_base64(std::string_view bytes) {
  // OpenSSL writes a final NUL.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // OpenSSL counts the padding as bytes.
  const auto padding = static_cast<std::size_t>(
      std::ranges::count(text.substr(text.size() - std::min<std::size_t>(2, text.size())), '='));
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

struct Encode {
  json::object operator()(const llm::TextBlock& b) const { return {{"type", "text"}, {"text", b.text}}; }
  json::object operator()(const llm::ImageBlock& b) const {
    return {{"type", "image"}, {"format", b.format}, {"bytes", to_base64(b.bytes)}};
  }
  json::object operator()(const llm::DocumentBlock& b) const {
    return {{"type", "document"}, {"format", b.format}, {"name", b.name}, {"bytes", to_base64(b.bytes)}};
  }
  json::object operator()(const llm::ToolUseBlock& b) const {
    return {{"type", "tool_use"}, {"id", b.id}, {"name", b.name}, {"input", b.input_json}};
  }
  json::object operator()(const llm::ToolResultBlock& b) const {
    return {
        {"type", "tool_result"}, {"id", b.tool_use_id}, {"content", b.content_json}, {"error", b.is_error}};
  }
  json::object operator()(const llm::ReasoningBlock& b) const {
    return {{"type", "reasoning"},
            {"text", b.text},
            {"signature", b.signature},
            {"redacted", to_base64(b.redacted)}};
  }
  json::object operator()(const llm::CachePointBlock& b) const {
    return {{"type", "cache_point"}, {"ttl", b.ttl}};
  }
};

std::string field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<llm::ContentBlock> decode_block(const json::object& object) {
  const std::string type = field(object, "type");
  const auto get = [&](std::string_view name) { return field(object, name); };
  const auto bytes = [&](std::string_view name) { return from_base64(field(object, name)).value_or(""); };
  if (type == "text") return llm::TextBlock{get("text")};
  if (type == "image") return llm::ImageBlock{get("format"), bytes("bytes")};
  if (type == "document") return llm::DocumentBlock{get("format"), get("name"), bytes("bytes")};
  if (type == "tool_use") return llm::ToolUseBlock{get("id"), get("name"), get("input")};
  if (type == "tool_result") {
    const json::value* error = object.if_contains("error");
    return llm::ToolResultBlock{get("id"), get("content"),
                                error != nullptr && error->is_bool() && error->get_bool()};
  }
  if (type == "reasoning") return llm::ReasoningBlock{get("text"), get("signature"), bytes("redacted")};
  if (type == "cache_point") return llm::CachePointBlock{get("ttl")};
  return std::nullopt;
}

}  // namespace

std::string encode_message(const llm::Message& message) {
  json::array blocks;
  for (const llm::ContentBlock& block : message.content) blocks.emplace_back(std::visit(Encode{}, block));
  return json::serialize(
      json::object{{"role", static_cast<int>(message.role)}, {"content", std::move(blocks)}});
}

Result<llm::Message> decode_message(std::string_view text) {
  boost::system::error_code broken;
  const json::value parsed = json::parse(text, broken);
  const json::object* object = broken ? nullptr : parsed.if_object();
  const json::value* role = object == nullptr ? nullptr : object->if_contains("role");
  const json::value* content = object == nullptr ? nullptr : object->if_contains("content");
  if (role == nullptr || !role->is_int64() || role->get_int64() < 0 || role->get_int64() > 2 ||
      content == nullptr || !content->is_array())
    return failure(base::internal_error("a stored message has no role or content"));
  llm::Message message{static_cast<llm::Role>(role->get_int64()), {}};
  for (const json::value& item : content->get_array()) {
    auto block = item.is_object() ? decode_block(item.get_object()) : std::nullopt;
    if (!block) return failure(base::internal_error("a stored message has a block of no known type"));
    message.content.push_back(std::move(*block));
  }
  return message;
}

}  // namespace caprock::stores
