#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/call_meter.h"
#include "gateway/leash.h"
#include "llm/chat_model.h"

namespace caprock::gateway {

using ChatResult = base::Result<std::unique_ptr<llm::ChatStream>>;

/// What comes after a stage.
class ChatNext {
 public:
  virtual ~ChatNext() = default;
  virtual base::Awaitable<ChatResult> converse(const base::RequestContext& context, llm::ChatRequest request,
                                               CallTrace& trace) = 0;
};

/// A stage on the way of a model call: admission, budget, cache, routing … It sees the request before `next`
/// does and the outcome after, also on error; what it must undo when a stream ends early it undoes in the
/// stream it returns. `trace` lives until that stream is gone.
class ChatStage {
 public:
  virtual ~ChatStage() = default;
  virtual base::Awaitable<ChatResult> converse(const base::RequestContext& context, llm::ChatRequest request,
                                               CallTrace& trace, ChatNext& next) = 0;
};

/// The chain that every model call goes through, outermost stage first. Every call is measured around all of
/// it and recorded once. Thread safe when its stages are.
class ChatGateway {
 public:
  struct Parts {
    std::shared_ptr<UsageSink> sink;
    const base::Clock& clock;
    std::optional<DrainLimits> drain = {};  ///< nothing: a reply whose reader has gone is aborted
  };
  /// The last stage makes the attempt.
  ChatGateway(std::vector<std::unique_ptr<ChatStage>> stages, Parts parts);
  ~ChatGateway();
  base::Awaitable<ChatResult> converse(const base::RequestContext& context, llm::ChatRequest request,
                                       std::string_view surface);

 private:
  class Link;
  const Parts parts_;
  std::vector<std::unique_ptr<Link>> links_;  ///< innermost first
  ChatNext* first_;
};

/// The gateway as one surface sees it: a plain model, whose calls are recorded under the surface's name.
class ChatDoor final : public llm::ChatModel {
 public:
  /// `surface` is a constant. The gateway must outlive it.
  ChatDoor(ChatGateway& gateway, std::string_view surface) : gateway_(gateway), surface_(surface) {}
  base::Awaitable<ChatResult> converse(const base::RequestContext& context,
                                       llm::ChatRequest request) override {
    return gateway_.converse(context, std::move(request), surface_);
  }

 private:
  ChatGateway& gateway_;
  const std::string_view surface_;
};

}  // namespace caprock::gateway
