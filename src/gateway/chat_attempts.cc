#include "gateway/chat_attempts.h"

namespace caprock::gateway {
namespace {

using base::failure;
using base::Result;
using Next = Result<std::optional<llm::StreamEvent>>;
using Stream = std::unique_ptr<llm::ChatStream>;

/// A reply whose first event was awaited already.
class BegunStream final : public llm::ChatStream {
 public:
  BegunStream(llm::StreamEvent first, Stream rest) : first_(std::move(first)), rest_(std::move(rest)) {}
  // No coroutine of its own around those that follow: it would cost every event.
  base::Awaitable<Next> next() override { return first_ ? begin() : rest_->next(); }

 private:
  base::Awaitable<Next> begin() { co_return std::exchange(first_, std::nullopt); }

  std::optional<llm::StreamEvent> first_;
  Stream rest_;
};

class OneAttempt final : public Attempt<Stream> {
 public:
  OneAttempt(llm::ChatModel& model, const llm::ChatRequest& request) : model_(model), request_(request) {}

  base::Awaitable<Result<Stream>> make(const base::RequestContext& context, const Target& target) override {
    llm::ChatRequest request = request_;
    request.model = target.id;
    CAPROCK_CO_TRY(Stream stream, co_await model_.converse(context, std::move(request)));
    CAPROCK_CO_TRY(auto first, co_await stream->next());
    if (!first)
      co_return failure(base::Error(base::ErrorKind::kUpstream, "the model's reply is empty")
                            .with_cause(base::ErrorCause::kBrokenOff));
    co_return std::make_unique<BegunStream>(*std::move(first), std::move(stream));
  }

 private:
  llm::ChatModel& model_;
  const llm::ChatRequest& request_;
};

}  // namespace

base::Awaitable<ChatResult> ChatAttempts::converse(const base::RequestContext& context,
                                                   llm::ChatRequest request, CallTrace& trace, ChatNext&) {
  Attempts::Ask ask{.model = request.model};
  if (auto plan = attempts_.plan(request.model); plan && (*plan)->has_twins)
    ask.conversation = conversation_of(context.principal.tenant, request);
  OneAttempt attempt(last_, request);
  co_return co_await attempts_.run<Stream>(context, std::move(ask), attempt, trace);
}

}  // namespace caprock::gateway
