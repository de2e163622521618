#include "gateway/chat_gateway.h"

#include <ranges>

namespace caprock::gateway {

// A stage with what comes after it.
class ChatGateway::Link final : public llm::ChatModel {
 public:
  Link(std::unique_ptr<ChatStage> stage, llm::ChatModel& next) : stage_(std::move(stage)), next_(next) {}
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override {
    co_return co_await stage_->converse(context, std::move(request), next_);
  }

 private:
  std::unique_ptr<ChatStage> stage_;
  llm::ChatModel& next_;
};

ChatGateway::ChatGateway(std::vector<std::unique_ptr<ChatStage>> stages, llm::ChatModel& last)
    : first_(&last) {
  for (auto& stage : stages | std::views::reverse) {
    links_.push_back(std::make_unique<Link>(std::move(stage), *first_));
    first_ = links_.back().get();
  }
}

ChatGateway::~ChatGateway() = default;

base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> ChatGateway::converse(
    const base::RequestContext& context, llm::ChatRequest request) {
  CAPROCK_CO_CHECK(context.check());
  co_return co_await first_->converse(context, std::move(request));
}

}  // namespace caprock::gateway
