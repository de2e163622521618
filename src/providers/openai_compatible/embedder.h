#pragma once

#include <memory>
#include <string>

#include "llm/embedder.h"
#include "providers/embedding_choice.h"
#include "providers/openai_compatible/server.h"

namespace caprock::providers::openai {

/// POST /embeddings, in batches one after the other. Thread safe.
class RemoteEmbedder final : public llm::Embedder {
 public:
  /// kInvalidArgument with field "embeddings.dimension" when it was not set and the model is not known here.
  static base::Result<std::unique_ptr<llm::Embedder>> make(std::shared_ptr<const Server> server,
                                                           EmbeddingChoice choice);
  llm::EmbedderInfo info() const override { return info_; }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;

 private:
  RemoteEmbedder(std::shared_ptr<const Server> server, EmbeddingChoice choice);

  std::shared_ptr<const Server> server_;
  const EmbeddingChoice choice_;
  const llm::EmbedderInfo info_;
  const std::size_t shortened_;  ///< the dimension to ask for; 0: the model's own
};

}  // namespace caprock::providers::openai
