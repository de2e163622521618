#pragma once

#include "stores/conversation_store.h"
#include "stores/sqlite/database.h"

namespace caprock::stores {

/// ConversationStore over SQLite.
class SqliteConversationStore final : public ConversationStore {
 public:
  explicit SqliteConversationStore(Database& db, const base::Clock& clock = base::system_clock())
      : db_(db), clock_(clock) {}
  base::Awaitable<base::Result<std::uint64_t>> append(const base::RequestContext& context, ConversationId id,
                                                      StoredMessage message,
                                                      std::optional<IdempotencyEntry> once) override;
  base::Awaitable<base::Result<Conversation>> get(const base::RequestContext& context,
                                                  ConversationId id) override;
  base::Awaitable<base::Result<Page<StoredMessage>>> messages(const base::RequestContext& context,
                                                              ConversationId id, PageRequest page) override;
  base::Awaitable<base::Result<std::vector<StoredMessage>>> last(const base::RequestContext& context,
                                                                 ConversationId id,
                                                                 std::uint32_t count) override;
  base::Awaitable<base::Result<Page<Conversation>>> list(const base::RequestContext& context,
                                                         PageRequest page) override;
  base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, ConversationId id) override;
  base::Awaitable<base::Result<std::optional<IdempotencyEntry>>> find_once(
      const base::RequestContext& context, IdempotencyEntry entry) override;

 private:
  Database& db_;
  const base::Clock& clock_;
};

}  // namespace caprock::stores
