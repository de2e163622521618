#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "llm/embedder.h"

namespace caprock::bench {

/// Remembers every vector, in memory and in a file that the next run reads: the same texts are embedded by
/// many sets, and the model takes minutes for them. A file belongs to one fingerprint of a model; within it a
/// vector is found by the hash of purpose and text. For one thread.
class EmbeddingCache final : public llm::Embedder {
 public:
  EmbeddingCache(llm::Embedder& inner, const std::filesystem::path& folder);
  /// Variants of a model share their fingerprint. This embeds one text, and when its vector is another than
  /// the file has, forgets the file. To be awaited before the first use.
  base::Awaitable<base::Result<void>> check(const base::RequestContext& context);
  llm::EmbedderInfo info() const override { return inner_.info(); }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override;

 private:
  using Key = std::array<std::uint8_t, 32>;
  static Key key_of(const std::string& text, llm::EmbedPurpose purpose);
  void load();
  void forget();
  void keep(const Key& key, std::span<const float> row);

  llm::Embedder& inner_;
  std::size_t dimension_;
  std::filesystem::path path_;
  std::map<Key, std::vector<float>> known_;
  std::ofstream file_;
};

}  // namespace caprock::bench
