#pragma once

#include "base/metrics.h"
#include "llm/embedder.h"

namespace caprock::gateway {

/// Stands in the way of every embedding call and measures it: how many texts, how long, how often it failed.
class EmbedGateway final : public llm::Embedder {
 public:
  /// `last` must outlive the gateway.
  EmbedGateway(llm::Embedder& last, base::MetricRegistry& metrics);
  llm::EmbedderInfo info() const override { return last_.info(); }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;

 private:
  struct Series {
    base::Counter& texts;
    base::Counter& failures;
    base::Histogram& seconds;
  };
  static Series series(base::MetricRegistry& metrics, const char* purpose);

  llm::Embedder& last_;
  Series queries_;
  Series passages_;
};

}  // namespace caprock::gateway
