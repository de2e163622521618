#include "server/surfaces/anthropic/messages/content_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json/fields.h"
#include "base/json/json_text.h"
#include "server/surfaces/anthropic/messages/citations.h"
#include "server/surfaces/anthropic/messages/media.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Members;
using base::Result;

namespace {

constexpr auto kOfUsers =
    std::to_array<std::string_view>({"image", "document", "search_result", "tool_result"});
constexpr auto kOfAssistants = std::to_array<std::string_view>({"thinking", "redacted_thinking", "tool_use"});

// Of tools that Anthropic's servers run, and of stores that are not here.
constexpr auto kNotHere = std::to_array<std::string_view>(
    {"server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
     "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result",
     "container_upload", "mcp_tool_use", "mcp_tool_result", "compaction", "fallback"});

template <std::size_t N>
bool among(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

Result<const json::object*> object_at(const json::value& value, const std::string& path) {
  const json::object* object = value.if_object();
  if (object == nullptr) return failure(invalid_argument(path, fmt::format("'{}' must be an object.", path)));
  return object;
}

class BlockReader {
 public:
  BlockReader(const json::object& object, const Members& block, llm::Role role, Ignored& ignored)
      : object_(object), block_(block), role_(role), ignored_(ignored) {}

  Result<void> read(PlacedBlocks& out, const std::string& path) {
    CAPROCK_TRY(const std::string type, block_.required_text("type"));
    CAPROCK_CHECK(check_role(type));
    CAPROCK_TRY(auto block, of_type(type));
    CAPROCK_TRY(auto point, read_cache_control(block_));
    if (point && type.ends_with("thinking"))
      return failure(
          invalid_argument(block_.path("cache_control"), "Thinking blocks cannot be cached by themselves."));
    out.add(std::move(block), path);
    if (!point) point = std::move(inner_point_);
    if (point) out.add(*std::move(point), block_.path("cache_control"));
    return {};
  }

 private:
  Result<void> check_role(std::string_view type) const {
    using enum llm::Role;
    const bool fits = role_ == kUser        ? !among(kOfAssistants, type)
                      : role_ == kAssistant ? !among(kOfUsers, type)
                                            : type == "text" || among(kNotHere, type);
    if (fits) return {};
    return failure(invalid_argument(
        block_.path("type"), fmt::format("'{}': blocks of type '{}' cannot stand here, where {} speaks.",
                                         block_.path("type"), type,
                                         role_ == kUser        ? "the user"
                                         : role_ == kAssistant ? "the assistant"
                                                               : "the system")));
  }

  Result<llm::ContentBlock> of_type(std::string_view type) {
    if (type == "text") return text();
    if (type == "image") return image();
    if (type == "document") return document();
    if (type == "search_result") return search_result();
    if (type == "thinking") return thinking();
    if (type == "redacted_thinking") return redacted();
    if (type == "tool_use") return tool_use();
    if (type == "tool_result") return tool_result();
    return failure(unknown(type));
  }

  base::Error unknown(std::string_view type) const {
    const std::string field = block_.path("type");
    std::string message =
        among(kNotHere, type)
            ? fmt::format("'{}': blocks of type '{}' are not supported here: no tool is run by the server.",
                          field, type)
            : fmt::format(
                  "'{}': '{}' is none of 'text', 'image', 'document', 'search_result', 'thinking', "
                  "'redacted_thinking', 'tool_use' and 'tool_result'.",
                  field, type);
    return invalid_argument(field, std::move(message));
  }

  void known(std::initializer_list<std::string_view> names) const {
    note_unknown(ignored_, object_, block_.path(""), names);
  }

  Result<llm::TextBlock> text() {
    known({"type", "text", "citations", "cache_control", "parsed_output"});
    CAPROCK_TRY(auto said, read_text(block_));
    return said;
  }

  Result<llm::ContentBlock> image() const {
    known({"type", "source", "cache_control", "transformations"});
    if (block_.find("transformations") != nullptr)
      return failure(
          invalid_argument(block_.path("transformations"),
                           fmt::format("'{}' is not supported here.", block_.path("transformations"))));
    CAPROCK_TRY(auto made, read_image(block_));
    return made;
  }

  Result<llm::ContentBlock> document() const {
    known({"type", "source", "title", "context", "citations", "cache_control"});
    CAPROCK_TRY(auto made, read_document(block_));
    return made;
  }

  Result<llm::ContentBlock> search_result() const {
    known({"type", "source", "title", "content", "citations", "cache_control"});
    CAPROCK_TRY(auto made, read_search_result(block_));
    return made;
  }

  Result<llm::ContentBlock> thinking() const {
    known({"type", "thinking", "signature"});
    llm::ReasoningBlock made;
    CAPROCK_TRY(made.text, block_.text("thinking"));
    if (block_.find("signature") == nullptr)
      return failure(invalid_argument(
          block_.path("signature"),
          fmt::format("'{}' must be what came with the thought.", block_.path("signature"))));
    CAPROCK_TRY(made.signature, block_.text("signature"));
    return made;
  }

  Result<llm::ContentBlock> redacted() const {
    known({"type", "data"});
    llm::ReasoningBlock made;
    CAPROCK_TRY(made.redacted, block_.required_text("data"));
    return made;
  }

  Result<llm::ContentBlock> tool_use() const {
    known({"type", "id", "name", "input", "caller", "toolset_name", "cache_control"});
    llm::ToolUseBlock made;
    CAPROCK_TRY(made.id, block_.required_text("id"));
    CAPROCK_TRY(made.name, block_.required_text("name"));
    CAPROCK_TRY(const json::object* input, block_.object("input"));
    if (input == nullptr)
      return failure(invalid_argument(block_.path("input"),
                                      fmt::format("'{}' must be an object.", block_.path("input"))));
    made.input_json = base::json_text(*input);
    CAPROCK_TRY(const json::object* caller, block_.object("caller"));
    if (caller != nullptr) {
      CAPROCK_TRY(const auto kind, Members(*caller, block_.path("caller")).text("type"));
      if (kind != "direct") return failure(not_run_here("caller"));
    }
    if (block_.find("toolset_name") != nullptr) return failure(not_run_here("toolset_name"));
    return made;
  }

  base::Error not_run_here(std::string_view name) const {
    return invalid_argument(
        block_.path(name),
        fmt::format("'{}' is not supported here: tools are called by the model alone.", block_.path(name)));
  }

  Result<llm::ContentBlock> tool_result() {
    known({"type", "tool_use_id", "content", "is_error", "toolset_name", "cache_control"});
    llm::ToolResultBlock made;
    CAPROCK_TRY(made.tool_use_id, block_.required_text("tool_use_id"));
    if (block_.find("toolset_name") != nullptr) return failure(not_run_here("toolset_name"));
    CAPROCK_TRY(const auto failed, block_.flag("is_error"));
    made.is_error = failed.value_or(false);
    const json::value* content = block_.find("content");
    if (content == nullptr) return made;
    if (content->is_string()) {
      made.content.emplace_back(llm::TextBlock{std::string(content->get_string())});
      return made;
    }
    CAPROCK_TRY(const json::array* items, block_.array("content"));
    for (std::size_t i = 0; i < items->size(); ++i) {
      CAPROCK_TRY(auto item, result_item((*items)[i], fmt::format("{}.{}", block_.path("content"), i)));
      made.content.push_back(std::move(item));
    }
    return made;
  }

  Result<llm::ToolResultContent> result_item(const json::value& value, const std::string& path) {
    CAPROCK_TRY(const json::object* object, object_at(value, path));
    const Members item(*object, path);
    CAPROCK_TRY(const auto type, item.required_text("type"));
    CAPROCK_TRY(auto point, read_cache_control(item));
    if (point) inner_point_ = std::move(point);
    if (type == "text") {
      llm::TextBlock made;
      CAPROCK_TRY(made.text, item.text("text"));
      return made;
    }
    if (type == "image") return as_result(read_image(item));
    if (type == "document") return as_result(read_document(item));
    if (type == "search_result") return as_result(read_search_result(item));
    return failure(invalid_argument(
        item.path("type"),
        fmt::format("'{}': a result is made of 'text', 'image', 'document' and 'search_result', not of '{}'.",
                    item.path("type"), type)));
  }

  template <class Block>
  static Result<llm::ToolResultContent> as_result(Result<Block> made) {
    CAPROCK_TRY(auto block, std::move(made));
    return block;
  }

  Result<llm::TextBlock> read_text(const Members& of) const {
    llm::TextBlock made;
    CAPROCK_TRY(made.text, of.text("text"));
    if (base::is_blank(made.text))
      return failure(invalid_argument(of.path("text"),
                                      fmt::format("'{}' must hold more than white space.", of.path("text"))));
    CAPROCK_TRY(const json::array* citations, of.array("citations"));
    for (std::size_t i = 0; citations != nullptr && i < citations->size(); ++i) {
      CAPROCK_TRY(auto citation,
                  read_citation((*citations)[i], fmt::format("{}.{}", of.path("citations"), i)));
      made.citations.push_back(std::move(citation));
    }
    return made;
  }

  const json::object& object_;
  const Members& block_;
  llm::Role role_;
  Ignored& ignored_;
  std::optional<llm::CachePointBlock> inner_point_;
};

}  // namespace

void note_unknown(Ignored& ignored, const json::object& object, const std::string& path,
                  std::initializer_list<std::string_view> known) {
  for (const auto& member : object) {
    if (member.value().is_null() || std::ranges::find(known, std::string_view(member.key())) != known.end())
      continue;
    ignored.push_back(path + std::string(member.key()));
  }
}

Result<std::optional<llm::CachePointBlock>> read_cache_control(const Members& of) {
  CAPROCK_TRY(const json::object* control, of.object("cache_control"));
  if (control == nullptr) return std::nullopt;
  const Members members(*control, of.path("cache_control"));
  CAPROCK_TRY(const auto type, members.text("type"));
  if (type != "ephemeral")
    return failure(invalid_argument(members.path("type"),
                                    fmt::format("'{}' must be 'ephemeral'.", members.path("type"))));
  llm::CachePointBlock point;
  CAPROCK_TRY(point.ttl, members.text("ttl"));
  if (!point.ttl.empty() && point.ttl != "5m" && point.ttl != "1h")
    return failure(invalid_argument(members.path("ttl"),
                                    fmt::format("'{}' must be '5m' or '1h'.", members.path("ttl"))));
  return point;
}

Result<PlacedBlocks> read_content(const json::value& content, const std::string& path, llm::Role role,
                                  Ignored& ignored) {
  PlacedBlocks out;
  if (content.is_string()) {
    const std::string_view text = content.get_string();
    if (text.empty()) return out;
    if (base::is_blank(text))
      return failure(invalid_argument(path, fmt::format("'{}' must hold more than white space.", path)));
    out.add(llm::TextBlock{std::string(text)}, path);
    return out;
  }
  if (!content.is_array())
    return failure(invalid_argument(path, fmt::format("'{}' must be a string or an array of blocks.", path)));
  for (std::size_t i = 0; i < content.get_array().size(); ++i) {
    const std::string at = fmt::format("{}.{}", path, i);
    CAPROCK_TRY(const json::object* object, object_at(content.get_array()[i], at));
    const Members block(*object, at);
    CAPROCK_CHECK(BlockReader(*object, block, role, ignored).read(out, at));
  }
  return out;
}

}  // namespace caprock::server::anthropic
