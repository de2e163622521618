#pragma once

#include "gateway/attempts.h"
#include "gateway/chat_gateway.h"

namespace caprock::gateway {

/// The last stage: asks the targets of the request's model, in turn and again, until the first event of a
/// reply is there. After it nothing is asked again: the stream is the client's.
class ChatAttempts final : public ChatStage {
 public:
  /// Both must outlive it. `last` makes one attempt; it is given ids of targets.
  ChatAttempts(Attempts& attempts, llm::ChatModel& last) : attempts_(attempts), last_(last) {}
  base::Awaitable<ChatResult> converse(const base::RequestContext& context, llm::ChatRequest request,
                                       CallTrace& trace, ChatNext& next) override;

 private:
  Attempts& attempts_;
  llm::ChatModel& last_;
};

}  // namespace caprock::gateway
