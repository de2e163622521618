#pragma once

#include <boost/json/fwd.hpp>

#include "llm/message.h"
#include "stores/conversation_store.h"

namespace caprock::server::rest {

boost::json::object conversation_json(const stores::Conversation& conversation);
/// Role, content blocks, and for an answer its sources and citations.
boost::json::object message_json(const stores::StoredMessage& message);
/// A block under its Converse name: {"text"}, {"toolUse"}, {"toolResult"}, {"reasoningContent"}, …; bytes of
/// images and documents are left out.
boost::json::object block_json(const llm::ContentBlock& block);

}  // namespace caprock::server::rest
