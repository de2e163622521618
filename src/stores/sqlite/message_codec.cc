#include <boost/json.hpp>

#include "base/base64.h"
#include "stores/sqlite/codec.h"

namespace caprock::stores {
namespace {

namespace json = boost::json;

// Members that say nothing are left out.
void put(json::object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}
void put(json::object& out, std::string_view name, std::int64_t number) {
  if (number != 0) out[name] = number;
}
void put(json::object& out, std::string_view name, const std::optional<bool>& flag) {
  if (flag) out[name] = *flag;
}
void put(json::object& out, std::string_view name, const std::optional<std::int64_t>& number) {
  if (number) out[name] = *number;
}
void put(json::object& out, std::string_view name, const std::vector<std::string>& texts) {
  if (!texts.empty()) out[name] = json::array(texts.begin(), texts.end());
}
void put(json::object& out, const llm::MediaSource& source) {
  put(out, "bytes", base::base64_encode(source.bytes));
  put(out, "uri", source.uri);
  put(out, "bucket_owner", source.bucket_owner);
}

json::object encode(const llm::Citation& c) {
  json::object out{{"place", static_cast<int>(c.place)}};
  put(out, "title", c.title);
  put(out, "source", c.source);
  put(out, "cited_text", c.cited_text);
  put(out, "index", c.index);
  put(out, "start", c.start);
  put(out, "end", c.end);
  put(out, "url", c.url);
  put(out, "domain", c.domain);
  put(out, "opaque", c.opaque);
  put(out, "text_start", c.text_start);
  put(out, "text_end", c.text_end);
  return out;
}

struct Encode {
  json::object operator()(const llm::TextBlock& b) const {
    json::object out{{"type", "text"}, {"text", b.text}};
    json::array citations;
    for (const llm::Citation& citation : b.citations) citations.push_back(encode(citation));
    if (!citations.empty()) out["citations"] = std::move(citations);
    return out;
  }
  json::object operator()(const llm::ImageBlock& b) const {
    json::object out = media("image", b.format, b.source);
    put(out, "detail", b.detail);
    return out;
  }
  json::object operator()(const llm::DocumentBlock& b) const {
    json::object out = media("document", b.format, b.source);
    put(out, "name", b.name);
    put(out, "text", b.text);
    put(out, "content", b.content);
    put(out, "context", b.context);
    put(out, "cite", b.citations);
    return out;
  }
  json::object operator()(const llm::VideoBlock& b) const { return media("video", b.format, b.source); }
  json::object operator()(const llm::AudioBlock& b) const { return media("audio", b.format, b.source); }
  json::object operator()(const llm::SearchResultBlock& b) const {
    json::object out{{"type", "search_result"}, {"source", b.source}, {"title", b.title}};
    put(out, "content", b.content);
    put(out, "cite", b.citations);
    return out;
  }
  json::object operator()(const llm::GuardBlock& b) const {
    json::object out{{"type", "guard"}, {"text", b.text}};
    put(out, "qualifiers", b.qualifiers);
    if (b.image) out["image"] = (*this)(*b.image);
    return out;
  }
  json::object operator()(const llm::ToolUseBlock& b) const {
    json::object out{{"type", "tool_use"}, {"id", b.id}, {"name", b.name}, {"input", b.input_json}};
    put(out, "kind", b.type);
    return out;
  }
  json::object operator()(const llm::JsonBlock& b) const { return {{"type", "json"}, {"json", b.json}}; }
  json::object operator()(const llm::ToolResultBlock& b) const {
    json::array content;
    for (const llm::ToolResultContent& item : b.content) content.push_back(std::visit(*this, item));
    json::object out{{"type", "tool_result"},
                     {"id", b.tool_use_id},
                     {"content", std::move(content)},
                     {"error", b.is_error}};
    put(out, "kind", b.type);
    return out;
  }
  json::object operator()(const llm::ReasoningBlock& b) const {
    json::object out{{"type", "reasoning"}, {"text", b.text}};
    put(out, "signature", b.signature);
    put(out, "redacted", b.redacted);
    put(out, "id", b.id);
    put(out, "format", b.format);
    return out;
  }
  json::object operator()(const llm::RefusalBlock& b) const {
    return {{"type", "refusal"}, {"text", b.text}};
  }
  json::object operator()(const llm::CachePointBlock& b) const {
    return {{"type", "cache_point"}, {"ttl", b.ttl}};
  }
  json::object operator()(const llm::ToolChangeBlock& b) const {
    json::object out{{"type", "tool_change"}, {"added", b.added}, {"name", b.name}};
    put(out, "kind", b.type);
    put(out, "server", b.server);
    return out;
  }

 private:
  static json::object media(std::string_view type, const std::string& format,
                            const llm::MediaSource& source) {
    json::object out{{"type", type}, {"format", format}};
    put(out, source);
    return out;
  }
};

}  // namespace

std::string encode_message(const llm::Message& message) {
  json::array blocks;
  for (const llm::ContentBlock& block : message.content) blocks.emplace_back(std::visit(Encode{}, block));
  json::object out{{"role", static_cast<int>(message.role)}, {"content", std::move(blocks)}};
  put(out, "name", message.name);
  return json::serialize(out);
}

}  // namespace caprock::stores
