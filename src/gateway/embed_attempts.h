#pragma once

#include <memory>
#include <string>

#include "gateway/attempts.h"
#include "gateway/usage.h"
#include "llm/embedder.h"

namespace caprock::gateway {

/// An embedding model of a provider behind attempts and account: asked again where that can help, never
/// elsewhere, for vectors of another model do not compare. A batch is asked again whole. Thread safe.
class EmbedAttempts final : public llm::Embedder {
 public:
  /// `surface` is a constant; `attempts` must outlive it. The model's name is that of its info.
  EmbedAttempts(std::unique_ptr<llm::Embedder> last, Attempts& attempts, std::shared_ptr<UsageSink> sink,
                std::string_view surface)
      : last_(std::move(last)), attempts_(attempts), sink_(std::move(sink)), surface_(surface) {}
  llm::EmbedderInfo info() const override { return last_->info(); }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;

 private:
  const std::unique_ptr<llm::Embedder> last_;
  Attempts& attempts_;
  const std::shared_ptr<UsageSink> sink_;
  const std::string_view surface_;
};

}  // namespace caprock::gateway
