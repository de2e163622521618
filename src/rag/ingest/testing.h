#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "llm/embedder.h"
#include "stores/search_index.h"

namespace caprock::rag::testing {

/// Two dimensions: the number of letters 'a' and of all other bytes, at unit length. Counts its calls; can be
/// out.
class LetterEmbedder final : public llm::Embedder {
 public:
  llm::EmbedderInfo info() const override {
    return {.fingerprint = "letters", .name = "letters", .dimension = 2, .max_tokens = 99, .batch = 4};
  }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext&,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose) override {
    batches.push_back(texts.size());
    if (out)
      co_return base::failure(base::Error(base::ErrorKind::kUnavailable, "the model is not installed"));
    llm::Embeddings result{.dimension = 2, .values = {}, .usage = {}};
    for (const std::string& text : texts) {
      const auto as = static_cast<float>(std::count(text.begin(), text.end(), 'a'));
      const auto others = static_cast<float>(text.size()) - as;
      const float norm = std::max(1e-6F, std::hypot(as, others));
      result.values.insert(result.values.end(), {as / norm, others / norm});
    }
    co_return result;
  }
  std::vector<std::size_t> batches;
  bool out = false;
};

/// Remember which versions they hold, and nothing else.
class VersionSet {
 public:
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> held;
  std::size_t of(const stores::DocumentId& id, std::uint32_t version) const {
    const auto found = held.find({id.str(), version});
    return found == held.end() ? 0 : found->second;
  }
};

class FakeTextIndex final : public stores::TextIndex, public VersionSet {
 public:
  stores::IndexCapabilities capabilities() const override { return {}; }
  base::Awaitable<base::Result<void>> put(const base::RequestContext&, stores::CollectionKey,
                                          std::vector<stores::TextRecord> records) override {
    if (full) co_return base::failure(base::Error(base::ErrorKind::kOutOfSpace, "the disk is full"));
    for (const auto& r : records) ++held[{r.key.document.str(), r.key.version}];
    co_return base::Result<void>();
  }
  base::Awaitable<base::Result<std::vector<stores::IndexHit>>> search(const base::RequestContext&,
                                                                      stores::CollectionKey,
                                                                      stores::TextQuery) override {
    co_return std::vector<stores::IndexHit>();
  }
  base::Awaitable<base::Result<void>> remove(const base::RequestContext&, stores::CollectionKey,
                                             stores::DocumentId id, std::uint32_t version) override {
    held.erase({id.str(), version});
    co_return base::Result<void>();
  }
  bool full = false;
};

class FakeVectorIndex final : public stores::VectorIndex, public VersionSet {
 public:
  stores::IndexCapabilities capabilities() const override { return {}; }
  base::Awaitable<base::Result<void>> put(const base::RequestContext&, stores::CollectionKey, std::string,
                                          std::vector<stores::VectorRecord> records) override {
    for (const auto& r : records) ++held[{r.key.document.str(), r.key.version}];
    co_return base::Result<void>();
  }
  base::Awaitable<base::Result<std::vector<stores::IndexHit>>> search(const base::RequestContext&,
                                                                      stores::CollectionKey, std::string,
                                                                      stores::VectorQuery) override {
    co_return std::vector<stores::IndexHit>();
  }
  base::Awaitable<base::Result<std::vector<float>>> fetch(const base::RequestContext&, stores::CollectionKey,
                                                          std::string, std::vector<float>,
                                                          std::vector<stores::ChunkKey>) override {
    co_return std::vector<float>();
  }
  base::Awaitable<base::Result<void>> remove(const base::RequestContext&, stores::CollectionKey,
                                             stores::DocumentId id, std::uint32_t version) override {
    held.erase({id.str(), version});
    co_return base::Result<void>();
  }
};

}  // namespace caprock::rag::testing
