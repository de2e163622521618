#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/chat_events.h"
#include "llm/chat_request.h"

namespace caprock::llm {

/// A reply while it comes, pulled one event at a time: back-pressure is not pulling. One coroutine at a time.
/// Dropping it before its end aborts the call.
class ChatStream {
 public:
  virtual ~ChatStream() = default;
  /// The next event; empty after the last. An error ends the stream.
  virtual base::Awaitable<base::Result<std::optional<StreamEvent>>> next() = 0;
  /// Who answers and why, for the reply's metadata; empty where nobody chose.
  virtual std::string_view route() const { return {}; }
};

/// Something that converses. Thread safe. Errors: those of the provider, mapped to ErrorKind; kUnprocessable
/// with field "messages" when the context is too long for the model, kInvalidArgument with the field that
/// neither the wire nor the model can express. A stream is only returned when the provider accepted the
/// request.
class ChatModel {
 public:
  virtual ~ChatModel() = default;
  virtual base::Awaitable<base::Result<std::unique_ptr<ChatStream>>> converse(
      const base::RequestContext& context, ChatRequest request) = 0;
};

/// A whole reply, collected from a stream.
struct ChatReply {
  Message message;
  MessageStop stop;
  StreamMetadata metadata;
};
/// kUpstream when the stream ends without MessageStop, or contradicts itself; and the errors of the stream.
base::Awaitable<base::Result<ChatReply>> collect(ChatStream& stream);

}  // namespace caprock::llm
