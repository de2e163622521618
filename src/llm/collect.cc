#include <fmt/format.h>

#include <map>
#include <type_traits>

#include "llm/chat_model.h"

namespace caprock::llm {
namespace {

base::Error broken(std::string what) {
  return base::Error(base::ErrorKind::kUpstream, "the model's reply cannot be read: " + std::move(what));
}

/// Puts the pieces of a reply together. Blocks are told apart by their number, for they may interleave.
class Collector {
 public:
  base::Result<void> operator()(MessageStart& e) {
    reply_.metadata.id = std::move(e.id);
    reply_.metadata.model = std::move(e.model);
    return {};
  }
  base::Result<void> operator()(TextDelta& e) {
    return with<TextBlock>(e.block, [&](TextBlock& block) { block.text += e.text; });
  }
  base::Result<void> operator()(CitationDelta& e) {
    return with<TextBlock>(e.block, [&](TextBlock& b) { b.citations.push_back(std::move(e.citation)); });
  }
  base::Result<void> operator()(RefusalDelta& e) {
    return with<RefusalBlock>(e.block, [&](RefusalBlock& block) { block.text += e.text; });
  }
  base::Result<void> operator()(ReasoningDelta& e) {
    return with<ReasoningBlock>(e.block, [&](ReasoningBlock& block) {
      block.text += e.text;
      block.signature += e.signature;
      block.redacted += e.redacted;
      if (!e.id.empty()) block.id = e.id;
      if (!e.format.empty()) block.format = e.format;
    });
  }
  base::Result<void> operator()(ToolUseStart& e) {
    return start(
        e.block,
        ToolUseBlock{
            .id = std::move(e.id), .name = std::move(e.name), .input_json = {}, .type = std::move(e.type)});
  }
  base::Result<void> operator()(ToolInputDelta& e) {
    if (!blocks_.contains(e.block)) return base::failure(broken("arguments of a tool that was not named"));
    return with<ToolUseBlock>(e.block, [&](ToolUseBlock& block) { block.input_json += e.json; });
  }
  base::Result<void> operator()(ToolResultStart& e) {
    return start(e.block, ToolResultBlock{.tool_use_id = std::move(e.tool_use_id),
                                          .content = {},
                                          .is_error = e.is_error,
                                          .type = std::move(e.type)});
  }
  base::Result<void> operator()(ToolResultDelta& e) {
    if (!blocks_.contains(e.block)) return base::failure(broken("a result of no tool"));
    return with<ToolResultBlock>(
        e.block, [&](ToolResultBlock& block) { append(block.content, std::move(e.content)); });
  }
  base::Result<void> operator()(ImageDelta& e) {
    return with<ImageBlock>(e.block, [&](ImageBlock& block) {
      if (!e.image.format.empty()) block.format = std::move(e.image.format);
      block.source.bytes += e.image.source.bytes;
      block.source.uri += e.image.source.uri;
    });
  }
  base::Result<void> operator()(BlockStop&) { return {}; }
  base::Result<void> operator()(MessageStop& e) {
    if (stopped_) return base::failure(broken("it ends twice"));
    stopped_ = true;
    reply_.stop = std::move(e);
    return {};
  }
  base::Result<void> operator()(StreamMetadata& e) {
    // What the start said holds where the end is silent.
    if (e.id.empty()) e.id = std::move(reply_.metadata.id);
    if (e.model.empty()) e.model = std::move(reply_.metadata.model);
    reply_.metadata = std::move(e);
    return {};
  }

  base::Result<ChatReply> finish() {
    if (!stopped_)
      return base::failure(
          base::Error(base::ErrorKind::kUpstream, "the model's reply broke off before its end"));
    for (auto& [number, block] : blocks_) reply_.message.content.push_back(std::move(block));
    return std::move(reply_);
  }

 private:
  template <class Block>
  base::Result<void> start(std::int32_t number, Block block) {
    if (stopped_) return base::failure(broken("it goes on after its end"));
    const bool fresh = blocks_.emplace(number, std::move(block)).second;
    if (!fresh) return base::failure(broken(fmt::format("its block {} begins twice", number)));
    return {};
  }

  /// Applies `change` to the block, which is made on first sight.
  template <class Block, class Change>
  base::Result<void> with(std::int32_t number, Change change) {
    if (stopped_) return base::failure(broken("it goes on after its end"));
    auto* block = std::get_if<Block>(&blocks_.try_emplace(number, Block{}).first->second);
    if (block == nullptr) return base::failure(broken(fmt::format("its block {} is of two kinds", number)));
    change(*block);
    return {};
  }

  static void append(std::vector<ToolResultContent>& content, ToolResultContent piece) {
    auto* text = std::get_if<TextBlock>(&piece);
    auto* last = content.empty() ? nullptr : std::get_if<TextBlock>(&content.back());
    if (text != nullptr && last != nullptr)
      last->text += text->text;
    else
      content.push_back(std::move(piece));
  }

  ChatReply reply_{.message = {.role = Role::kAssistant, .content = {}}, .stop = {}, .metadata = {}};
  std::map<std::int32_t, ContentBlock> blocks_;
  bool stopped_ = false;
};

struct Kind {
  std::string_view operator()(const TextBlock&) const { return "text"; }
  std::string_view operator()(const ImageBlock&) const { return "image"; }
  std::string_view operator()(const DocumentBlock&) const { return "document"; }
  std::string_view operator()(const ToolUseBlock&) const { return "toolUse"; }
  std::string_view operator()(const ToolResultBlock&) const { return "toolResult"; }
  std::string_view operator()(const ReasoningBlock&) const { return "reasoningContent"; }
  std::string_view operator()(const CachePointBlock&) const { return "cachePoint"; }
  std::string_view operator()(const VideoBlock&) const { return "video"; }
  std::string_view operator()(const AudioBlock&) const { return "audio"; }
  std::string_view operator()(const SearchResultBlock&) const { return "searchResult"; }
  std::string_view operator()(const GuardBlock&) const { return "guardContent"; }
  std::string_view operator()(const RefusalBlock&) const { return "refusal"; }
  std::string_view operator()(const ToolChangeBlock& b) const {
    return b.added ? "toolAddition" : "toolRemoval";
  }
};

}  // namespace

std::string_view kind_of(const ContentBlock& block) { return std::visit(Kind{}, block); }

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
  Collector collector;
  while (true) {
    CAPROCK_CO_TRY(auto event, co_await stream.next());
    if (!event) co_return collector.finish();
    CAPROCK_CO_CHECK(std::visit(collector, *event));
  }
}

}  // namespace caprock::llm
