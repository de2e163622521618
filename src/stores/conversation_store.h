#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/message.h"
#include "stores/document_store.h"
#include "stores/types.h"

namespace caprock::stores {

/// A stored message: content blocks, so that tool results and reasoning signatures survive.
struct StoredMessage {
  std::uint64_t sequence = 0;  ///< from 1, without gaps, within the conversation
  llm::Message message;
  std::string user;
  std::string model;  ///< that answered; empty for a user's message
  base::WallTime at;
  std::string extra_json;  ///< citations and sources of an answer, as rendered
};

struct Conversation {
  ConversationId id;
  std::string user;
  std::string title;  ///< the first words of the first message
  std::uint64_t messages = 0;
  base::WallTime created_at;
  base::WallTime updated_at;
};

/// Conversations of the context's tenant and user (another user's are kNotFound). Thread safe; durable when a
/// call returns; errors as of DocumentStore.
class ConversationStore {
 public:
  virtual ~ConversationStore() = default;
  /// Appends and gives the sequence number; makes the conversation when `id` is new. With the idempotency
  /// entry of an earlier append nothing is written and that message's number is given.
  virtual base::Awaitable<base::Result<std::uint64_t>> append(const base::RequestContext& context,
                                                              ConversationId id, StoredMessage message,
                                                              std::optional<IdempotencyEntry> once) = 0;
  virtual base::Awaitable<base::Result<Conversation>> get(const base::RequestContext& context,
                                                          ConversationId id) = 0;
  /// Oldest first.
  virtual base::Awaitable<base::Result<Page<StoredMessage>>> messages(const base::RequestContext& context,
                                                                      ConversationId id,
                                                                      PageRequest page) = 0;
  /// The last `count`, oldest first: the window of a turn.
  virtual base::Awaitable<base::Result<std::vector<StoredMessage>>> last(const base::RequestContext& context,
                                                                         ConversationId id,
                                                                         std::uint32_t count) = 0;
  /// Newest first.
  virtual base::Awaitable<base::Result<Page<Conversation>>> list(const base::RequestContext& context,
                                                                 PageRequest page) = 0;
  virtual base::Awaitable<base::Result<void>> remove(const base::RequestContext& context,
                                                     ConversationId id) = 0;
  /// What an earlier request under the same key made; empty when there was none; kUnprocessable for another
  /// body.
  virtual base::Awaitable<base::Result<std::optional<IdempotencyEntry>>> find_once(
      const base::RequestContext& context, IdempotencyEntry entry) = 0;
};

}  // namespace caprock::stores
