#pragma once

#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"

namespace caprock::llm {

/// Scores passages against a query, higher is better, one score a passage in the same order. Thread safe.
class Reranker {
 public:
  virtual ~Reranker() = default;
  virtual base::Awaitable<base::Result<std::vector<double>>> rerank(const base::RequestContext& context,
                                                                    std::string query,
                                                                    std::vector<std::string> passages) = 0;
};

}  // namespace caprock::llm
