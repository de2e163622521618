#include "agent/tools/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/log.h"

namespace caprock::agent {

namespace {

// ToolSpecification of Converse: [a-zA-Z0-9_-]+, at most 64.
bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

llm::ToolResultBlock failed(std::string id, const std::string& message) {
  return {.tool_use_id = std::move(id), .content = {llm::TextBlock{message}}, .is_error = true};
}

}  // namespace

void ToolRegistry::add(std::unique_ptr<Tool> tool) {
  const auto name = tool->spec().name;
  if (!is_name(name)) throw std::invalid_argument("not a tool name: " + name);
  if (find(name) != nullptr) throw std::invalid_argument("two tools are named " + name);
  tools_.push_back(std::move(tool));
}

std::vector<llm::ToolSpec> ToolRegistry::specs() const {
  std::vector<llm::ToolSpec> specs;
  specs.reserve(tools_.size());
  for (const auto& tool : tools_) specs.push_back(tool->spec());
  return specs;
}

Tool* ToolRegistry::find(const std::string& name) const {
  const auto found = std::ranges::find(tools_, name, [](const auto& tool) { return tool->spec().name; });
  return found == tools_.end() ? nullptr : found->get();
}

base::Awaitable<base::Result<llm::ToolResultBlock>> ToolRegistry::call(const base::RequestContext& context,
                                                                       llm::ToolUseBlock use) const {
  Tool* const tool = find(use.name);
  if (tool == nullptr) co_return failed(use.id, fmt::format("There is no tool named \"{}\".", use.name));
  auto result = co_await tool->call(context, use.input_json);
  CAPROCK_CO_CHECK(context.check());
  if (!result) {
    base::log_error(context, "tool failed", result.error());
    co_return failed(use.id, result.error().message);
  }
  co_return llm::ToolResultBlock{
      .tool_use_id = std::move(use.id), .content = {llm::JsonBlock{std::move(*result)}}, .is_error = false};
}

}  // namespace caprock::agent
