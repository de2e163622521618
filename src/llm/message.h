#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace caprock::llm {

// The neutral vocabulary is that of Amazon Bedrock's Converse:
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
// JSON documents (tool input, tool schema) are kept as their text, so that nothing is lost by re-modelling.

enum class Role : std::uint8_t { kSystem, kUser, kAssistant };

struct TextBlock {
  std::string text;
};
struct ImageBlock {
  std::string format;  ///< png, jpeg, gif, webp
  std::string bytes;
};
struct DocumentBlock {
  std::string format;
  std::string name;
  std::string bytes;
};
struct ToolUseBlock {
  std::string id;
  std::string name;
  std::string input_json;
};
struct ToolResultBlock {
  std::string tool_use_id;
  std::string content_json;  ///< a JSON array of Converse tool-result contents
  bool is_error = false;
};
struct ReasoningBlock {
  std::string text;       ///< empty for redacted reasoning
  std::string signature;  ///< sent back unchanged, or the next turn is refused
  std::string redacted;   ///< opaque bytes
};
struct CachePointBlock {
  std::string ttl;  ///< "5m", "1h", or empty for the default
};

using ContentBlock = std::variant<TextBlock, ImageBlock, DocumentBlock, ToolUseBlock, ToolResultBlock,
                                  ReasoningBlock, CachePointBlock>;

struct Message {
  Role role = Role::kUser;
  std::vector<ContentBlock> content;
};

/// The text blocks of a message, joined by blank lines.
std::string text_of(const Message& message);
Message text_message(Role role, std::string text);

/// Only what the caller set is sent, and only as far as the model takes it.
struct InferenceSettings {
  std::optional<std::int64_t> max_tokens;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> top_k;
  std::vector<std::string> stop_sequences;
};

struct ToolSpec {
  std::string name;
  std::string description;
  std::string input_schema_json;
};

struct Usage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t total() const { return input_tokens + output_tokens; }
};

}  // namespace caprock::llm
