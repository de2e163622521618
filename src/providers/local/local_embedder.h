#pragma once

#include <memory>

#include "llm/embedder.h"
#include "providers/local/settings.h"

namespace caprock::providers {

/// The embedding model inside: OpenVINO behind libcaprock_embed.so, loaded at the first text. Queries and
/// passages have threads and sessions of their own, and passages run at lower priority, so that a question
/// does not wait for ingestion. Thread safe. Errors besides llm::Embedder's: kUnavailable with retry_after
/// when its queue is full; kCancelled and kDeadlineExceeded between batches.
class LocalEmbedder final : public llm::Embedder {
 public:
  /// kInvalidArgument naming the setting. Looks at no file.
  static base::Result<std::unique_ptr<LocalEmbedder>> make(const LocalEmbedderSettings& settings);
  /// The model whose vectors have this fingerprint, whichever the settings choose; null when none here has.
  static std::unique_ptr<LocalEmbedder> make_for(const std::string& fingerprint,
                                                 LocalEmbedderSettings settings);
  ~LocalEmbedder() override;

  llm::EmbedderInfo info() const override;
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;
  /// Loads the model now: for start-up and `doctor`. The name of the variant in use, or what is missing.
  base::Awaitable<base::Result<std::string>> load(const base::RequestContext& context);

 private:
  struct State;
  explicit LocalEmbedder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace caprock::providers
