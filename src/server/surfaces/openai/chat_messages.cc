#include "server/surfaces/openai/chat_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <set>

#include "base/json/members.h"
#include "server/surfaces/openai/content_parts.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

void append(std::vector<llm::ContentBlock>& to, std::vector<llm::ContentBlock> blocks) {
  std::ranges::move(blocks, std::back_inserter(to));
}

class MessageReader {
 public:
  explicit MessageReader(llm::ChatRequest& request) : request_(request) {}

  Result<void> read(const base::Members& message) {
    CAPROCK_TRY(const auto role, message.required_text("role"));
    if (role != "tool" && !unanswered_.empty())
      return failure(invalid_argument(
          message.path("role"),
          fmt::format(
              "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
              "'tool_call_id'. There is none for: {}",
              *unanswered_.begin())));
    if (role == "system" || role == "developer") return system(message);
    if (role == "user") return user(message);
    if (role == "assistant") return assistant(message);
    if (role == "tool") return tool(message);
    return failure(invalid_argument(
        message.path("role"),
        fmt::format("Invalid value: '{}'. Supported values are: 'system', 'assistant', 'user', 'tool', and "
                    "'developer'.",
                    role)));
  }

  Result<void> finish() const {
    if (!unanswered_.empty())
      return failure(invalid_argument(
          "messages", fmt::format("There is no tool message for the tool call {}.", *unanswered_.begin())));
    return {};
  }

 private:
  Result<std::vector<llm::ContentBlock>> content(const base::Members& message, bool required) {
    const json::value* value = message.find("content");
    if (value != nullptr) {
      CAPROCK_TRY(auto blocks, read_content(*value, message.path("content")));
      if (!blocks.empty() || !required) return blocks;
    }
    if (!required) return std::vector<llm::ContentBlock>();
    return failure(invalid_argument(message.path("content"),
                                    fmt::format("'{}' must not be empty.", message.path("content"))));
  }

  Result<void> system(const base::Members& message) {
    CAPROCK_TRY(auto blocks, content(message, true));
    if (request_.messages.empty()) {
      append(request_.system, std::move(blocks));
      return {};
    }
    request_.messages.push_back({llm::Role::kSystem, std::move(blocks)});
    return {};
  }

  Result<void> user(const base::Members& message) {
    CAPROCK_TRY(auto blocks, content(message, true));
    CAPROCK_TRY(auto name, message.text("name"));
    if (after_tools_) {
      append(request_.messages.back().content, std::move(blocks));
    } else {
      request_.messages.push_back({llm::Role::kUser, std::move(blocks), std::move(name)});
    }
    after_tools_ = false;
    return {};
  }

  Result<void> assistant(const base::Members& message) {
    after_tools_ = false;
    llm::Message made{.role = llm::Role::kAssistant, .content = {}};
    CAPROCK_TRY(made.name, message.text("name"));
    CAPROCK_CHECK(thoughts(message, made.content));
    CAPROCK_TRY(auto blocks, content(message, false));
    append(made.content, std::move(blocks));
    CAPROCK_TRY(auto refusal, message.text("refusal"));
    if (!refusal.empty()) made.content.emplace_back(llm::RefusalBlock{std::move(refusal)});
    CAPROCK_CHECK(calls(message, made.content));
    if (made.content.empty())
      return failure(invalid_argument(message.path("content"),
                                      fmt::format("'{}' must not be empty.", message.path("content"))));
    request_.messages.push_back(std::move(made));
    return {};
  }

  // reasoning_details is OpenRouter's form, which this surface writes too: it keeps signatures.
  static Result<void> thoughts(const base::Members& message, std::vector<llm::ContentBlock>& into) {
    CAPROCK_TRY(const json::array* details, message.array("reasoning_details"));
    for (std::size_t i = 0; details != nullptr && i < details->size(); ++i) {
      const std::string at = fmt::format("{}[{}]", message.path("reasoning_details"), i);
      const json::object* object = (*details)[i].if_object();
      if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
      const base::Members detail(*object, at);
      llm::ReasoningBlock block;
      CAPROCK_TRY(block.text, detail.text("text"));
      CAPROCK_TRY(const auto summary, detail.text("summary"));
      block.text += summary;
      CAPROCK_TRY(block.signature, detail.text("signature"));
      CAPROCK_TRY(block.redacted, detail.text("data"));
      CAPROCK_TRY(block.id, detail.text("id"));
      CAPROCK_TRY(block.format, detail.text("format"));
      into.emplace_back(std::move(block));
    }
    if (!into.empty()) return {};
    CAPROCK_TRY(auto text, message.text("reasoning_content"));
    if (!text.empty()) into.emplace_back(llm::ReasoningBlock{std::move(text)});
    return {};
  }

  Result<void> calls(const base::Members& message, std::vector<llm::ContentBlock>& into) {
    CAPROCK_TRY(const json::array* calls, message.array("tool_calls"));
    for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) {
      const std::string at = fmt::format("{}[{}]", message.path("tool_calls"), i);
      const json::object* object = (*calls)[i].if_object();
      if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
      const base::Members call(*object, at);
      CAPROCK_TRY(auto id, call.required_text("id"));
      CAPROCK_TRY(const json::object* function, call.object("function"));
      if (function == nullptr)
        return failure(invalid_argument(call.path("function"), "Only calls of functions are known."));
      const base::Members named(*function, call.path("function"));
      CAPROCK_TRY(auto name, named.required_text("name"));
      CAPROCK_TRY(auto arguments, named.text("arguments"));
      if (!unanswered_.insert(id).second)
        return failure(invalid_argument(call.path("id"), fmt::format("The id {} comes twice.", id)));
      into.emplace_back(llm::ToolUseBlock{std::move(id), std::move(name), std::move(arguments)});
    }
    return {};
  }

  Result<void> tool(const base::Members& message) {
    CAPROCK_TRY(auto id, message.required_text("tool_call_id"));
    if (unanswered_.erase(id) == 0)
      return failure(invalid_argument(
          message.path("tool_call_id"),
          "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'."));
    CAPROCK_TRY(auto blocks, content(message, false));
    llm::ToolResultBlock result{.tool_use_id = std::move(id), .content = {}};
    for (llm::ContentBlock& block : blocks) {
      if (auto* text = std::get_if<llm::TextBlock>(&block))
        result.content.emplace_back(std::move(*text));
      else if (auto* image = std::get_if<llm::ImageBlock>(&block))
        result.content.emplace_back(std::move(*image));
      else
        return failure(
            invalid_argument(message.path("content"), "A tool message holds text and images only."));
    }
    if (result.content.empty()) result.content.emplace_back(llm::TextBlock{""});
    if (!after_tools_) request_.messages.push_back({llm::Role::kUser, {}});
    after_tools_ = true;
    request_.messages.back().content.emplace_back(std::move(result));
    return {};
  }

  llm::ChatRequest& request_;
  std::set<std::string> unanswered_;  ///< ids of tool calls that wait for their message
  bool after_tools_ = false;          ///< the last message holds results of tools
};

}  // namespace

Result<void> read_messages(const json::value& messages, llm::ChatRequest& request) {
  if (!messages.is_array() || messages.get_array().empty())
    return failure(invalid_argument("messages", "'messages' must be an array that is not empty."));
  MessageReader reader(request);
  for (std::size_t i = 0; i < messages.get_array().size(); ++i) {
    const std::string at = "messages[" + std::to_string(i) + "]";
    const json::object* object = messages.get_array()[i].if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    CAPROCK_CHECK(reader.read(base::Members(*object, at)));
  }
  CAPROCK_CHECK(reader.finish());
  if (request.messages.empty())
    return failure(invalid_argument("messages", "'messages' must hold more than instructions."));
  return {};
}

}  // namespace caprock::server::openai
