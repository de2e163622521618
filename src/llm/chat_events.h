#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "llm/content.h"
#include "llm/usage.h"

namespace caprock::llm {

enum class StopReason : std::uint8_t {
  kEndTurn,
  kMaxTokens,
  kStopSequence,
  kToolUse,
  kContentFiltered,
  kGuardrail,
  kRefusal,                ///< Anthropic: the model declined
  kPauseTurn,              ///< Anthropic: a long turn, to be sent back to go on
  kMalformedOutput,        ///< the model wrote what the provider could not read
  kMalformedToolUse,       ///< so for a tool's arguments
  kContextWindowExceeded,  ///< the model's window ended before its answer did
};

// Events in the order of ConverseStream. A stream ends with one MessageStop and one StreamMetadata, or with
// an error: nothing else may be taken for an end. `block` counts the blocks of the message from 0; blocks may
// interleave (parallel tool calls). New kinds may come: readers ignore what they do not know.

/// What the provider says before the first block, if it does.
struct MessageStart {
  std::string id = {};              ///< the provider's id of the reply
  std::string model = {};           ///< the model that answers
  std::optional<Usage> usage = {};  ///< of the input, so far; StreamMetadata has the whole
};
struct TextDelta {
  std::int32_t block = 0;
  std::string text;
};
struct CitationDelta {
  std::int32_t block = 0;
  Citation citation;
};
struct RefusalDelta {
  std::int32_t block = 0;
  std::string text;
};
struct ReasoningDelta {
  std::int32_t block = 0;
  std::string text;
  std::string signature = {};
  std::string redacted = {};  ///< whole: base64 does not come in pieces
  std::string id = {};
  std::string format = {};
};
struct ToolUseStart {
  std::int32_t block = 0;
  std::string id;
  std::string name;
  std::string type = {};
};
struct ToolInputDelta {
  std::int32_t block = 0;
  std::string json;
};
/// A tool that the provider ran.
struct ToolResultStart {
  std::int32_t block = 0;
  std::string tool_use_id;
  bool is_error = false;
  std::string type = {};
};
struct ToolResultDelta {
  std::int32_t block = 0;
  ToolResultContent content;
};
/// An image that the model made. Bytes of the same block are joined.
struct ImageDelta {
  std::int32_t block = 0;
  ImageBlock image;
};
struct BlockStop {
  std::int32_t block = 0;
};
struct MessageStop {
  StopReason reason = StopReason::kEndTurn;
  std::string stop_sequence = {};           ///< the one that matched, where the provider says
  std::string additional_fields_json = {};  ///< what `additional_response_fields` asked for
};
struct StreamMetadata {
  Usage usage;
  bool usage_known = true;  ///< false: the provider did not say, and the zeros mean nothing
  std::string model = {};   ///< the model that answered
  std::string id = {};      ///< the provider's id of the reply
  std::optional<std::int64_t> latency_ms = {};
  std::string service_tier = {};
  std::string latency = {};     ///< standard, optimized
  std::string trace_json = {};  ///< of guardrail and prompt router
};
using StreamEvent = std::variant<TextDelta, ReasoningDelta, ToolUseStart, ToolInputDelta, BlockStop,
                                 MessageStop, StreamMetadata, MessageStart, CitationDelta, RefusalDelta,
                                 ToolResultStart, ToolResultDelta, ImageDelta>;

}  // namespace caprock::llm
