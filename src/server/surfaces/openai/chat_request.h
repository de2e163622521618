#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::server::openai {

/// The body of POST /v1/chat/completions.
struct ChatBody {
  llm::ChatRequest request;
  bool include_usage = false;        ///< of a stream
  std::vector<std::string> ignored;  ///< members that nobody knows
};

/// kInvalidArgument with the path as OpenAI writes it ("messages[1].content[0].type"). What OpenAI knows and
/// we do not do (logprobs, n above 1, audio out, stored completions, …) is refused by name.
/// https://platform.openai.com/docs/api-reference/chat/create
base::Result<ChatBody> read_chat_body(const boost::json::value& body);

}  // namespace caprock::server::openai
