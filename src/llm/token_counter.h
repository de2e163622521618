#pragma once

#include <cstdint>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/chat_request.h"

namespace caprock::llm {

struct TokenCount {
  std::int64_t input_tokens = 0;  ///< of everything that is sent: system, tools, messages; cached or not
  bool estimated = false;         ///< nobody counted: by estimate_tokens (llm/token_estimate.h)
};

/// Counts what a request would send to its model, without asking the model. Thread safe. Errors: those of the
/// provider; kInvalidArgument with the field that it cannot express.
class TokenCounter {
 public:
  virtual ~TokenCounter() = default;
  virtual base::Awaitable<base::Result<TokenCount>> count(const base::RequestContext& context,
                                                          ChatRequest request) = 0;
};

}  // namespace caprock::llm
