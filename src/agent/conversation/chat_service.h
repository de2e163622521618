#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/conversation/chat_settings.h"
#include "agent/conversation/turn.h"
#include "base/clock.h"
#include "base/context.h"
#include "rag/answer/answerer.h"
#include "stores/conversation_store.h"

namespace caprock::agent {

/// One message of a user.
struct ChatTurn {
  std::string message;
  std::optional<stores::ConversationId> conversation;  ///< missing: a new one
  std::string model;                                   ///< empty: the setting
  std::string collection = "default";
  std::uint32_t top_k = 5;
  /// route, key and body hash of an Idempotency-Key; `resource` is set by the service.
  std::optional<stores::IdempotencyEntry> once;
};

/// Awaited for every event; an error ends the reading, not the turn.
using TurnSink = std::function<base::Awaitable<base::Result<void>>(const TurnEvent&, std::uint64_t id)>;

/// Conversations: keeps the user's message durably, then asks with the conversation before it, then keeps the
/// answer. A turn runs by itself: its reader may go and come back. Thread safe.
class ChatService {
 public:
  struct Parts {
    const rag::QuestionAnswerer& answerer;
    stores::ConversationStore& conversations;
    const base::Clock& clock;
    boost::asio::any_io_executor executor;  ///< of one loop, where turns run
  };
  ChatService(Parts parts, const ChatSettings& settings);
  ~ChatService();
  ChatService(const ChatService&) = delete;
  ChatService& operator=(const ChatService&) = delete;

  /// Keeps the message and starts the turn; the reader begins at its first event. The same idempotency entry
  /// again gives the same turn, or its stored answer, and adds no message. Errors: kNotFound for an unknown
  /// conversation, kUnprocessable for the key with another body, kConflict (key being started this moment),
  /// kUnavailable with retry_after (too many turns), those of the store.
  base::Awaitable<base::Result<std::unique_ptr<TurnReader>>> start(const base::RequestContext& context,
                                                                   ChatTurn turn);
  /// A running or lately finished turn of the same user, from after event `after` on. kNotFound otherwise.
  base::Awaitable<base::Result<std::unique_ptr<TurnReader>>> follow(const base::RequestContext& context,
                                                                    std::string turn, std::uint64_t after);
  /// start, then every event to `sink` (may be empty) until the end. A turn that failed is its error; a model
  /// that could not be reached is a degraded reply.
  base::Awaitable<base::Result<ChatReply>> turn(const base::RequestContext& context, ChatTurn turn,
                                                TurnSink sink);

  /// Ends the running turns with an error and waits for them. On the executor's thread.
  base::Awaitable<void> stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace caprock::agent
