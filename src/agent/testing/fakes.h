#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "rag/answer/answerer.h"
#include "stores/conversation_store.h"

namespace caprock::agent::testing {

/// Conversations in memory, with the idempotency rules of the interface.
class MemoryConversations final : public stores::ConversationStore {
 public:
  using Context = base::RequestContext;
  base::Awaitable<base::Result<std::uint64_t>> append(const Context& context, stores::ConversationId id,
                                                      stores::StoredMessage message,
                                                      std::optional<stores::IdempotencyEntry> once) override;
  base::Awaitable<base::Result<stores::Conversation>> get(const Context& context,
                                                          stores::ConversationId id) override;
  base::Awaitable<base::Result<stores::Page<stores::StoredMessage>>> messages(
      const Context& context, stores::ConversationId id, stores::PageRequest page) override;
  base::Awaitable<base::Result<std::vector<stores::StoredMessage>>> last(const Context& context,
                                                                         stores::ConversationId id,
                                                                         std::uint32_t count) override;
  base::Awaitable<base::Result<stores::Page<stores::Conversation>>> list(const Context& context,
                                                                         stores::PageRequest page) override;
  base::Awaitable<base::Result<void>> remove(const Context& context, stores::ConversationId id) override;
  base::Awaitable<base::Result<std::optional<stores::IdempotencyEntry>>> find_once(
      const Context& context, stores::IdempotencyEntry entry) override;

  std::map<std::string, std::vector<stores::StoredMessage>> all;

 private:
  std::map<std::string, std::pair<stores::IdempotencyEntry, std::uint64_t>> once_;
};

/// Answers what it is told to, and keeps what it was asked.
class ScriptedAnswerer final : public rag::QuestionAnswerer {
 public:
  base::Awaitable<base::Result<rag::Answer>> ask(const base::RequestContext& context, rag::AskRequest request,
                                                 rag::AnswerSink sink) const override;
  /// "The engine failed." with one passage and one citation of page 3.
  static rag::Answer sample();

  base::Result<rag::Answer> answer = sample();
  bool speaks_before_error = false;
  std::function<base::Awaitable<void>()> before_answer;  ///< may be empty
  mutable std::vector<rag::AskRequest> asked;
};

}  // namespace caprock::agent::testing
