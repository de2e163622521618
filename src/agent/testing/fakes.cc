#include "agent/testing/fakes.h"

#include <algorithm>
#include <charconv>

namespace caprock::agent::testing {

using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;
using stores::ConversationId;
using stores::StoredMessage;

namespace {

base::Error unknown() { return base::not_found("There is no such conversation."); }

template <class T>
stores::Page<T> page_of(const std::vector<T>& items, const stores::PageRequest& page) {
  std::size_t at = 0;
  std::from_chars(page.cursor.data(), page.cursor.data() + page.cursor.size(), at);
  stores::Page<T> out;
  for (; at < items.size() && out.items.size() < page.limit; ++at) out.items.push_back(items[at]);
  if (at < items.size()) out.next_cursor = std::to_string(at);
  return out;
}

}  // namespace

Awaitable<Result<std::uint64_t>> MemoryConversations::append(const Context& context, ConversationId id,
                                                             StoredMessage message,
                                                             std::optional<stores::IdempotencyEntry> once) {
  if (once) {
    CAPROCK_CO_TRY(const auto earlier, co_await find_once(context, *once));
    if (earlier) co_return once_.at(once->route + once->key).second;
  }
  auto& list = all[id.str()];
  if (!list.empty() && list.front().user != context.principal.user) co_return failure(unknown());
  message.sequence = list.size() + 1;
  list.push_back(message);
  if (once) once_[once->route + once->key] = {*once, message.sequence};
  co_return message.sequence;
}

Awaitable<Result<stores::Conversation>> MemoryConversations::get(const Context& context, ConversationId id) {
  const auto found = all.find(id.str());
  if (found == all.end() || found->second.front().user != context.principal.user)
    co_return failure(unknown());
  const auto& list = found->second;
  co_return stores::Conversation{.id = id,
                                 .user = list.front().user,
                                 .title = llm::text_of(list.front().message),
                                 .messages = list.size(),
                                 .created_at = list.front().at,
                                 .updated_at = list.back().at};
}

Awaitable<Result<stores::Page<StoredMessage>>> MemoryConversations::messages(const Context& context,
                                                                             ConversationId id,
                                                                             stores::PageRequest page) {
  CAPROCK_CO_CHECK(co_await get(context, id));
  co_return page_of(all.at(id.str()), page);
}

Awaitable<Result<std::vector<StoredMessage>>> MemoryConversations::last(const Context& context,
                                                                        ConversationId id,
                                                                        std::uint32_t count) {
  CAPROCK_CO_CHECK(co_await get(context, id));
  const auto& list = all.at(id.str());
  const auto skip = list.size() - std::min<std::size_t>(count, list.size());
  co_return std::vector<StoredMessage>(list.begin() + static_cast<std::ptrdiff_t>(skip), list.end());
}

Awaitable<Result<stores::Page<stores::Conversation>>> MemoryConversations::list(const Context& context,
                                                                                stores::PageRequest page) {
  std::vector<stores::Conversation> mine;
  for (const auto& [id, messages] : all) {
    if (auto found = co_await get(context, ConversationId(id))) mine.push_back(*found);
  }
  std::ranges::sort(mine, std::greater(), &stores::Conversation::updated_at);
  co_return page_of(mine, page);
}

Awaitable<Result<void>> MemoryConversations::remove(const Context& context, ConversationId id) {
  CAPROCK_CO_CHECK(co_await get(context, id));
  all.erase(id.str());
  co_return Result<void>{};
}

Awaitable<Result<std::optional<stores::IdempotencyEntry>>> MemoryConversations::find_once(
    const Context&, stores::IdempotencyEntry entry) {
  const auto found = once_.find(entry.route + entry.key);
  if (found == once_.end()) co_return std::optional<stores::IdempotencyEntry>();
  if (found->second.first.body_sha256 != entry.body_sha256) {
    co_return failure(Error(ErrorKind::kUnprocessable, "This Idempotency-Key was used with another body.")
                          .with_field("Idempotency-Key"));
  }
  co_return found->second.first;
}

rag::Answer ScriptedAnswerer::sample() {
  rag::Answer answer{.text = "The engine failed."};
  rag::Passage passage;
  passage.key = {stores::DocumentId("0190b5a0-0000-7000-8000-000000000001"), 1, 0};
  passage.chunk = {.index = 0, .span = {0, 21}, .token_count = 4, .content = "The engine failed. Why"};
  passage.title = "Report";
  passage.source = "report.pdf";
  passage.score = 0.75;
  answer.citations.push_back({.number = 1,
                              .answer_span = {0, 18},
                              .chunk = passage.key,
                              .quote = "The engine failed.",
                              .source_span = {0, 18},
                              .title = "Report",
                              .source = "report.pdf",
                              .page = 3});
  answer.passages.push_back(std::move(passage));
  answer.model = "extractive";
  answer.confidence = 0.9;
  return answer;
}

Awaitable<Result<rag::Answer>> ScriptedAnswerer::ask(const base::RequestContext& context,
                                                     rag::AskRequest request, rag::AnswerSink sink) const {
  asked.push_back(request);
  if (before_answer) co_await before_answer();
  CAPROCK_CO_CHECK(context.check());
  if (sink && (answer || speaks_before_error)) {
    const auto told = answer ? *answer : sample();
    const rag::Retrieval retrieval{.passages = told.passages};
    const std::string question = request.retrieve.query;
    CAPROCK_CO_CHECK(co_await sink(rag::Retrieved{retrieval, question}));
    CAPROCK_CO_CHECK(co_await sink(rag::Token{told.text.substr(0, 4)}));
    if (answer) CAPROCK_CO_CHECK(co_await sink(rag::Token{told.text.substr(4)}));
    for (const auto& citation : told.citations) CAPROCK_CO_CHECK(co_await sink(citation));
  }
  co_return answer;
}

}  // namespace caprock::agent::testing
