#pragma once

#include <memory>

#include "llm/chat_model.h"
#include "providers/openai_compatible/server.h"

namespace caprock::providers::openai {

/// Chat completions of one server. One attempt, no retry. `request.model` is the id as the server knows it.
/// Thread safe; a stream belongs to the loop that asked for it.
class Chat final : public llm::ChatModel {
 public:
  explicit Chat(std::shared_ptr<const Server> server) : server_(std::move(server)) {}
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(
      const base::RequestContext& context, llm::ChatRequest request) override;

 private:
  std::shared_ptr<const Server> server_;
};

}  // namespace caprock::providers::openai
