#include <boost/json.hpp>

#include "base/base64.h"
#include "stores/sqlite/codec.h"

namespace caprock::stores {
namespace {

namespace json = boost::json;
using base::failure;
using base::Result;

/// The members of a stored block; what is absent or of another type is the default.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}
  std::string text(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  }
  std::optional<bool> flag(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && value->is_bool() ? std::optional(value->get_bool()) : std::nullopt;
  }
  std::optional<std::int64_t> number(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
  }
  std::vector<const json::object*> objects(std::string_view name) const {
    std::vector<const json::object*> found;
    for (const json::value& item : array(name))
      if (item.is_object()) found.push_back(&item.get_object());
    return found;
  }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> found;
    for (const json::value& item : array(name))
      if (item.is_string()) found.emplace_back(item.get_string());
    return found;
  }
  llm::MediaSource source() const {
    return {.bytes = base::base64_decode(text("bytes")).value_or(""),
            .uri = text("uri"),
            .bucket_owner = text("bucket_owner")};
  }

 private:
  const json::array& array(std::string_view name) const {
    static const json::array kNone;
    const json::value* value = object_.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : kNone;
  }
  const json::object& object_;
};

llm::Citation decode_citation(const Reader& in) {
  using enum llm::Citation::Place;
  const std::int64_t place = in.number("place").value_or(0);
  const bool known = place >= 0 && place <= static_cast<std::int64_t>(kSearchResult);
  return {.place = known ? static_cast<llm::Citation::Place>(place) : kUnknown,
          .title = in.text("title"),
          .source = in.text("source"),
          .cited_text = in.text("cited_text"),
          .index = in.number("index").value_or(0),
          .start = in.number("start").value_or(0),
          .end = in.number("end").value_or(0),
          .url = in.text("url"),
          .domain = in.text("domain"),
          .opaque = in.text("opaque"),
          .text_start = in.number("text_start"),
          .text_end = in.number("text_end")};
}

llm::TextBlock decode_text(const Reader& in) {
  llm::TextBlock block{in.text("text")};
  for (const json::object* citation : in.objects("citations"))
    block.citations.push_back(decode_citation(Reader(*citation)));
  return block;
}

llm::ImageBlock decode_image(const Reader& in) { return {in.text("format"), in.source(), in.text("detail")}; }

llm::DocumentBlock decode_document(const Reader& in) {
  return {.format = in.text("format"),
          .name = in.text("name"),
          .source = in.source(),
          .text = in.text("text"),
          .content = in.texts("content"),
          .context = in.text("context"),
          .citations = in.flag("cite")};
}

llm::SearchResultBlock decode_search_result(const Reader& in) {
  return {in.text("source"), in.text("title"), in.texts("content"), in.flag("cite")};
}

std::optional<llm::ToolResultContent> decode_result_item(const Reader& in) {
  const std::string type = in.text("type");
  if (type == "text") return decode_text(in);
  if (type == "json") return llm::JsonBlock{in.text("json")};
  if (type == "image") return decode_image(in);
  if (type == "document") return decode_document(in);
  if (type == "video") return llm::VideoBlock{in.text("format"), in.source()};
  if (type == "search_result") return decode_search_result(in);
  return std::nullopt;
}

std::optional<llm::ContentBlock> decode_tool_result(const Reader& in) {
  llm::ToolResultBlock block{.tool_use_id = in.text("id"),
                             .content = {},
                             .is_error = in.flag("error").value_or(false),
                             .type = in.text("kind")};
  for (const json::object* item : in.objects("content")) {
    auto content = decode_result_item(Reader(*item));
    if (!content) return std::nullopt;
    block.content.push_back(std::move(*content));
  }
  return block;
}

llm::GuardBlock decode_guard(const Reader& in, const json::object& object) {
  llm::GuardBlock block{in.text("text"), in.texts("qualifiers")};
  if (const json::value* image = object.if_contains("image"); image != nullptr && image->is_object())
    block.image = decode_image(Reader(image->get_object()));
  return block;
}

std::optional<llm::ContentBlock> decode_block(const json::object& object) {
  const Reader in(object);
  const std::string type = in.text("type");
  if (type == "text") return decode_text(in);
  if (type == "image") return decode_image(in);
  if (type == "document") return decode_document(in);
  if (type == "video") return llm::VideoBlock{in.text("format"), in.source()};
  if (type == "audio") return llm::AudioBlock{in.text("format"), in.source()};
  if (type == "search_result") return decode_search_result(in);
  if (type == "guard") return decode_guard(in, object);
  if (type == "tool_use")
    return llm::ToolUseBlock{in.text("id"), in.text("name"), in.text("input"), in.text("kind")};
  if (type == "tool_result") return decode_tool_result(in);
  if (type == "reasoning")
    return llm::ReasoningBlock{in.text("text"), in.text("signature"), in.text("redacted"), in.text("id"),
                               in.text("format")};
  if (type == "refusal") return llm::RefusalBlock{in.text("text")};
  if (type == "cache_point") return llm::CachePointBlock{in.text("ttl")};
  if (type == "tool_change")
    return llm::ToolChangeBlock{in.flag("added").value_or(true), in.text("name"), in.text("kind"),
                                in.text("server")};
  return std::nullopt;
}

}  // namespace

Result<llm::Message> decode_message(std::string_view text) {
  boost::system::error_code broken;
  const json::value parsed = json::parse(text, broken);
  const json::object* object = broken ? nullptr : parsed.if_object();
  const json::value* role = object == nullptr ? nullptr : object->if_contains("role");
  const json::value* content = object == nullptr ? nullptr : object->if_contains("content");
  if (role == nullptr || !role->is_int64() || role->get_int64() < 0 || role->get_int64() > 2 ||
      content == nullptr || !content->is_array())
    return failure(base::internal_error("a stored message has no role or content"));
  llm::Message message{static_cast<llm::Role>(role->get_int64()), {}, Reader(*object).text("name")};
  for (const json::value& item : content->get_array()) {
    auto block = item.is_object() ? decode_block(item.get_object()) : std::nullopt;
    if (!block) return failure(base::internal_error("a stored message has a block of no known type"));
    message.content.push_back(std::move(*block));
  }
  return message;
}

}  // namespace caprock::stores
