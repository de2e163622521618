#pragma once

#include <string_view>

#include "llm/reranker.h"

namespace caprock::rag {

/// How exactly a passage says what the question says, 0–1: pairs of the question's words that stand side by
/// side, all its words close together, and its numbers. Pure.
double exactness(std::string_view question, std::string_view passage);

/// Reorders without a model, by `exactness` added to the order the passages come in.
class LocalReranker final : public llm::Reranker {
 public:
  base::Awaitable<base::Result<std::vector<double>>> rerank(const base::RequestContext& context,
                                                            std::string query,
                                                            std::vector<std::string> passages) override;
};

}  // namespace caprock::rag
