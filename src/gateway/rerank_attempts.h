#pragma once

#include <memory>
#include <string>

#include "gateway/attempts.h"
#include "gateway/usage.h"
#include "llm/reranker.h"

namespace caprock::gateway {

/// A reranking model behind attempts and account, as EmbedAttempts. Thread safe.
class RerankAttempts final : public llm::Reranker {
 public:
  /// `model` with its provider before it; `last` and `attempts` must outlive it.
  RerankAttempts(llm::Reranker& last, std::string model, Attempts& attempts, std::shared_ptr<UsageSink> sink)
      : last_(last), model_(std::move(model)), attempts_(attempts), sink_(std::move(sink)) {}
  base::Awaitable<base::Result<std::vector<double>>> rerank(const base::RequestContext& context,
                                                            std::string query,
                                                            std::vector<std::string> passages) override;

 private:
  llm::Reranker& last_;
  const std::string model_;
  Attempts& attempts_;
  const std::shared_ptr<UsageSink> sink_;
};

}  // namespace caprock::gateway
