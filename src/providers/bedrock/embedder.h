#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llm/embedder.h"
#include "providers/bedrock/caller.h"
#include "providers/bedrock/embedding_codec.h"
#include "providers/embedding_choice.h"

namespace caprock::providers::bedrock {

/// Embeddings by InvokeModel: as many texts in a call as the model takes, as many calls at once as
/// `side_by_side` allows. Blank texts are not sent; their vectors are zero. Thread safe.
class BedrockEmbedder final : public llm::Embedder {
 public:
  /// The errors of embedding_model.
  static base::Result<std::unique_ptr<llm::Embedder>> make(std::shared_ptr<Caller> caller,
                                                           EmbeddingChoice choice, std::size_t side_by_side);
  llm::EmbedderInfo info() const override { return info_; }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;

 private:
  struct Batch;
  BedrockEmbedder(std::shared_ptr<Caller> caller, EmbeddingChoice choice, EmbeddingModel model,
                  std::size_t side_by_side);
  base::Awaitable<base::Result<void>> work(const base::RequestContext& context, Batch& batch) const;
  base::Awaitable<base::Result<void>> call(const base::RequestContext& context, Batch& batch,
                                           std::size_t first) const;

  const std::shared_ptr<Caller> caller_;
  const EmbeddingChoice choice_;
  const EmbeddingModel model_;
  const std::size_t side_by_side_;
  const llm::EmbedderInfo info_;
};

}  // namespace caprock::providers::bedrock
