#pragma once

#include <boost/json/array.hpp>

#include "base/result.h"
#include "llm/chat_request.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// `messages` of a chat completion. Results of tools become messages of their own, before what else the turn
/// says. kInvalidArgument with the path of what the dialect cannot say ("messages[1].content[0].document").
base::Result<boost::json::array> encode_messages(const Dialect& dialect, const llm::ChatRequest& request);

/// The one answer to everything that a dialect has no words for.
base::Error not_expressible(const Dialect& dialect, std::string field);

}  // namespace caprock::providers::openai
