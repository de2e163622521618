#include "server/surfaces/anthropic/messages/tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>

#include "base/json/json_text.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Members;
using base::Result;

namespace {

// Bedrock and OpenAI take no longer names either.
constexpr std::size_t kLongestName = 64;

// Types of tools that the caller runs; what follows is their date.
constexpr auto kOfCaller =
    std::to_array<std::string_view>({"bash_20", "text_editor_20", "computer_20", "memory_20"});

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || c == '_' || c == '-';
  });
}

class ToolReader {
 public:
  ToolReader(const json::object& object, const Members& tool, Ignored& ignored)
      : object_(object), tool_(tool), ignored_(ignored) {}

  Result<llm::Tool> read() {
    CAPROCK_TRY(const auto type, tool_.text("type"));
    CAPROCK_TRY(name_, tool_.text("name"));
    if (!is_name(name_))
      return failure(invalid_argument(tool_.path("name"),
                                      fmt::format("'{}' must be 1 to {} letters, digits, '_' and '-'.",
                                                  tool_.path("name"), kLongestName)));
    if (type.empty() || type == "custom") return custom();
    if (std::ranges::none_of(kOfCaller, [&](std::string_view start) { return type.starts_with(start); }))
      return failure(invalid_argument(
          tool_.path("type"),
          fmt::format("'{}': tools of type '{}' are not supported here: no tool is run by the server.",
                      tool_.path("type"), type)));
    return typed(type);
  }
  const std::string& name() const { return name_; }

 private:
  Result<llm::Tool> custom() {
    note_unknown(ignored_, object_, tool_.path(""),
                 {"type", "name", "description", "input_schema", "strict", "cache_control", "input_examples",
                  "defer_loading", "allowed_callers"});
    CAPROCK_CHECK(refuse());
    llm::ToolSpec spec{.name = name_, .description = {}, .input_schema_json = {}};
    CAPROCK_TRY(spec.description, tool_.text("description"));
    CAPROCK_TRY(const json::object* schema, tool_.object("input_schema"));
    if (schema == nullptr)
      return failure(invalid_argument(tool_.path("input_schema"),
                                      fmt::format("'{}' must be an object.", tool_.path("input_schema"))));
    spec.input_schema_json = base::json_text(*schema);
    CAPROCK_TRY(spec.strict, tool_.flag("strict"));
    return spec;
  }

  Result<void> refuse() const {
    const auto not_supported = [this](std::string_view name) {
      return failure(
          invalid_argument(tool_.path(name), fmt::format("'{}' is not supported here.", tool_.path(name))));
    };
    CAPROCK_TRY(const json::array* examples, tool_.array("input_examples"));
    if (examples != nullptr && !examples->empty()) return not_supported("input_examples");
    CAPROCK_TRY(const auto deferred, tool_.flag("defer_loading"));
    if (deferred.value_or(false)) return not_supported("defer_loading");
    const json::value* callers = tool_.find("allowed_callers");
    if (callers != nullptr && *callers != json::array{"direct"}) return not_supported("allowed_callers");
    return {};
  }

  Result<llm::Tool> typed(const std::string& type) const {
    json::object settings = object_;
    for (const char* name : {"type", "name", "cache_control"}) settings.erase(name);
    return llm::SystemTool{name_, type, settings.empty() ? std::string() : base::json_text(settings)};
  }

  const json::object& object_;
  const Members& tool_;
  Ignored& ignored_;
  std::string name_;
};

Result<llm::ToolChoice> read_kind(const Members& choice) {
  using enum llm::ToolChoice::Kind;
  CAPROCK_TRY(const auto type, choice.required_text("type"));
  if (type == "auto") return llm::ToolChoice{.kind = kAuto};
  if (type == "any") return llm::ToolChoice{.kind = kAny};
  if (type == "none") return llm::ToolChoice{.kind = kNone};
  if (type != "tool")
    return failure(
        invalid_argument(choice.path("type"),
                         fmt::format("'{}' must be 'auto', 'any', 'tool' or 'none'.", choice.path("type"))));
  llm::ToolChoice made{.kind = kTool};
  CAPROCK_TRY(made.name, choice.required_text("name"));
  return made;
}

Result<void> read_choice(const Members& body, const std::set<std::string>& names, llm::ChatRequest& request) {
  CAPROCK_TRY(const json::object* object, body.object("tool_choice"));
  if (object == nullptr) return {};
  const Members choice(*object, "tool_choice");
  CAPROCK_TRY(auto made, read_kind(choice));
  if (names.empty() && made.kind != llm::ToolChoice::Kind::kNone)
    return failure(invalid_argument("tool_choice", "'tool_choice' may only be given together with 'tools'."));
  if (made.kind == llm::ToolChoice::Kind::kTool && !names.contains(made.name))
    return failure(
        invalid_argument("tool_choice.name",
                         fmt::format("'tool_choice.name': there is no tool '{}' among 'tools'.", made.name)));
  request.tool_choice = std::move(made);
  CAPROCK_TRY(const auto one, choice.flag("disable_parallel_tool_use"));
  if (one.value_or(false)) request.parallel_tools = false;
  return {};
}

}  // namespace

Result<void> read_tools(const Members& body, llm::ChatRequest& request, Places& places, Ignored& ignored) {
  CAPROCK_TRY(const json::array* tools, body.array("tools"));
  std::set<std::string> names;
  for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
    const std::string at = fmt::format("tools.{}", i);
    const json::object* object = (*tools)[i].if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    const Members tool(*object, at);
    ToolReader reader(*object, tool, ignored);
    CAPROCK_TRY(auto made, reader.read());
    if (!names.insert(reader.name()).second)
      return failure(invalid_argument(
          tool.path("name"), fmt::format("'{}': the names of tools must be unique.", tool.path("name"))));
    request.tools.push_back(std::move(made));
    places.tools.push_back(at);
    CAPROCK_TRY(auto point, read_cache_control(tool));
    if (!point) continue;
    request.tools.emplace_back(*std::move(point));
    places.tools.push_back(tool.path("cache_control"));
  }
  return read_choice(body, names, request);
}

}  // namespace caprock::server::anthropic
