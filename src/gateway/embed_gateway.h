#pragma once

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "gateway/pricing/prices.h"
#include "llm/embedder.h"

namespace caprock::gateway {

/// Stands in the way of every embedding call and measures it: how many texts, how long, how often it failed,
/// what it cost (`Usage::billed_nano_usd`, absent where there is no price).
class EmbedGateway final : public llm::Embedder {
 public:
  /// All must outlive the gateway. Without prices only the models inside have a cost: none.
  EmbedGateway(llm::Embedder& last, base::MetricRegistry& metrics, const Prices* prices = nullptr);
  llm::EmbedderInfo info() const override { return last_.info(); }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;
  /// Why the last call failed; empty when it did not, or when there was none yet. Any thread.
  std::string trouble() const;

 private:
  struct Series {
    base::Counter& texts;
    base::Counter& failures;
    base::Histogram& seconds;
  };
  static Series series(base::MetricRegistry& metrics, const char* purpose);

  void price(llm::Usage& usage) const;
  void remember(std::string trouble);

  llm::Embedder& last_;
  const Prices* prices_;
  mutable std::mutex mutex_;
  std::string trouble_;
  std::array<Series, 3> series_;  ///< by EmbedPurpose
};

}  // namespace caprock::gateway
