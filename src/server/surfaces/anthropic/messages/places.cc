#include "server/surfaces/anthropic/messages/places.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace caprock::server::anthropic {
namespace {

// What the vocabulary has in other words than Anthropic.
constexpr auto kNames = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"toolConfig.toolChoice", "tool_choice"},
     {"parallel_tool_calls", "tool_choice.disable_parallel_tool_use"},
     {"outputConfig.textFormat", "output_config.format"},
     {"response_format", "output_config.format"},
     {"reasoning_effort", "output_config.effort"},
     {"reasoning.summary", "thinking.display"},
     {"serviceTier", "service_tier"},
     {"requestMetadata", "metadata"}});

// Converse puts the kind of a block between the block and its members; Anthropic does not.
constexpr auto kKinds =
    std::to_array<std::string_view>({"text", "image", "document", "toolUse", "toolResult", "reasoningContent",
                                     "cachePoint", "searchResult", "toolSpec", "systemTool"});

/// The number of "[7]" at the front of `text`, which is cut off.
std::optional<std::size_t> take_index(std::string_view& text) {
  const std::size_t end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  std::size_t number = 0;
  const auto read = std::from_chars(text.data() + 1, text.data() + end, number);
  if (read.ec != std::errc() || read.ptr != text.data() + end) return std::nullopt;
  text.remove_prefix(end + 1);
  return number;
}

bool take(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

/// "[2].x" → ".2.x".
std::string dotted(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '[')
      out += '.';
    else if (c != ']')
      out += c;
  }
  return out;
}

std::string within(const std::string& place, std::string_view rest) {
  if (rest.starts_with('.')) {
    const std::string_view first = rest.substr(1, rest.find_first_of(".[", 1) - 1);
    if (std::ranges::find(kKinds, first) != kKinds.end()) rest.remove_prefix(1 + first.size());
  }
  return place + dotted(rest);
}

std::string listed(const std::vector<std::string>& places, std::string_view field, std::string_view rest) {
  const auto index = take_index(rest);
  if (!index || *index >= places.size()) return dotted(field);
  return within(places[*index], rest);
}

}  // namespace

std::string Places::of(std::string_view field) const {
  std::string_view rest = field;
  if (take(rest, "messages[")) {
    rest = field.substr(std::string_view("messages").size());
    const auto index = take_index(rest);
    if (!index || *index >= messages.size() || !take(rest, ".content")) return dotted(field);
    return listed(messages[*index], field, rest);
  }
  if (take(rest, "system")) return listed(system, field, rest);
  if (take(rest, "toolConfig.tools")) return listed(tools, field, rest);
  for (const auto& [inside, outside] : kNames) {
    if (take(rest, inside)) return std::string(outside) + dotted(rest);
  }
  return dotted(field);
}

base::Error Places::restate(base::Error error) const {
  if (error.field.empty()) return error;
  const std::string inside = std::exchange(error.field, of(error.field));
  if (inside == error.field) return error;
  for (std::size_t at = error.message.find(inside); at != std::string::npos;
       at = error.message.find(inside, at + error.field.size()))
    error.message.replace(at, inside.size(), error.field);
  return error;
}

}  // namespace caprock::server::anthropic
