#include "server/surfaces/openai/response_input.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>
#include <set>
#include <utility>

#include "base/json/members.h"
#include "server/surfaces/openai/media_parts.h"
#include "server/surfaces/openai/request_parts.h"
#include "server/surfaces/openai/sealed_thought.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;
using Blocks = std::vector<llm::ContentBlock>;

namespace {

base::Error not_stored(std::string path) {
  std::string message = fmt::format("'{}': nothing is stored here, so send the item itself.", path);
  return invalid_argument(std::move(path), std::move(message));
}

Result<llm::ContentBlock> read_image(const base::Members& part) {
  if (part.find("file_id") != nullptr) return failure(not_stored(part.path("file_id")));
  CAPROCK_TRY(auto url, part.required_text("image_url"));
  CAPROCK_TRY(auto block, read_image_url(std::move(url), part.path("image_url")));
  CAPROCK_TRY(block.detail, part.text("detail"));
  return block;
}

Result<llm::ContentBlock> read_file(const base::Members& part) {
  if (part.find("file_id") != nullptr) return failure(not_stored(part.path("file_id")));
  CAPROCK_TRY(const auto detail, part.text("detail"));
  if (!detail.empty() && detail != "auto") return failure(not_supported(part.path("detail")));
  CAPROCK_TRY(auto name, part.text("filename"));
  CAPROCK_TRY(auto url, part.text("file_url"));
  if (!url.empty()) {
    llm::DocumentBlock block{.format = {}, .name = name.empty() ? "document" : std::move(name)};
    block.source.uri = std::move(url);
    return block;
  }
  CAPROCK_TRY(const auto data, part.required_text("file_data"));
  return read_file_data(data, std::move(name), part.path("file_data"));
}

// What a reply of ours showed as a picture that the model made, and takes back.
Result<llm::ContentBlock> read_made_image(const base::Members& item) {
  CAPROCK_TRY(const auto bytes, item.required_text("result"));
  CAPROCK_TRY(auto format, item.text("output_format"));
  if (format.empty()) format = "png";
  return read_image_url("data:image/" + format + ";base64," + bytes, item.path("result"));
}

Result<llm::ContentBlock> read_part(const base::Members& part) {
  CAPROCK_TRY(const auto type, part.required_text("type"));
  if (type == "input_text" || type == "output_text" || type == "text") {
    CAPROCK_TRY(auto text, part.text("text"));
    if (text.empty() && type == "input_text")
      return failure(invalid_argument(
          part.path("text"), fmt::format("'{}' must be a text that is not empty.", part.path("text"))));
    return llm::TextBlock{std::move(text)};
  }
  if (type == "input_image") return read_image(part);
  if (type == "input_file") return read_file(part);
  if (type == "refusal") {
    CAPROCK_TRY(auto text, part.text("refusal"));
    return llm::RefusalBlock{std::move(text)};
  }
  return failure(invalid_argument(part.path("type"),
                                  fmt::format("Invalid value: '{}'. Supported values are: 'input_text', "
                                              "'input_image', 'input_file', 'output_text', and 'refusal'.",
                                              type)));
}

// OpenAI's prompt_cache_breakpoint and OpenRouter's cache_control mean the same.
Result<void> read_cache_point(const base::Members& part, Blocks& into) {
  for (const char* name : {"prompt_cache_breakpoint", "cache_control"}) {
    CAPROCK_TRY(const json::object* point, part.object(name));
    if (point == nullptr) continue;
    CAPROCK_TRY(auto ttl, base::Members(*point, part.path(name)).text("ttl"));
    into.emplace_back(llm::CachePointBlock{std::move(ttl)});
  }
  return {};
}

Result<Blocks> read_content(const base::Members& item, std::string_view name) {
  Blocks blocks;
  const json::value* content = item.find(name);
  const std::string path = item.path(name);
  if (content != nullptr && content->is_string()) {
    if (!content->get_string().empty())
      blocks.emplace_back(llm::TextBlock{std::string(content->get_string())});
    return blocks;
  }
  if (content == nullptr || !content->is_array())
    return failure(invalid_argument(path, fmt::format("'{}' must be a string or an array.", path)));
  for (std::size_t i = 0; i < content->get_array().size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    const json::object* object = content->get_array()[i].if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    const base::Members part(*object, at);
    CAPROCK_TRY(auto block, read_part(part));
    const auto* text = std::get_if<llm::TextBlock>(&block);
    if (text == nullptr || !text->text.empty()) blocks.push_back(std::move(block));
    CAPROCK_CHECK(read_cache_point(part, blocks));
  }
  return blocks;
}

class ItemReader {
 public:
  explicit ItemReader(llm::ChatRequest& request) : messages_(request.messages), system_(request.system) {}

  Result<void> read(const base::Members& item) {
    CAPROCK_TRY(const auto type, item.text("type"));
    if (type == "message" || (type.empty() && item.find("role") != nullptr)) return message(item);
    if (type == "reasoning") return reasoning(item);
    if (type == "function_call") return call(item);
    if (type == "function_call_output") return output(item);
    if (type == "image_generation_call") return made_image(item);
    if (type == "item_reference") return failure(not_stored(item.path("type")));
    return failure(invalid_argument(
        item.path("type"),
        fmt::format("Invalid value: '{}'. Supported values are: 'message', 'reasoning', 'function_call', "
                    "'function_call_output', and 'image_generation_call'.",
                    type)));
  }

  Result<void> finish() const { return answered("input"); }

 private:
  Result<void> answered(std::string path) const {
    if (unanswered_.empty()) return {};
    return failure(invalid_argument(
        std::move(path), fmt::format("No tool output found for function call {}.", *unanswered_.begin())));
  }

  Result<void> message(const base::Members& item) {
    CAPROCK_TRY(const auto role, item.required_text("role"));
    CAPROCK_TRY(auto blocks, read_content(item, "content"));
    if (role == "assistant") return assistant(item, std::move(blocks));
    CAPROCK_CHECK(answered(item.path("role")));
    if (blocks.empty())
      return failure(invalid_argument(item.path("content"),
                                      fmt::format("'{}' must not be empty.", item.path("content"))));
    if (role == "user") {
      append(llm::Role::kUser, std::move(blocks));
      return {};
    }
    if (role != "system" && role != "developer")
      return failure(invalid_argument(
          item.path("role"),
          fmt::format("Invalid value: '{}'. Supported values are: 'assistant', 'system', 'developer', and "
                      "'user'.",
                      role)));
    if (messages_.empty())
      std::ranges::move(blocks, std::back_inserter(system_));
    else
      append(llm::Role::kSystem, std::move(blocks));
    return {};
  }

  Result<void> assistant(const base::Members& item, Blocks blocks) {
    // Within its turn the assistant may go on after a call; once outputs came, all of them have to.
    if (messages_.empty() || messages_.back().role != llm::Role::kAssistant)
      CAPROCK_CHECK(answered(item.path("type")));
    if (!blocks.empty()) append(llm::Role::kAssistant, std::move(blocks));
    return {};
  }

  // Speakers take turns in most models: what one says in a row is one message.
  void append(llm::Role role, Blocks blocks) {
    if (messages_.empty() || messages_.back().role != role) messages_.push_back({role, {}});
    std::ranges::move(blocks, std::back_inserter(messages_.back().content));
  }

  Result<void> reasoning(const base::Members& item) {
    CAPROCK_TRY(const auto sealed, item.text("encrypted_content"));
    llm::ReasoningBlock thought;
    if (!sealed.empty()) {
      CAPROCK_TRY(thought, open_thought(sealed, item.path("encrypted_content")));
    } else {
      CAPROCK_CHECK(shown_thought(item, "summary", thought));
      CAPROCK_CHECK(shown_thought(item, "content", thought));
      if (thought.text.empty())
        return failure(invalid_argument(
            item.path("encrypted_content"),
            fmt::format("'{}' is missing: nothing is stored here, so a reasoning item must come back as it "
                        "was given.",
                        item.path("encrypted_content"))));
    }
    return assistant(item, {std::move(thought)});
  }

  static Result<void> shown_thought(const base::Members& item, std::string_view name,
                                    llm::ReasoningBlock& into) {
    CAPROCK_TRY(const json::array* parts, item.array(name));
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
      const std::string at = fmt::format("{}[{}]", item.path(name), i);
      const json::object* object = (*parts)[i].if_object();
      if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
      CAPROCK_TRY(const auto text, base::Members(*object, at).text("text"));
      into.text += text;
    }
    return {};
  }

  Result<void> call(const base::Members& item) {
    CAPROCK_TRY(auto id, item.required_text("call_id"));
    CAPROCK_TRY(auto name, item.required_text("name"));
    CAPROCK_TRY(auto arguments, item.text("arguments"));
    Blocks use;
    use.emplace_back(llm::ToolUseBlock{id, std::move(name), std::move(arguments)});
    CAPROCK_CHECK(assistant(item, std::move(use)));
    if (!unanswered_.insert(id).second)
      return failure(invalid_argument(item.path("call_id"), fmt::format("The call_id {} comes twice.", id)));
    return {};
  }

  Result<void> output(const base::Members& item) {
    CAPROCK_TRY(auto id, item.required_text("call_id"));
    if (unanswered_.erase(id) == 0)
      return failure(
          invalid_argument(item.path("call_id"),
                           fmt::format("No tool call found for function call output with call_id {}.", id)));
    CAPROCK_TRY(auto blocks, read_content(item, "output"));
    llm::ToolResultBlock result{.tool_use_id = std::move(id), .content = {}};
    for (llm::ContentBlock& block : blocks) {
      if (auto* text = std::get_if<llm::TextBlock>(&block))
        result.content.emplace_back(std::move(*text));
      else if (auto* image = std::get_if<llm::ImageBlock>(&block))
        result.content.emplace_back(std::move(*image));
      else if (auto* document = std::get_if<llm::DocumentBlock>(&block))
        result.content.emplace_back(std::move(*document));
      else
        return failure(
            invalid_argument(item.path("output"), "An output holds texts, images and files only."));
    }
    if (result.content.empty()) result.content.emplace_back(llm::TextBlock{""});
    Blocks one;
    one.emplace_back(std::move(result));
    append(llm::Role::kUser, std::move(one));
    return {};
  }

  Result<void> made_image(const base::Members& item) {
    CAPROCK_TRY(auto image, read_made_image(item));
    Blocks one;
    one.push_back(std::move(image));
    return assistant(item, std::move(one));
  }

  std::vector<llm::Message>& messages_;
  Blocks& system_;
  std::set<std::string> unanswered_;  ///< call_ids that wait for their output
};

}  // namespace

Result<void> read_response_input(const json::value& input, llm::ChatRequest& request) {
  if (input.is_string() && !input.get_string().empty()) {
    request.messages.push_back(llm::text_message(llm::Role::kUser, std::string(input.get_string())));
    return {};
  }
  if (!input.is_array() || input.get_array().empty())
    return failure(invalid_argument("input", "'input' must be a text or an array of items, and not empty."));
  ItemReader reader(request);
  for (std::size_t i = 0; i < input.get_array().size(); ++i) {
    const std::string at = fmt::format("input[{}]", i);
    const json::object* object = input.get_array()[i].if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    CAPROCK_CHECK(reader.read(base::Members(*object, at)));
  }
  CAPROCK_CHECK(reader.finish());
  if (request.messages.empty())
    return failure(invalid_argument("input", "'input' must hold more than instructions."));
  return {};
}

}  // namespace caprock::server::openai
