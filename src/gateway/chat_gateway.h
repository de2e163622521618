#pragma once

#include <memory>
#include <vector>

#include "llm/chat_model.h"

namespace caprock::gateway {

/// A stage on the way of a model call: admission, budget, cache, routing … It sees the request before `next`
/// does and the outcome after, also on error; what it must undo when a stream ends early it undoes in the
/// stream it returns.
class ChatStage {
 public:
  virtual ~ChatStage() = default;
  virtual base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request, llm::ChatModel& next) = 0;
};

/// The chain that every model call goes through, outermost stage first. Callers see a plain ChatModel. Thread
/// safe when its stages are.
class ChatGateway final : public llm::ChatModel {
 public:
  /// `last` makes the attempt and must outlive the gateway.
  ChatGateway(std::vector<std::unique_ptr<ChatStage>> stages, llm::ChatModel& last);
  ~ChatGateway() override;
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;

 private:
  class Link;
  std::vector<std::unique_ptr<Link>> links_;  ///< innermost first
  llm::ChatModel* first_;
};

}  // namespace caprock::gateway
