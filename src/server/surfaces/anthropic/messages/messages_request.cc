#include "server/surfaces/anthropic/messages/messages_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/json/fields.h"
#include "base/json/json_text.h"
#include "base/json/members.h"
#include "server/surfaces/anthropic/messages/betas.h"
#include "server/surfaces/anthropic/messages/content_blocks.h"
#include "server/surfaces/anthropic/messages/conversation.h"
#include "server/surfaces/anthropic/messages/tools.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Members;
using base::Result;

namespace {

// Known to Anthropic and not done here.
constexpr auto kRefused = std::to_array<std::string_view>(
    {"container", "mcp_servers", "compaction", "diagnostics", "inference_geo", "fallbacks",
     "fallback_credit_token", "thread", "billing_policy", "user_profile_id", "workspace_id"});

constexpr std::int64_t kSmallestBudget = 1024;  // of thinking, in tokens

base::Error not_supported(std::string field) {
  std::string message = fmt::format("'{}' is not supported here.", field);
  return invalid_argument(std::move(field), std::move(message));
}

class BodyReader {
 public:
  BodyReader(const json::object& object, Door door, MessagesBody& out)
      : object_(object), body_(object, ""), door_(door), out_(out), request_(out.request) {}

  Result<void> read() {
    CAPROCK_CHECK(refuse());
    CAPROCK_CHECK(door_ == Door::kInvoke ? of_invoke() : of_messages());
    CAPROCK_CHECK(inference());
    const json::value* messages = body_.find("messages");
    CAPROCK_CHECK(read_messages(messages == nullptr ? json::value(nullptr) : *messages, request_, out_.places,
                                out_.ignored));
    CAPROCK_CHECK(system());
    CAPROCK_CHECK(read_tools(body_, request_, out_.places, out_.ignored));
    CAPROCK_CHECK(thinking());
    CAPROCK_CHECK(output());
    CAPROCK_CHECK(service());
    return cache_all();
  }

 private:
  void known(std::initializer_list<std::string_view> of_door) {
    note_unknown(out_.ignored, object_, "", of_door);
    std::erase_if(out_.ignored, [](std::string_view name) {
      static constexpr auto kKnown = std::to_array<std::string_view>(
          {"messages", "max_tokens", "system", "temperature", "top_p", "top_k", "stop_sequences", "tools",
           "tool_choice", "thinking", "output_config", "output_format", "metadata", "service_tier", "speed",
           "cache_control", "context_management"});
      return std::ranges::find(kKnown, name) != kKnown.end();
    });
  }

  Result<void> of_messages() {
    known({"model", "stream"});
    CAPROCK_TRY(request_.model, body_.required_text("model"));
    CAPROCK_TRY(const auto streamed, body_.flag("stream"));
    request_.stream = streamed.value_or(false);
    return {};
  }

  Result<void> of_invoke() {
    known({"anthropic_version", "anthropic_beta"});
    CAPROCK_TRY(const auto version, body_.text("anthropic_version"));
    if (version != "bedrock-2023-05-31")
      return failure(
          invalid_argument("anthropic_version", "'anthropic_version' must be 'bedrock-2023-05-31'."));
    for (const char* name : {"model", "stream"})
      if (body_.find(name) != nullptr)
        return failure(invalid_argument(
            name, fmt::format("'{}': the path of the request says it, not its body.", name)));
    CAPROCK_TRY(const auto betas, texts(body_, "anthropic_beta"));
    for (const std::string& beta : betas) take_beta(beta, request_, out_.ignored);
    return {};
  }

  Result<void> refuse() const {
    for (const std::string_view name : kRefused)
      if (body_.find(name) != nullptr) return failure(not_supported(std::string(name)));
    CAPROCK_TRY(const auto speed, body_.text("speed"));
    if (!speed.empty() && speed != "standard") return failure(not_supported("speed"));
    return context_management();
  }

  // Edits that keep everything ask for nothing; stock clients send them all the time.
  Result<void> context_management() const {
    CAPROCK_TRY(const json::object* config, body_.object("context_management"));
    if (config == nullptr) return {};
    const Members members(*config, "context_management");
    CAPROCK_TRY(const json::array* edits, members.array("edits"));
    for (const json::value& edit : edits == nullptr ? json::array() : *edits) {
      const json::object* object = edit.if_object();
      const json::value* keep = object == nullptr ? nullptr : object->if_contains("keep");
      if (keep == nullptr || *keep != "all") return failure(not_supported("context_management.edits"));
    }
    return {};
  }

  Result<void> inference() {
    llm::InferenceSettings& to = request_.inference;
    CAPROCK_TRY(to.max_tokens, body_.integer("max_tokens"));
    if (!to.max_tokens && door_ != Door::kCountTokens)
      return failure(invalid_argument("max_tokens", "'max_tokens' must be given."));
    if (to.max_tokens.value_or(1) < 1)
      return failure(invalid_argument("max_tokens", "'max_tokens' must be at least 1."));
    CAPROCK_TRY(to.temperature, body_.number("temperature", 0, 1));
    CAPROCK_TRY(to.top_p, body_.number("top_p", 0, 1));
    CAPROCK_TRY(to.top_k, body_.integer("top_k"));
    if (to.top_k.value_or(0) < 0) return failure(invalid_argument("top_k", "'top_k' must be at least 0."));
    CAPROCK_TRY(to.stop_sequences, texts(body_, "stop_sequences"));
    for (std::size_t i = 0; i < to.stop_sequences.size(); ++i) {
      const std::string at = fmt::format("stop_sequences.{}", i);
      if (base::is_blank(to.stop_sequences[i]))
        return failure(invalid_argument(at, fmt::format("'{}' must hold more than white space.", at)));
    }
    return {};
  }

  static Result<std::vector<std::string>> texts(const Members& of, std::string_view name) {
    std::vector<std::string> out;
    CAPROCK_TRY(const json::array* list, of.array(name));
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const std::string at = fmt::format("{}.{}", of.path(name), i);
      if (!(*list)[i].is_string())
        return failure(invalid_argument(at, fmt::format("'{}' must be a string.", at)));
      out.emplace_back((*list)[i].get_string());
    }
    return out;
  }

  Result<void> system() {
    const json::value* system = body_.find("system");
    if (system == nullptr) return {};
    CAPROCK_TRY(auto placed, read_content(*system, "system", llm::Role::kSystem, out_.ignored));
    request_.system = std::move(placed.blocks);
    out_.places.system = std::move(placed.places);
    return {};
  }

  Result<void> thinking() {
    using enum llm::ReasoningSettings::Mode;
    CAPROCK_TRY(const json::object* object, body_.object("thinking"));
    if (object == nullptr) return {};
    const Members thinking(*object, "thinking");
    note_unknown(out_.ignored, *object, "thinking.", {"type", "budget_tokens", "display"});
    CAPROCK_TRY(const auto type, thinking.required_text("type"));
    llm::ReasoningSettings asked;
    if (type != "enabled" && type != "disabled" && type != "adaptive")
      return failure(invalid_argument(
          "thinking.type",
          fmt::format("'thinking.type' must be 'enabled', 'disabled' or 'adaptive', not '{}'.", type)));
    asked.mode = type == "enabled" ? kEnabled : type == "disabled" ? kDisabled : kAdaptive;
    if (asked.mode == kEnabled) {
      CAPROCK_TRY(asked.budget_tokens, thinking.integer("budget_tokens"));
      if (asked.budget_tokens.value_or(0) < kSmallestBudget)
        return failure(
            invalid_argument("thinking.budget_tokens",
                             fmt::format("'thinking.budget_tokens' must be at least {}.", kSmallestBudget)));
    }
    CAPROCK_TRY(asked.summary, thinking.text("display"));
    if (!asked.summary.empty() && asked.summary != "summarized" && asked.summary != "omitted")
      return failure(
          invalid_argument("thinking.display", "'thinking.display' must be 'summarized' or 'omitted'."));
    request_.reasoning = std::move(asked);
    return {};
  }

  Result<void> output() {
    CAPROCK_TRY(const json::object* object, body_.object("output_config"));
    if (object != nullptr) {
      const Members config(*object, "output_config");
      note_unknown(out_.ignored, *object, "output_config.", {"effort", "format"});
      CAPROCK_CHECK(effort(config));
      CAPROCK_CHECK(format(config, "format"));
    }
    return format(body_, "output_format");  // its name while it was new
  }

  Result<void> effort(const Members& config) {
    static constexpr auto kEfforts =
        std::to_array<std::string_view>({"low", "medium", "high", "xhigh", "max"});
    CAPROCK_TRY(auto effort, config.text("effort"));
    if (effort.empty()) return {};
    if (std::ranges::find(kEfforts, effort) == kEfforts.end())
      return failure(invalid_argument(
          config.path("effort"),
          fmt::format("'{}' must be 'low', 'medium', 'high', 'xhigh' or 'max'.", config.path("effort"))));
    if (!request_.reasoning) request_.reasoning.emplace();
    request_.reasoning->effort = std::move(effort);
    return {};
  }

  Result<void> format(const Members& of, std::string_view name) {
    CAPROCK_TRY(const json::object* object, of.object(name));
    if (object == nullptr) return {};
    const Members format(*object, of.path(name));
    CAPROCK_TRY(const auto type, format.required_text("type"));
    if (type != "json_schema")
      return failure(invalid_argument(format.path("type"),
                                      fmt::format("'{}' must be 'json_schema'.", format.path("type"))));
    CAPROCK_TRY(const json::object* schema, format.object("schema"));
    if (schema == nullptr)
      return failure(invalid_argument(format.path("schema"),
                                      fmt::format("'{}' must be an object.", format.path("schema"))));
    request_.response_format = llm::ResponseFormat{.schema_json = base::json_text(*schema)};
    request_.response_format->strict = true;
    return {};
  }

  Result<void> service() {
    CAPROCK_TRY(const json::object* metadata, body_.object("metadata"));
    if (metadata != nullptr) {
      note_unknown(out_.ignored, *metadata, "metadata.", {"user_id"});
      CAPROCK_TRY(request_.end_user, Members(*metadata, "metadata").text("user_id"));
    }
    CAPROCK_TRY(request_.service_tier, body_.text("service_tier"));
    const std::string& tier = request_.service_tier;
    if (!tier.empty() && tier != "auto" && tier != "standard_only")
      return failure(invalid_argument("service_tier", "'service_tier' must be 'auto' or 'standard_only'."));
    // The default, said aloud, asks for nothing.
    if (tier == "auto") request_.service_tier.clear();
    return {};
  }

  // Anthropic puts it behind the last block that can be cached.
  Result<void> cache_all() {
    CAPROCK_TRY(auto point, read_cache_control(body_));
    if (!point) return {};
    std::vector<llm::ContentBlock>& blocks = request_.messages.back().content;
    const auto unfit = [](const llm::ContentBlock& block) {
      return std::holds_alternative<llm::ReasoningBlock>(block) ||
             std::holds_alternative<llm::CachePointBlock>(block);
    };
    if (unfit(blocks.back())) return {};
    blocks.emplace_back(*std::move(point));
    out_.places.messages.back().emplace_back("cache_control");
    return {};
  }

  const json::object& object_;
  const Members body_;
  const Door door_;
  MessagesBody& out_;
  llm::ChatRequest& request_;
};

}  // namespace

Result<MessagesBody> read_messages_body(const json::value& body, Door door) {
  const json::object* object = body.if_object();
  if (object == nullptr) return failure(invalid_argument("", "The body must be a JSON object."));
  MessagesBody out;
  CAPROCK_CHECK(BodyReader(*object, door, out).read());
  return out;
}

}  // namespace caprock::server::anthropic
