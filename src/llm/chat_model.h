#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/message.h"

namespace caprock::llm {

struct ChatRequest {
  std::string model;  ///< id, alias or ARN as the caller wrote it; empty for the default
  std::vector<Message> messages;
  std::vector<ContentBlock> system;
  InferenceSettings inference;
  std::vector<ToolSpec> tools;
  std::string response_schema_json;  ///< when set, the reply must be one JSON document of this schema
};

enum class StopReason : std::uint8_t {
  kEndTurn,
  kMaxTokens,
  kStopSequence,
  kToolUse,
  kContentFiltered,
  kGuardrail
};

// Events in the order of ConverseStream. A stream ends with one MessageStop and one StreamMetadata, or with
// an error: nothing else may be taken for an end.
struct TextDelta {
  std::int32_t block = 0;
  std::string text;
};
struct ReasoningDelta {
  std::int32_t block = 0;
  std::string text;
  std::string signature;
  std::string redacted;
};
struct ToolUseStart {
  std::int32_t block = 0;
  std::string id;
  std::string name;
};
struct ToolInputDelta {
  std::int32_t block = 0;
  std::string json;
};
struct BlockStop {
  std::int32_t block = 0;
};
struct MessageStop {
  StopReason reason = StopReason::kEndTurn;
};
struct StreamMetadata {
  Usage usage;
  std::string model;  ///< the model that answered
};
using StreamEvent = std::variant<TextDelta, ReasoningDelta, ToolUseStart, ToolInputDelta, BlockStop,
                                 MessageStop, StreamMetadata>;

/// A reply while it comes, pulled one event at a time: back-pressure is not pulling. One coroutine at a time.
class ChatStream {
 public:
  virtual ~ChatStream() = default;
  /// The next event; empty after the last. An error ends the stream.
  virtual base::Awaitable<base::Result<std::optional<StreamEvent>>> next() = 0;
};

/// Something that converses. Thread safe. Errors: those of the provider, mapped to ErrorKind; kUnprocessable
/// with field "messages" when the context is too long for the model.
class ChatModel {
 public:
  virtual ~ChatModel() = default;
  virtual base::Awaitable<base::Result<std::unique_ptr<ChatStream>>> converse(
      const base::RequestContext& context, ChatRequest request) = 0;
};

/// A whole reply, collected from a stream.
struct ChatReply {
  Message message;
  StopReason stop = StopReason::kEndTurn;
  Usage usage;
  std::string model;
};
base::Awaitable<base::Result<ChatReply>> collect(ChatStream& stream);

}  // namespace caprock::llm
