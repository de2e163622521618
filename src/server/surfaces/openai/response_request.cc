#include "server/surfaces/openai/response_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json/members.h"
#include "server/surfaces/openai/request_parts.h"
#include "server/surfaces/openai/response_input.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

constexpr auto kKnown = std::to_array<std::string_view>({"background",
                                                         "include",
                                                         "input",
                                                         "instructions",
                                                         "max_output_tokens",
                                                         "max_tool_calls",
                                                         "metadata",
                                                         "model",
                                                         "parallel_tool_calls",
                                                         "prompt_cache_key",
                                                         "reasoning",
                                                         "safety_identifier",
                                                         "service_tier",
                                                         "store",
                                                         "stream",
                                                         "stream_options",
                                                         "temperature",
                                                         "text",
                                                         "tool_choice",
                                                         "tools",
                                                         "top_logprobs",
                                                         "top_p",
                                                         "truncation",
                                                         "user"});

struct Refused {
  std::string_view member;
  std::string_view instead;
};

// Known to OpenAI and not done here, with what would be right.
constexpr auto kRefused = std::to_array<Refused>(
    {{"previous_response_id",
      "no response is stored here: send the earlier input and output items again as 'input'"},
     {"conversation", "no conversation is stored here: send its items as 'input'"},
     {"prompt", "no prompts are stored here: send 'instructions' and 'input'"},
     {"context_management", "send the items that the model is to see as 'input'"},
     {"background_options", "the answer comes in this request; use 'stream' for a long one"},
     {"prompt_cache_options",
      "mark what is to be cached by 'prompt_cache_breakpoint' on a part of the input"},
     {"prompt_cache_retention",
      "mark what is to be cached by 'prompt_cache_breakpoint' on a part of the input"},
     {"moderation", "leave it out"},
     {"access_programs", "leave it out"},
     {"image", "leave it out"}});

base::Error refused(std::string_view member, std::string_view instead) {
  return invalid_argument(std::string(member),
                          fmt::format("'{}' is not supported here: {}.", member, instead));
}

class BodyReader {
 public:
  BodyReader(const json::object& object, ResponseBody& out)
      : object_(object), members_(object, ""), out_(out), request_(out.request) {}

  Result<void> read() {
    CAPROCK_CHECK(refuse());
    CAPROCK_TRY(request_.model, members_.required_text("model"));
    CAPROCK_CHECK(input());
    CAPROCK_CHECK(inference());
    CAPROCK_CHECK(tools());
    CAPROCK_CHECK(text());
    CAPROCK_CHECK(reasoning());
    CAPROCK_CHECK(read_caller(members_, request_));
    CAPROCK_CHECK(metadata());
    CAPROCK_CHECK(stream());
    echo();
    out_.ignored = unknown_members(object_, kKnown);
    for (const Refused& known : kRefused) std::erase(out_.ignored, known.member);
    return {};
  }

 private:
  Result<void> refuse() const {
    for (const Refused& one : kRefused)
      if (members_.find(one.member) != nullptr) return failure(refused(one.member, one.instead));
    CAPROCK_TRY(const auto store, members_.flag("store"));
    if (store.value_or(false))
      return failure(refused("store",
                             "nothing is stored; leave it out or send \"store\": false, and send the "
                             "earlier items again as 'input'"));
    CAPROCK_TRY(const auto background, members_.flag("background"));
    if (background.value_or(false))
      return failure(refused("background", "the answer comes in this request; use 'stream' for a long one"));
    CAPROCK_TRY(const auto truncation, members_.text("truncation"));
    if (!truncation.empty() && truncation != "disabled")
      return failure(refused("truncation", "items are never dropped from the input; leave out what may go"));
    CAPROCK_TRY(const auto probabilities, members_.integer("top_logprobs"));
    if (probabilities.value_or(0) != 0) return failure(not_supported("top_logprobs"));
    return include();
  }

  // Encrypted reasoning is always there; the others belong to tools that do not run here.
  Result<void> include() const {
    CAPROCK_TRY(const json::array* include, members_.array("include"));
    for (std::size_t i = 0; include != nullptr && i < include->size(); ++i)
      if ((*include)[i] != "reasoning.encrypted_content")
        return failure(invalid_argument(fmt::format("include[{}]", i),
                                        "Only reasoning.encrypted_content can be included here."));
    return {};
  }

  Result<void> input() {
    CAPROCK_TRY(auto instructions, members_.text("instructions"));
    if (!instructions.empty()) request_.system.emplace_back(llm::TextBlock{std::move(instructions)});
    const json::value* given = members_.find("input");
    return read_response_input(given == nullptr ? json::value(nullptr) : *given, request_);
  }

  Result<void> inference() {
    llm::InferenceSettings& to = request_.inference;
    CAPROCK_TRY(to.max_tokens, members_.integer("max_output_tokens"));
    if (to.max_tokens.value_or(1) < 1)
      return failure(invalid_argument("max_output_tokens", "'max_output_tokens' must be at least 1."));
    CAPROCK_TRY(to.temperature, members_.number("temperature", 0, 2));
    CAPROCK_TRY(to.top_p, members_.number("top_p", 0, 1));
    // A bound on calls of tools that OpenAI runs: none runs here, so every bound is kept.
    CAPROCK_CHECK(members_.integer("max_tool_calls"));
    return {};
  }

  Result<void> tools() {
    CAPROCK_TRY(const json::array* tools, members_.array("tools"));
    for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
      const std::string at = fmt::format("tools[{}]", i);
      const json::object* object = (*tools)[i].if_object();
      if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
      const base::Members tool(*object, at);
      CAPROCK_TRY(const auto type, tool.required_text("type"));
      if (type != "function")
        return failure(invalid_argument(
            tool.path("type"),
            fmt::format("Tools of type '{}' are not run here: only 'function' is supported.", type)));
      CAPROCK_TRY(auto spec, read_function(tool));
      request_.tools.emplace_back(std::move(spec));
    }
    CAPROCK_TRY(request_.parallel_tools, members_.flag("parallel_tool_calls"));
    return tool_choice();
  }

  Result<void> tool_choice() {
    const json::value* choice = members_.find("tool_choice");
    if (choice == nullptr) return {};
    if (choice->is_string()) {
      CAPROCK_TRY(request_.tool_choice, read_choice_word(choice->get_string()));
      return {};
    }
    CAPROCK_TRY(const json::object* object, members_.object("tool_choice"));
    const base::Members named(*object, "tool_choice");
    CAPROCK_TRY(const auto type, named.required_text("type"));
    if (type != "function") return failure(not_supported("tool_choice.type"));
    CAPROCK_TRY(auto name, named.required_text("name"));
    request_.tool_choice = llm::ToolChoice{.kind = llm::ToolChoice::Kind::kTool, .name = std::move(name)};
    return {};
  }

  Result<void> text() {
    using enum llm::ResponseFormat::Kind;
    CAPROCK_TRY(const json::object* object, members_.object("text"));
    if (object == nullptr) return {};
    const base::Members members(*object, "text");
    CAPROCK_TRY(request_.verbosity, members.text("verbosity"));
    if (request_.verbosity == "medium") request_.verbosity.clear();  // the default, said aloud
    CAPROCK_TRY(const json::object* asked, members.object("format"));
    if (asked == nullptr) return {};
    const base::Members format(*asked, "text.format");
    CAPROCK_TRY(const auto type, format.required_text("type"));
    if (type == "text") return {};
    if (type == "json_object") {
      request_.response_format = llm::ResponseFormat{.kind = kJsonObject};
      return {};
    }
    if (type != "json_schema") return failure(not_supported("text.format.type"));
    CAPROCK_TRY(request_.response_format, read_json_schema(format));
    return {};
  }

  Result<void> reasoning() {
    CAPROCK_TRY(const json::object* object, members_.object("reasoning"));
    if (object == nullptr) return {};
    const base::Members members(*object, "reasoning");
    CAPROCK_TRY(auto asked, openai::read_reasoning(members));
    for (const char* name : {"generate_summary", "summary"}) {  // the first is the older name
      CAPROCK_TRY(auto summary, members.text(name));
      // "auto" asks for what the model shows by itself, and that is always shown.
      if (!summary.empty() && summary != "auto") asked.summary = std::move(summary);
    }
    for (const char* name : {"context", "mode"}) {
      CAPROCK_TRY(const auto word, members.text(name));
      if (!word.empty() && word != "auto" && word != "standard")
        return failure(not_supported(members.path(name)));
    }
    const bool says_something = asked.mode != llm::ReasoningSettings::Mode::kUnset || !asked.effort.empty() ||
                                asked.budget_tokens || !asked.summary.empty();
    if (says_something) request_.reasoning = std::move(asked);
    return {};
  }

  // Metadata belongs to the response object; the model never sees it.
  Result<void> metadata() const {
    CAPROCK_TRY(const json::object* metadata, members_.object("metadata"));
    if (metadata == nullptr) return {};
    if (metadata->size() > 16)
      return failure(invalid_argument("metadata", "'metadata' must have at most 16 members."));
    for (const auto& item : *metadata) CAPROCK_CHECK(base::Members(*metadata, "metadata").text(item.key()));
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
    CAPROCK_TRY(const auto padded, base::Members(*options, "stream_options").flag("include_obfuscation"));
    if (padded.value_or(false)) return failure(not_supported("stream_options.include_obfuscation"));
    return {};
  }

  void copy(std::string_view name, const json::value& otherwise) {
    const json::value* given = members_.find(name);
    out_.echo[name] = given == nullptr ? otherwise : *given;
  }

  void echo() {
    json::object& to = out_.echo;
    to["background"] = false;
    to["conversation"] = nullptr;
    copy("instructions", nullptr);
    copy("max_output_tokens", nullptr);
    copy("max_tool_calls", nullptr);
    copy("metadata", json::object());
    copy("parallel_tool_calls", true);
    to["previous_response_id"] = nullptr;
    copy("prompt_cache_key", nullptr);
    copy("reasoning", json::object());
    to["reasoning"].get_object().emplace("effort", nullptr);
    to["reasoning"].get_object().emplace("summary", nullptr);
    copy("safety_identifier", nullptr);
    copy("service_tier", nullptr);
    to["store"] = false;
    copy("temperature", nullptr);
    copy("text", json::object());
    to["text"].get_object().emplace("format", json::object{{"type", "text"}});
    to["text"].get_object().emplace("verbosity", "medium");
    copy("tool_choice", "auto");
    copy("tools", json::array());
    for (json::value& tool : to["tools"].get_array())
      for (const char* name : {"description", "parameters", "strict"})
        tool.get_object().emplace(name, nullptr);
    to["top_logprobs"] = 0;
    copy("top_p", nullptr);
    to["truncation"] = "disabled";
    copy("user", nullptr);
  }

  const json::object& object_;
  const base::Members members_;
  ResponseBody& out_;
  llm::ChatRequest& request_;
};

}  // namespace

Result<ResponseBody> read_response_body(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return failure(invalid_argument("", "The body must be a JSON object."));
  ResponseBody out;
  CAPROCK_CHECK(BodyReader(*object, out).read());
  return out;
}

}  // namespace caprock::server::openai
