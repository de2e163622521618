#include "llm/token_estimate.h"

#include "base/utf8.h"

namespace caprock::llm {
namespace {

// https://docs.claude.com/en/docs/build-with-claude/vision: width × height / 750, at most about 1,600.
constexpr std::int64_t kImage = 1'600;
// What a message or a tool costs besides its words: its role and delimiters.
constexpr std::int64_t kFrame = 4;
constexpr char32_t kFirstIdeograph = 0x2E80;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Test>
std::size_t run_of(std::string_view text, std::size_t from, Test test) {
  std::size_t end = from;
  while (end < text.size() && test(text[end])) ++end;
  return end - from;
}

/// Most English words up to seven letters are one piece; longer ones break every five letters or so.
std::int64_t word_tokens(std::size_t letters) {
  return letters <= 7 ? 1 : 1 + static_cast<std::int64_t>((letters - 3) / 5);
}

std::int64_t of_bytes(const MediaSource& source) {
  return static_cast<std::int64_t>(source.bytes.size() / 4);
}

class BlockEstimate {
 public:
  std::int64_t operator()(const TextBlock& block) const { return estimate_tokens(block.text); }
  std::int64_t operator()(const ImageBlock&) const { return kImage; }
  std::int64_t operator()(const DocumentBlock& block) const {
    std::int64_t tokens = estimate_tokens(block.text) + of_texts(block.content) +
                          estimate_tokens(block.name) + estimate_tokens(block.context);
    const bool text = block.format == "txt" || block.format == "md" || block.format == "csv";
    return tokens + (text ? estimate_tokens(block.source.bytes) : of_bytes(block.source));
  }
  std::int64_t operator()(const ToolUseBlock& block) const {
    return kFrame + estimate_tokens(block.name) + estimate_tokens(block.input_json);
  }
  std::int64_t operator()(const ToolResultBlock& block) const {
    std::int64_t tokens = kFrame;
    for (const ToolResultContent& part : block.content) tokens += std::visit(*this, part);
    return tokens;
  }
  std::int64_t operator()(const ReasoningBlock& block) const {
    return estimate_tokens(block.text) + static_cast<std::int64_t>(block.redacted.size() / 4);
  }
  std::int64_t operator()(const CachePointBlock&) const { return 0; }
  std::int64_t operator()(const VideoBlock& block) const { return of_bytes(block.source); }
  std::int64_t operator()(const AudioBlock& block) const { return of_bytes(block.source); }
  std::int64_t operator()(const SearchResultBlock& block) const {
    return estimate_tokens(block.title) + estimate_tokens(block.source) + of_texts(block.content);
  }
  std::int64_t operator()(const GuardBlock& block) const {
    return estimate_tokens(block.text) + (block.image ? kImage : 0);
  }
  std::int64_t operator()(const RefusalBlock& block) const { return estimate_tokens(block.text); }
  std::int64_t operator()(const ToolChangeBlock& block) const { return estimate_tokens(block.name); }
  std::int64_t operator()(const JsonBlock& block) const { return estimate_tokens(block.json); }

 private:
  static std::int64_t of_texts(const std::vector<std::string>& texts) {
    std::int64_t tokens = 0;
    for (const std::string& text : texts) tokens += estimate_tokens(text);
    return tokens;
  }
};

std::int64_t of_blocks(const std::vector<ContentBlock>& blocks) {
  std::int64_t tokens = 0;
  for (const ContentBlock& block : blocks) tokens += std::visit(BlockEstimate{}, block);
  return tokens;
}

std::int64_t of_tool(const Tool& tool) {
  if (const auto* spec = std::get_if<ToolSpec>(&tool))
    return kFrame + estimate_tokens(spec->name) + estimate_tokens(spec->description) +
           estimate_tokens(spec->input_schema_json);
  const auto* system = std::get_if<SystemTool>(&tool);
  return system == nullptr ? 0 : kFrame + estimate_tokens(system->name);
}

}  // namespace

std::int64_t estimate_tokens(std::string_view text) {
  std::int64_t tokens = 0;
  std::size_t half_letters = 0;  // scripts that are neither Latin nor ideographs: two letters a piece
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t letters = run_of(text, i, is_letter); letters > 0) {
      tokens += word_tokens(letters);
      i += letters;
    } else if (const std::size_t digits = run_of(text, i, is_digit); digits > 0) {
      tokens += static_cast<std::int64_t>((digits + 1) / 2);
      i += digits;
    } else if (static_cast<unsigned char>(text[i]) < 0x80) {
      tokens += text[i] > ' ' ? 1 : 0;
      ++i;
    } else if (base::next_code_point(text, i) >= kFirstIdeograph) {
      ++tokens;
    } else {
      ++half_letters;
    }
  }
  return tokens + static_cast<std::int64_t>((half_letters + 1) / 2);
}

std::int64_t estimate_tokens(const ChatRequest& request) {
  std::int64_t tokens = of_blocks(request.system);
  for (const Message& message : request.messages) tokens += kFrame + of_blocks(message.content);
  for (const Tool& tool : request.tools) tokens += of_tool(tool);
  return tokens;
}

}  // namespace caprock::llm
