#include "server/surfaces/anthropic/messages/conversation.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>
#include <set>

#include "base/json/members.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Members;
using base::Result;

namespace {

Result<llm::Role> read_role(const Members& message) {
  CAPROCK_TRY(const auto role, message.required_text("role"));
  if (role == "user") return llm::Role::kUser;
  if (role == "assistant") return llm::Role::kAssistant;
  if (role == "system") return llm::Role::kSystem;
  return failure(invalid_argument(
      message.path("role"),
      fmt::format("'{}' must be 'user', 'assistant' or 'system', not '{}'.", message.path("role"), role)));
}

class ConversationReader {
 public:
  ConversationReader(llm::ChatRequest& request, Places& places, Ignored& ignored)
      : request_(request), places_(places), ignored_(ignored) {}

  Result<void> read(const json::value& value, const std::string& at, bool last) {
    const json::object* object = value.if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    const Members message(*object, at);
    note_unknown(ignored_, *object, at + ".", {"role", "content"});
    CAPROCK_TRY(const auto role, read_role(message));
    const json::value* content = message.find("content");
    if (content == nullptr)
      return failure(invalid_argument(message.path("content"),
                                      fmt::format("'{}' must be given.", message.path("content"))));
    CAPROCK_TRY(auto placed, read_content(*content, message.path("content"), role, ignored_));
    if (placed.blocks.empty()) {
      // An empty turn of the assistant at the end asks for what its absence asks for.
      if (last && role == llm::Role::kAssistant) return {};
      return failure(invalid_argument(message.path("content"),
                                      fmt::format("'{}' must not be empty.", message.path("content"))));
    }
    add(role, std::move(placed));
    return {};
  }

  /// Every call answered, and nothing else.
  Result<void> check_tools() const {
    std::set<std::string> open;
    std::string place;
    for (std::size_t i = 0; i < request_.messages.size(); ++i) {
      CAPROCK_CHECK(take_results(i, open));
      if (!open.empty()) return failure(unanswered(open, place));
      note_calls(i, open, place);
    }
    if (!open.empty()) return failure(unanswered(open, place));
    return {};
  }

 private:
  void add(llm::Role role, PlacedBlocks placed) {
    if (request_.messages.empty() || request_.messages.back().role != role) {
      request_.messages.push_back({role, {}});
      places_.messages.emplace_back();
    }
    std::ranges::move(placed.blocks, std::back_inserter(request_.messages.back().content));
    std::ranges::move(placed.places, std::back_inserter(places_.messages.back()));
  }

  Result<void> take_results(std::size_t i, std::set<std::string>& open) const {
    const auto& blocks = request_.messages[i].content;
    for (std::size_t j = 0; j < blocks.size(); ++j) {
      const auto* result = std::get_if<llm::ToolResultBlock>(&blocks[j]);
      if (result == nullptr || open.erase(result->tool_use_id) > 0) continue;
      const std::string field = places_.messages[i][j] + ".tool_use_id";
      return failure(invalid_argument(
          field, fmt::format("'{}': the message before has no `tool_use` block with the id '{}'.", field,
                             result->tool_use_id)));
    }
    return {};
  }

  void note_calls(std::size_t i, std::set<std::string>& open, std::string& place) const {
    const auto& blocks = request_.messages[i].content;
    for (std::size_t j = 0; j < blocks.size(); ++j) {
      const auto* call = std::get_if<llm::ToolUseBlock>(&blocks[j]);
      if (call == nullptr) continue;
      if (open.empty()) place = places_.messages[i][j];
      open.insert(call->id);
    }
  }

  static base::Error unanswered(const std::set<std::string>& open, const std::string& place) {
    std::string ids;
    for (const std::string& id : open) ids += (ids.empty() ? "" : ", ") + id;
    return invalid_argument(
        place, fmt::format("'{}': the next message must have a `tool_result` block for each call, and "
                           "there is none for: {}.",
                           place, ids));
  }

  llm::ChatRequest& request_;
  Places& places_;
  Ignored& ignored_;
};

}  // namespace

Result<void> read_messages(const json::value& messages, llm::ChatRequest& request, Places& places,
                           Ignored& ignored) {
  const json::array* list = messages.if_array();
  if (list == nullptr || list->empty())
    return failure(invalid_argument("messages", "'messages' must be an array of at least one message."));
  ConversationReader reader(request, places, ignored);
  for (std::size_t i = 0; i < list->size(); ++i)
    CAPROCK_CHECK(reader.read((*list)[i], fmt::format("messages.{}", i), i + 1 == list->size()));
  if (request.messages.empty() || request.messages.front().role == llm::Role::kAssistant)
    return failure(
        invalid_argument("messages.0.role", "'messages.0.role': the first message must be the user's."));
  return reader.check_tools();
}

}  // namespace caprock::server::anthropic
