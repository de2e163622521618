#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llm/embedder.h"

namespace caprock::bench {

/// Remembers every vector: the same sentences are compared with many questions. For one thread of the loop.
class CachingEmbedder final : public llm::Embedder {
 public:
  explicit CachingEmbedder(llm::Embedder& inner) : inner_(inner) {}
  llm::EmbedderInfo info() const override { return inner_.info(); }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose purpose) override {
    std::vector<std::string> unknown;
    for (const std::string& text : texts) {
      if (!known_.contains({purpose, text})) unknown.push_back(text);
    }
    if (!unknown.empty()) {
      auto fresh = co_await inner_.embed(context, unknown, purpose);
      if (!fresh) co_return base::failure(std::move(fresh).error());
      dimension_ = fresh->dimension;
      for (std::size_t i = 0; i < unknown.size(); ++i) {
        known_[{purpose, unknown[i]}].assign(fresh->row(i).begin(), fresh->row(i).end());
      }
    }
    llm::Embeddings out{.dimension = dimension_};
    for (const std::string& text : texts) {
      const std::vector<float>& row = known_.at({purpose, text});
      out.values.insert(out.values.end(), row.begin(), row.end());
    }
    co_return out;
  }

 private:
  llm::Embedder& inner_;
  std::size_t dimension_ = 0;
  std::map<std::pair<llm::EmbedPurpose, std::string>, std::vector<float>> known_;
};

}  // namespace caprock::bench
