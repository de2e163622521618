#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "rag/answer/answerer.h"
#include "stores/types.h"

namespace caprock::agent {

/// The outcome of a turn, as the caller and the conversation keep it.
struct ChatReply {
  stores::ConversationId conversation;
  std::uint64_t message_sequence = 0;  ///< of the user's message; the answer's own is not told
  std::string text;
  std::string user;
  base::WallTime at;
  std::string model;
  std::string record_json;  ///< sources, citations, usage, abstention: AnswerRecord as rendered
  bool degraded = false;    ///< the model could not be reached: `text` says so and was not stored
};

// What is told of a turn, in this order; a turn ends with TurnDone or TurnFailed, and nothing else is an end.
struct TurnStarted {
  std::string turn;  ///< takes the turn up again
  stores::ConversationId conversation;
  std::uint64_t message_sequence = 0;
};
struct TurnRetrieved {
  std::string standalone_question;
  std::vector<rag::Passage> passages;
};
struct TurnToken {
  std::string text;
};
struct TurnCitation {
  rag::Citation citation;
};
struct TurnDone {
  ChatReply reply;
};
struct TurnFailed {
  base::Error error;
};
using TurnEvent = std::variant<TurnStarted, TurnRetrieved, TurnToken, TurnCitation, TurnDone, TurnFailed>;

/// About how much memory an event holds, for the bound of a turn's buffer.
std::size_t size_of(const TurnEvent& event);

}  // namespace caprock::agent
