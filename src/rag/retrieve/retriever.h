#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/settings.h"
#include "llm/embedder.h"
#include "llm/reranker.h"
#include "rag/vectors/serving_models.h"
#include "stores/chunk_store.h"
#include "stores/document_store.h"
#include "stores/search_index.h"

namespace caprock::rag {

struct RetrieveSettings {
  std::string fusion = "weighted";                 ///< or "rrf"
  std::vector<std::string> fusion_of_collections;  ///< "collection=rrf"
  double dense_weight = 0.5;                       ///< a of a·dense + (1−a)·bm25
  double rrf_k = 60;
  std::int64_t candidates = 100;      ///< of each index before fusion
  double similarity_threshold = 0.0;  ///< raw cosine below which a vector hit alone does not count
  bool rerank = false;
  base::SettingsSection describe();
  /// kInvalidArgument for an entry of fusion_of_collections that is none.
  base::Result<void> check() const;
};

struct RetrieveRequest {
  std::string query;
  std::string collection = "default";
  std::uint32_t top_k = 5;
  std::shared_ptr<const stores::Filter> filter;
  bool use_vectors = true;  ///< false: BM25 only
};

/// One passage that was found, with everything a reader or an answerer needs.
struct Passage {
  stores::ChunkKey key;
  stores::Chunk chunk;
  std::string title;
  std::string source;
  std::shared_ptr<const stores::Metadata> metadata;
  double score = 0;                          ///< fused, 0–1
  double bm25 = 0;                           ///< raw; 0 when it was no text hit
  std::optional<double> cosine;              ///< raw; missing without vectors
  std::optional<std::uint32_t> text_rank;    ///< from 1
  std::optional<std::uint32_t> vector_rank;  ///< from 1
};

struct RetrieveTimings {
  double embed_ms = 0;
  double text_ms = 0;
  double vector_ms = 0;
  double fuse_ms = 0;
  double load_ms = 0;
};

struct Retrieval {
  std::vector<Passage> passages;  ///< best first
  RetrieveTimings timings;
  llm::Usage usage;
  /// Why vectors were not used ("the embedding model is not installed") or not all passages have one; or
  /// empty.
  std::string degraded;
  std::vector<float> query_vector;             ///< empty without vectors
  std::shared_ptr<llm::Embedder> query_model;  ///< that made it; null without
};

/// What surfaces and tools need of a retriever; tests script it. Thread safe. Errors: those of the stores;
/// kInvalidArgument for top_k above an engine's maximum (the message says which).
class PassageFinder {
 public:
  virtual ~PassageFinder() = default;
  virtual base::Awaitable<base::Result<Retrieval>> retrieve(const base::RequestContext& context,
                                                            RetrieveRequest request) const = 0;
};

/// Hybrid search over one collection: BM25 and vectors side by side, fused, joined with what is visible.
class Retriever final : public PassageFinder {
 public:
  struct Parts {
    stores::DocumentStore& documents;
    stores::ChunkStore& chunks;
    stores::TextIndex& text;
    stores::VectorIndex& vectors;
    const ServingModels* models;  ///< null: BM25 only
    llm::Reranker* reranker;      ///< null: none
  };
  Retriever(Parts parts, RetrieveSettings settings);
  base::Awaitable<base::Result<Retrieval>> retrieve(const base::RequestContext& context,
                                                    RetrieveRequest request) const override;

 private:
  Parts parts_;
  RetrieveSettings settings_;
  std::map<std::string, bool, std::less<>> by_ranks_;  ///< of collections that have a fusion of their own
};

}  // namespace caprock::rag
