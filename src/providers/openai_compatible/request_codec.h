#pragma once

#include <string>

#include "base/result.h"
#include "llm/chat_request.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// The body of POST /chat/completions for `model`, the id as the server knows it. Only what the caller set is
/// in it. kInvalidArgument with the path of what the dialect cannot say, and for JSON texts of the request
/// that are none. https://platform.openai.com/docs/api-reference/chat/create
base::Result<std::string> encode_request(const Dialect& dialect, const std::string& model,
                                         const llm::ChatRequest& request);

}  // namespace caprock::providers::openai
