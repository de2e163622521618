#include "server/surfaces/openai/chat_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "base/json/members.h"
#include "server/surfaces/openai/chat_messages.h"
#include "server/surfaces/openai/request_parts.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

constexpr auto kKnown = std::to_array<std::string_view>({"model",
                                                         "messages",
                                                         "max_tokens",
                                                         "max_completion_tokens",
                                                         "temperature",
                                                         "top_p",
                                                         "frequency_penalty",
                                                         "presence_penalty",
                                                         "seed",
                                                         "stop",
                                                         "logit_bias",
                                                         "n",
                                                         "stream",
                                                         "stream_options",
                                                         "tools",
                                                         "tool_choice",
                                                         "parallel_tool_calls",
                                                         "response_format",
                                                         "reasoning_effort",
                                                         "reasoning",
                                                         "service_tier",
                                                         "verbosity",
                                                         "user",
                                                         "safety_identifier",
                                                         "prompt_cache_key",
                                                         "metadata",
                                                         "store",
                                                         "logprobs",
                                                         "modalities"});

// Known to OpenAI and not done here.
constexpr auto kRefused =
    std::to_array<std::string_view>({"top_logprobs", "audio", "prediction", "web_search_options", "functions",
                                     "function_call", "prompt_cache_retention", "moderation"});

class BodyReader {
 public:
  BodyReader(const json::object& object, ChatBody& out)
      : object_(object), members_(object, ""), out_(out), request_(out.request) {}

  Result<void> read() {
    CAPROCK_CHECK(refuse());
    CAPROCK_TRY(request_.model, members_.required_text("model"));
    const json::value* messages = members_.find("messages");
    CAPROCK_CHECK(read_messages(messages == nullptr ? json::value(nullptr) : *messages, request_));
    CAPROCK_CHECK(inference());
    CAPROCK_CHECK(tools());
    CAPROCK_CHECK(response_format());
    CAPROCK_CHECK(texts());
    CAPROCK_CHECK(stream());
    out_.ignored = unknown_members(object_, kKnown);
    return {};
  }

 private:
  Result<void> refuse() const {
    for (const std::string_view name : kRefused)
      if (members_.find(name) != nullptr) return failure(not_supported(std::string(name)));
    for (const char* name : {"logprobs", "store"}) {
      CAPROCK_TRY(const auto asked, members_.flag(name));
      if (asked.value_or(false)) return failure(not_supported(name));
    }
    CAPROCK_TRY(const auto n, members_.integer("n"));
    if (n.value_or(1) != 1) return failure(invalid_argument("n", "'n' must be 1: one answer a request."));
    const json::value* kinds = members_.find("modalities");
    if (kinds != nullptr && *kinds != json::array{"text"}) return failure(not_supported("modalities"));
    return {};
  }

  Result<void> inference() {
    llm::InferenceSettings& to = request_.inference;
    CAPROCK_TRY(to.max_tokens, members_.integer("max_completion_tokens"));
    if (!to.max_tokens) {
      CAPROCK_TRY(to.max_tokens, members_.integer("max_tokens"));
    }
    if (to.max_tokens.value_or(1) < 1)
      return failure(invalid_argument("max_tokens", "'max_tokens' must be at least 1."));
    CAPROCK_TRY(to.temperature, members_.number("temperature", 0, 2));
    CAPROCK_TRY(to.top_p, members_.number("top_p", 0, 1));
    CAPROCK_TRY(to.frequency_penalty, members_.number("frequency_penalty", -2, 2));
    CAPROCK_TRY(to.presence_penalty, members_.number("presence_penalty", -2, 2));
    CAPROCK_TRY(to.seed, members_.integer("seed"));
    CAPROCK_CHECK(stop());
    CAPROCK_TRY(const json::object* bias, members_.object("logit_bias"));
    for (std::size_t i = 0; bias != nullptr && i < bias->size(); ++i) {
      const auto& item = *(bias->begin() + static_cast<std::ptrdiff_t>(i));
      CAPROCK_TRY(const auto value, base::Members(*bias, "logit_bias").number(item.key(), -100, 100));
      to.logit_bias.emplace_back(std::string(item.key()), value.value_or(0));
    }
    return {};
  }

  Result<void> stop() {
    const json::value* stop = members_.find("stop");
    if (stop == nullptr) return {};
    if (stop->is_string()) {
      request_.inference.stop_sequences.emplace_back(stop->get_string());
      return {};
    }
    const json::array* list = stop->if_array();
    const bool right = list != nullptr && list->size() <= 4 &&
                       std::ranges::all_of(*list, [](const json::value& v) { return v.is_string(); });
    if (!right) return failure(invalid_argument("stop", "'stop' must be a string or up to 4 strings."));
    for (const json::value& one : *list) request_.inference.stop_sequences.emplace_back(one.get_string());
    return {};
  }

  Result<void> tools() {
    CAPROCK_TRY(const json::array* tools, members_.array("tools"));
    for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
      CAPROCK_TRY(auto spec, tool((*tools)[i], fmt::format("tools[{}]", i)));
      request_.tools.emplace_back(std::move(spec));
    }
    CAPROCK_TRY(request_.parallel_tools, members_.flag("parallel_tool_calls"));
    return tool_choice();
  }

  static Result<llm::ToolSpec> tool(const json::value& value, const std::string& at) {
    const json::object* object = value.if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    const base::Members members(*object, at);
    CAPROCK_TRY(const auto type, members.required_text("type"));
    if (type != "function") return failure(not_supported(members.path("type")));
    CAPROCK_TRY(const json::object* function, members.object("function"));
    const json::object none;
    const base::Members named(function == nullptr ? none : *function, members.path("function"));
    return read_function(named);
  }

  Result<void> tool_choice() {
    using enum llm::ToolChoice::Kind;
    const json::value* choice = members_.find("tool_choice");
    if (choice == nullptr) return {};
    if (choice->is_string()) {
      CAPROCK_TRY(request_.tool_choice, read_choice_word(choice->get_string()));
      return {};
    }
    CAPROCK_TRY(const json::object* object, members_.object("tool_choice"));
    const base::Members members(*object, "tool_choice");
    CAPROCK_TRY(const auto type, members.required_text("type"));
    if (type != "function") return failure(not_supported("tool_choice.type"));
    CAPROCK_TRY(const json::object* function, members.object("function"));
    const json::object none;
    CAPROCK_TRY(
        auto name,
        base::Members(function == nullptr ? none : *function, "tool_choice.function").required_text("name"));
    request_.tool_choice = llm::ToolChoice{.kind = kTool, .name = std::move(name)};
    return {};
  }

  Result<void> response_format() {
    using enum llm::ResponseFormat::Kind;
    CAPROCK_TRY(const json::object* object, members_.object("response_format"));
    if (object == nullptr) return {};
    const base::Members members(*object, "response_format");
    CAPROCK_TRY(const auto type, members.required_text("type"));
    if (type == "text") return {};
    if (type == "json_object") {
      request_.response_format = llm::ResponseFormat{.kind = kJsonObject};
      return {};
    }
    if (type != "json_schema") return failure(not_supported("response_format.type"));
    CAPROCK_TRY(const json::object* named, members.object("json_schema"));
    const json::object none;
    const base::Members schema(named == nullptr ? none : *named, "response_format.json_schema");
    CAPROCK_TRY(request_.response_format, read_json_schema(schema));
    return {};
  }

  Result<void> reasoning() {
    CAPROCK_TRY(auto effort, members_.text("reasoning_effort"));
    if (!effort.empty()) request_.reasoning = llm::ReasoningSettings{.effort = std::move(effort)};
    CAPROCK_TRY(const json::object* object, members_.object("reasoning"));
    if (object == nullptr) return {};
    CAPROCK_TRY(request_.reasoning, read_reasoning(base::Members(*object, "reasoning")));
    return {};
  }

  Result<void> texts() {
    CAPROCK_CHECK(reasoning());
    CAPROCK_CHECK(read_caller(members_, request_));
    CAPROCK_TRY(request_.verbosity, members_.text("verbosity"));
    CAPROCK_TRY(const json::object* metadata, members_.object("metadata"));
    for (std::size_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
      const std::string key = (metadata->begin() + static_cast<std::ptrdiff_t>(i))->key();
      CAPROCK_TRY(auto value, base::Members(*metadata, "metadata").text(key));
      request_.metadata.emplace_back(key, std::move(value));
    }
    // The default, said aloud, asks for nothing.
    if (request_.verbosity == "medium") request_.verbosity.clear();
    return {};
  }

  Result<void> stream() {
    CAPROCK_TRY(const auto streamed, members_.flag("stream"));
    request_.stream = streamed.value_or(false);
    CAPROCK_TRY(const json::object* options, members_.object("stream_options"));
    if (options == nullptr) return {};
    if (!request_.stream)
      return failure(
          invalid_argument("stream_options", "'stream_options' is only allowed when 'stream' is true."));
    CAPROCK_TRY(const auto usage, base::Members(*options, "stream_options").flag("include_usage"));
    out_.include_usage = usage.value_or(false);
    return {};
  }

  const json::object& object_;
  const base::Members members_;
  ChatBody& out_;
  llm::ChatRequest& request_;
};

}  // namespace

Result<ChatBody> read_chat_body(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return failure(invalid_argument("", "The body must be a JSON object."));
  ChatBody out;
  CAPROCK_CHECK(BodyReader(*object, out).read());
  return out;
}

}  // namespace caprock::server::openai
