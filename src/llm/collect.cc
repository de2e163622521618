#include <type_traits>

#include "llm/chat_model.h"

namespace caprock::llm {
namespace {

// The block a delta belongs to, made on first sight. Blocks come in order, so the last one of the kind is it.
template <class Block>
Block& block_at(std::vector<ContentBlock>& content, std::int32_t index) {
  const auto wanted = static_cast<std::size_t>(index < 0 ? 0 : index);
  if (content.size() <= wanted || !std::holds_alternative<Block>(content.back()))
    content.emplace_back(Block{});
  return std::get<Block>(content.back());
}

struct Collector {
  ChatReply& reply;
  void operator()(TextDelta& e) { block_at<TextBlock>(reply.message.content, e.block).text += e.text; }
  void operator()(ReasoningDelta& e) {
    auto& block = block_at<ReasoningBlock>(reply.message.content, e.block);
    block.text += e.text;
    block.signature += e.signature;
    block.redacted += e.redacted;
  }
  void operator()(ToolUseStart& e) {
    reply.message.content.emplace_back(ToolUseBlock{.id = e.id, .name = e.name, .input_json = {}});
  }
  void operator()(ToolInputDelta& e) {
    block_at<ToolUseBlock>(reply.message.content, e.block).input_json += e.json;
  }
  void operator()(BlockStop&) {}
  void operator()(MessageStop& e) { reply.stop = e.reason; }
  void operator()(StreamMetadata& e) {
    reply.usage = e.usage;
    reply.model = e.model;
  }
};

}  // namespace

std::string text_of(const Message& message) {
  std::string text;
  for (const ContentBlock& block : message.content) {
    const auto* part = std::get_if<TextBlock>(&block);
    if (part == nullptr) continue;
    if (!text.empty()) text += "\n\n";
    text += part->text;
  }
  return text;
}

Message text_message(Role role, std::string text) {
  Message message{.role = role, .content = {}};
  message.content.emplace_back(TextBlock{std::move(text)});
  return message;
}

base::Awaitable<base::Result<ChatReply>> collect(ChatStream& stream) {
  ChatReply reply;
  reply.message.role = Role::kAssistant;
  bool stopped = false;
  while (true) {
    CAPROCK_CO_TRY(auto event, co_await stream.next());
    if (!event) break;
    stopped = stopped || std::holds_alternative<MessageStop>(*event);
    std::visit(Collector{reply}, *event);
  }
  if (!stopped)
    co_return base::failure(
        base::Error(base::ErrorKind::kUpstream, "the model's reply broke off before its end"));
  co_return reply;
}

}  // namespace caprock::llm
